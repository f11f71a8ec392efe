"""Signatures of people: what was signed, whether it is the sealed record, by whom and when.

Everything is fed in order of sealing time over all streams, so that "before" means before.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from ledger.verifier.envelope import (
    MICROSECONDS,
    base64url,
    is_count,
    is_hex64,
    is_reference,
    time_us,
)
from ledger.verifier.findings import Finding
from ledger.verifier.notes import is_origin
from ledger.verifier.strict_json import JsonError, read_object
from ledger.verifier.webauthn import Passkeys, assertion_fault

if TYPE_CHECKING:
    from collections.abc import Container

MANIFEST_FIELDS = frozenset({
    "expires_at", "issued_at", "items", "meaning", "nonce", "printed_name", "rp_id", "schema",
    "signer", "statement", "stream", "time_zone",
})  # fmt: skip
ITEM_FIELDS = frozenset({"content_hash", "displayed_hash", "record_id", "version"})
MEANINGS = frozenset({"authorship", "review", "approval", "responsibility", "disapproval"})
SIGNATURE_SCHEMA = "signature.manifest/1"
MAX_WINDOW_US = 120 * MICROSECONDS
_ZONE = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*\Z")
_CONFLICT = b""


class Place(NamedTuple):
    """An entry: of which stream, and its sequence number there."""

    origin: str
    seq: int


class Signatures:
    """Judges signatures while events are fed; findings go to the stream of each.

    `wanted` limits the record versions that are remembered to those that some signature is
    about (`wanted_versions`); without it, memory grows by about 200 bytes for each version.
    """

    def __init__(self, wanted: Container[bytes] | None = None) -> None:
        self.findings: list[tuple[str, Finding]] = []  # origin, finding
        self._wanted = wanted
        self._sealed: dict[bytes, bytes] = {}  # version key: content hash
        self._passkeys = Passkeys()
        self._nonces: set[str] = set()  # each has one form

    def feed(self, origin: str, seq: int, event: dict[str, Any]) -> None:
        """Take any event, in order of sealing time over all streams."""
        place, payload = Place(origin, seq), event["payload"]
        if event["event"] == "signature.applied":
            self._signature(place, event, payload)
        elif event["event"] == "credential.mfa_enrolled":
            if not self._passkeys.enrol(event["subject"], payload):
                self._add(place, "L304", "It enrols a passkey of another form.")
        elif event["event"] == "credential.mfa_revoked":
            self._passkeys.revoke(payload)
        self._seal(payload)

    def _seal(self, payload: dict[str, Any]) -> None:
        version = sealed_version(payload)
        if version is None or (self._wanted is not None and version[0] not in self._wanted):
            return
        key, content = version
        if self._sealed.setdefault(key, content) != content:
            self._sealed[key] = _CONFLICT

    def _signature(self, place: Place, event: dict[str, Any], payload: dict[str, Any]) -> None:
        manifest, fault = read_signed(payload)
        if manifest is None:
            self._add(place, "L601", f"Its manifest is not as specified: {fault}.")
            return
        if manifest["stream"] != place.origin:
            self._add(place, "L601", "Its manifest is that of another stream.")
        if manifest["signer"] != event["actor"]:
            self._add(place, "L604", "The signer of the manifest is not who acted.")
        if manifest["nonce"] in self._nonces:
            self._add(place, "L603", "Its nonce was used before.")
        self._nonces.add(manifest["nonce"])
        if not _in_window(manifest, event["at"]):
            self._add(place, "L607", "It was applied outside the time that was given for it.")
        for item in manifest["items"]:
            self._item(place, item)
        self._assertion(place, manifest, payload)

    def _item(self, place: Place, item: dict[str, Any]) -> None:
        sealed = self._sealed.get(version_key(item["record_id"], item["version"]))
        if sealed != bytes.fromhex(item["content_hash"]):
            self._add(place, "L602", "What it signs is not the record that was sealed.")

    def _assertion(
        self, place: Place, manifest: dict[str, Any], payload: dict[str, Any]
    ) -> None:
        assertion = payload["webauthn"]
        if assertion is None:
            if "passkey" in payload["components"]:
                self._add(place, "L605", "It names a passkey and holds no assertion.")
            else:
                self._add(place, "N907", "It was applied without a passkey.")
            return
        passkey = self._passkeys.of(manifest["signer"], assertion.get("credential_id"))
        if passkey is None:
            self._add(place, "L606", "Its passkey is not enrolled, exchanged or revoked.")
            return
        text = payload["manifest"].encode()
        fault = assertion_fault(assertion, text, manifest["rp_id"], passkey)
        if fault:
            self._add(place, "L605", f"Its assertion is not valid: {fault}.")

    def _add(self, place: Place, code: str, message: str) -> None:
        self.findings.append((place.origin, Finding(place.seq, code, message)))


def version_key(record_id: str, version: int) -> bytes:
    """Return the 16 bytes that stand for a version of a record."""
    return hashlib.sha256(f"{version} {record_id}".encode()).digest()[:16]


def sealed_version(payload: dict[str, Any]) -> tuple[bytes, bytes] | None:
    """Return key and content hash of the record version that a payload seals, or None."""
    record, version = payload.get("record_id"), payload.get("version")
    content = payload.get("content_hash")
    if not isinstance(record, str) or not is_count(version) or not is_hex64(content):
        return None
    return version_key(record, int(payload["version"])), bytes.fromhex(str(content))


def wanted_versions(event: dict[str, Any]) -> set[bytes]:
    """Return the keys of the record versions that a `signature.applied` is about."""
    manifest, _ = read_signed(event["payload"])
    if manifest is None:
        return set()
    return {version_key(item["record_id"], item["version"]) for item in manifest["items"]}


def read_signed(payload: dict[str, Any]) -> tuple[dict[str, Any] | None, str]:
    """Return the manifest of a signature's payload, or None and what is wrong."""
    components, assertion = payload.get("components"), payload.get("webauthn", "")
    if type(components) is not list or not all(isinstance(c, str) for c in components):
        return None, "its components are not a list of names"
    if assertion is not None and type(assertion) is not dict:
        return None, "its assertion has another form"
    if not isinstance(payload.get("manifest"), str):
        return None, "it is not text"
    try:
        manifest = read_object(payload["manifest"].encode())
    except JsonError as error:
        return None, str(error)
    fault = _manifest_fault(manifest)
    return (None, fault) if fault else (manifest, "")


