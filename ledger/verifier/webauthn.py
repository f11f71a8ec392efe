"""Passkeys: who enrolled them, and assertions over a manifest (WebAuthn Level 3 §7.2)."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ledger.verifier.envelope import base64url
from ledger.verifier.notes import verify_ed25519
from ledger.verifier.strict_json import JsonError, loads

ES256, EDDSA, RS256 = -7, -8, -257
_ASSERTION_FIELDS = {"authenticator_data", "client_data", "credential_id", "signature"}
_USER_PRESENT, _USER_VERIFIED = 0x01, 0x04


class Passkey(NamedTuple):
    """A passkey as it was enrolled."""

    user: str
    algorithm: int
    public_key: bytes  # SubjectPublicKeyInfo, DER


class Passkeys:
    """The passkeys of all users, as their enrolments and revocations are fed in order."""

    def __init__(self) -> None:
        self._known: dict[str, Passkey] = {}
        self._unfit: set[str] = set()  # exchanged: enrolled again with another key or user
        self._revoked: set[str] = set()

    def enrol(self, user: str, payload: dict[str, Any]) -> bool:
        """Take a `credential.mfa_enrolled` of `user`; false if it enrols a passkey badly."""
        if payload.get("kind") != "passkey":
            return True
        told, key = payload.get("credential_id"), base64url(payload.get("public_key"))
        if not base64url(told) or not key or payload.get("alg") not in (ES256, EDDSA, RS256):
            return False
        made = Passkey(user, payload["alg"], key)
        if self._known.setdefault(str(told), made) != made:
            self._unfit.add(str(told))
        self._revoked.discard(str(told))
        return True

    def revoke(self, payload: dict[str, Any]) -> None:
        """Take a `credential.mfa_revoked`."""
        self._revoked.add(str(payload.get("credential_id")))

    def of(self, user: str, credential_id: Any) -> Passkey | None:
        """Return the passkey that `user` can sign with now under this id, or None."""
        if not isinstance(credential_id, str) or credential_id in self._unfit | self._revoked:
            return None
        found = self._known.get(credential_id)
        return found if found is not None and found.user == user else None


def assertion_fault(
    assertion: dict[str, Any], manifest: bytes, rp_id: str, passkey: Passkey
) -> str | None:
    """Say why the assertion is not by `passkey` for these manifest bytes; None if it is."""
    if assertion.keys() != _ASSERTION_FIELDS:
        return "its fields are not those of an assertion"
    authenticator, client, signature = (
        base64url(assertion[field])
        for field in ("authenticator_data", "client_data", "signature")
    )
    if authenticator is None or client is None or signature is None:
        return "it is not base64url"
    fault = _authenticator_fault(authenticator, rp_id) or _client_fault(client, manifest, rp_id)
    if fault:
        return fault
    message = authenticator + hashlib.sha256(client).digest()
    if not verify_passkey(passkey, signature, message):
        return "its signature is not valid"
    return None


def _authenticator_fault(data: bytes, rp_id: str) -> str | None:
    if len(data) < 37:  # WebAuthn §6.1: rpIdHash 32, flags 1, signCount 4
        return "its authenticator data is too short"
    if data[:32] != hashlib.sha256(rp_id.encode()).digest():
        return "it was made for another site"
    if not data[32] & _USER_PRESENT or not data[32] & _USER_VERIFIED:
        return "the user was not present and verified"
    return None


def _client_fault(data: bytes, manifest: bytes, rp_id: str) -> str | None:
    try:
        client = loads(data)
    except JsonError as error:
        return str(error)
    if type(client) is not dict or client.get("type") != "webauthn.get":
        return "it is no assertion"
    if base64url(client.get("challenge")) != hashlib.sha256(manifest).digest():
        return "it was made for another manifest"
    if client.get("crossOrigin", False) is not False or not _is_origin_of(client, rp_id):
        return "it was made on another site"
    return None


def _is_origin_of(client: dict[str, Any], rp_id: str) -> bool:
    """Tell whether the page's origin may use `rp_id`: its host, or one below it (§13.4.9)."""
    origin = client.get("origin")
    if not isinstance(origin, str):
        return False
    try:
        parts = urlsplit(origin)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme != "https" and (parts.scheme, host) != ("http", "localhost"):
        return False
    if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        return False
    return host == rp_id or host.endswith("." + rp_id)


def verify_passkey(passkey: Passkey, signature: bytes, message: bytes) -> bool:
    """Tell whether `signature` of `message` is by the passkey, with the algorithm enrolled."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        key = load_der_public_key(passkey.public_key)
        if passkey.algorithm == EDDSA and isinstance(key, ed25519.Ed25519PublicKey):
            return verify_ed25519(key.public_bytes_raw(), signature, message)
        if passkey.algorithm == ES256 and isinstance(key, ec.EllipticCurvePublicKey):
            if not isinstance(key.curve, ec.SECP256R1):
                return False
            key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        elif passkey.algorithm == RS256 and isinstance(key, rsa.RSAPublicKey):
            if key.key_size < 2048:
                return False
            key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True
