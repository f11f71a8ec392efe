"""What the record shows about people, roles and signatures; queries over entries alone."""

from collections.abc import Iterable, Iterator
from typing import Any

import ledger
from accounts import retention_controls
from accounts.events import (
    SignatureApplied,
    UserCreated,
    UserDeactivated,
    UserRoleGranted,
    UserRoleRevoked,
)

__all__ = ["retention_controls"]  # found by this module's name, with what it declares

MEANINGS = frozenset({"authorship", "review", "approval", "responsibility", "disapproval"})
STATED = ("printed_name", "issued_at", "time_zone", "meaning", "signer", "items")
LEAST_COMPONENTS = 2  # 21 CFR 11.200(a)(1): at least two distinct components
SETUP = "system:setup"
ADMINISTRATOR = "administrator"

Entries = Iterable[ledger.Record]
Findings = Iterator[ledger.Finding]


def _finding(entry: ledger.Record, reason: str) -> ledger.Finding:
    return ledger.Finding(entry.sequence, reason, entry.stream)


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
            yield _finding(entry, f"was signed without {', '.join(absent)}")
        elif manifest["meaning"] not in MEANINGS:
            yield _finding(entry, "was signed with a meaning that is none")
        elif manifest["signer"] != entry.actor:
            yield _finding(entry, "names another signer than the person who acted")


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
            yield _finding(entry, "was signed with fewer than two components")
        if entry.origin.get("session") is None:
            yield _finding(entry, "was signed outside a session")
        nonce = _manifest(entry).get("nonce", "")
        if nonce in used:
            yield _finding(entry, "uses an authorisation that was used before")
        used.add(nonce)


@ledger.control("unique_user_ids", title="One account, one person", judges={UserCreated.name})
def unique_user_ids(entries: Entries) -> Findings:
    """No two accounts have the same name, however it is written (11.100(a), 11.300(a))."""
    seen: set[str] = set()
    for entry in entries:
        if entry.event == UserCreated.name:
            account = entry.payload["account"].casefold().strip()
            if account in seen:
                yield _finding(entry, "gives an account name that was given before")
            seen.add(account)


@ledger.control(
    "no_reused_identifiers", title="No identifier is given again", judges={UserCreated.name}
)
def no_reused_identifiers(entries: Entries) -> Findings:
    """Whoever left keeps their identifier: nobody else ever gets it (11.100(a))."""
    owners: dict[str, str] = {}
    for entry in entries:
        if entry.event == UserCreated.name:
            account = entry.payload["account"].casefold().strip()
            for name in (account, entry.payload["person_id"]):
                if owners.setdefault(name, entry.subject) != entry.subject:
                    yield _finding(entry, "reuses the identifier of another person")


@ledger.control(
    "grants_authorised",
    title="Every role was given by somebody entitled to",
    judges={UserRoleGranted.name},
)
def grants_authorised(entries: Entries) -> Findings:
    """Roles are given by another person, who was an administrator; set-up gives the first."""
    administrators: dict[str, str] = {}  # membership -> person
    for entry in entries:
        told = entry.payload
        if entry.event == UserRoleGranted.name:
            by = told["authorised_by"]
            if by == entry.subject:
                yield _finding(entry, "was given by its own holder")
            elif by == SETUP and administrators:
                yield _finding(entry, "was given by set-up although an administrator existed")
            elif by != SETUP and by not in administrators.values():
                yield _finding(entry, "was given by somebody who was no administrator")
            if told["role"] == ADMINISTRATOR:
                administrators[told["membership_id"]] = entry.subject
        elif entry.event == UserRoleRevoked.name:
            administrators.pop(told["membership_id"], None)


@ledger.control(
    "leaver_access",
    title="Nobody acts after their access was closed",
    judges={UserDeactivated.name},
)
def leaver_access(entries: Entries) -> Findings:
    """No entry after a deactivation has the person as its actor (11.10(d), 164.308(a)(3))."""
    closed: set[str] = set()
    for entry in entries:
        if entry.actor in closed:
            yield _finding(entry, "was done by somebody whose access had been closed")
        if entry.event == UserDeactivated.name:
            closed.add(entry.subject)