def _manifest_fault(manifest: dict[str, Any]) -> str | None:
    if manifest.keys() != MANIFEST_FIELDS or manifest["schema"] != SIGNATURE_SCHEMA:
        return "its fields are not those of a manifest"
    texts = ("printed_name", "rp_id", "statement", "time_zone", "stream", "meaning")
    if not all(isinstance(manifest[name], str) and manifest[name] for name in texts):
        return "a field is not text, or empty"
    if manifest["meaning"] not in MEANINGS or not is_reference(manifest["signer"]):
        return "its meaning or signer has another form"
    return _place_fault(manifest)


def _place_fault(manifest: dict[str, Any]) -> str | None:
    if not is_origin(manifest["stream"]) or not _ZONE.match(manifest["time_zone"]):
        return "its stream or time zone has another form"
    if len(base64url(manifest["nonce"]) or b"") != 32:
        return "its nonce is not 32 bytes"
    if time_us(manifest["issued_at"]) is None or time_us(manifest["expires_at"]) is None:
        return "a time has another form"
    items = manifest["items"]
    if type(items) is not list or not items or not all(_is_item(item) for item in items):
        return "its items have another form"
    return None


def _is_item(item: Any) -> bool:
    if type(item) is not dict or item.keys() != ITEM_FIELDS:
        return False
    if not is_hex64(item["content_hash"]) or not is_hex64(item["displayed_hash"]):
        return False
    return isinstance(item["record_id"], str) and is_count(item["version"])


def _in_window(manifest: dict[str, Any], at: str) -> bool:
    issued, expires = time_us(manifest["issued_at"]), time_us(manifest["expires_at"])
    applied = time_us(at)
    if issued is None or expires is None or applied is None:
        return False
    return expires - issued <= MAX_WINDOW_US and issued <= applied <= expires
