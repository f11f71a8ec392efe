"""What the record shows about signatures; queries over entries alone."""

from typing import Any

import ledger
from accounts.controls.base import Entries, Findings, finding
from accounts.events.signing import SignatureApplied

MEANINGS = frozenset({"authorship", "review", "approval", "responsibility", "disapproval"})
STATED = ("printed_name", "issued_at", "time_zone", "meaning", "signer", "items")
LEAST_COMPONENTS = 2  # 21 CFR 11.200(a)(1): at least two distinct components


def _manifest(entry: ledger.Record) -> dict[str, Any]:
    """Return the manifest that was signed; empty if its bytes are none."""
    try:
        manifest: dict[str, Any] = ledger.parse(entry.payload["manifest"].encode())
    except ledger.CanonicalError:
        return {}
    return manifest


@ledger.control(
    "signature_manifest",
    title="Every signature says who, when and why",
    judges={SignatureApplied.name},
)
def signature_manifest(entries: Entries) -> Findings:
    """Each signature carries the signer's printed name, the time and the meaning (11.50(a))."""
    for entry in entries:
        if entry.event != SignatureApplied.name:
            continue
        manifest = _manifest(entry)
        absent = [name.replace("_", " ") for name in STATED if not manifest.get(name)]
        if absent:
            yield finding(entry, f"was signed without {', '.join(absent)}")
        elif manifest["meaning"] not in MEANINGS:
            yield finding(entry, "was signed with a meaning that is none")
        elif manifest["signer"] != entry.actor:
            yield finding(entry, "names another signer than the person who acted")


@ledger.control(
    "signature_components",
    title="Every signature took two components, in a session, once",
    judges={SignatureApplied.name},
)
def signature_components(entries: Entries) -> Findings:
    """At least two distinct components and one session each; no nonce twice (11.200(a))."""
    used: set[str] = set()
    for entry in entries:
        if entry.event != SignatureApplied.name:
            continue
        if len(set(entry.payload["components"])) < LEAST_COMPONENTS:
            yield finding(entry, "was signed with fewer than two components")
        if entry.origin.get("session") is None:
            yield finding(entry, "was signed outside a session")
        nonce = _manifest(entry).get("nonce", "")
        if nonce in used:
            yield finding(entry, "uses an authorisation that was used before")
        used.add(nonce)
