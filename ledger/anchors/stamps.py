"""Read a time stamp (RFC 3161) and believe it only if an authority that we trust made it."""

from __future__ import annotations

import hashlib
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from rfc3161_client import PKIStatus, VerificationError, VerifierBuilder
from rfc3161_client import decode_timestamp_response as decode

from ledger.anchors.base import AnchorError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

MAX_BYTES = 64 << 10
_HASHES = {  # RFC 5754 §2; what is weaker is not read
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}


class StampError(AnchorError):
    """A time stamp that proves nothing here; the sentence says why."""


@dataclass(frozen=True)
class Stamp:
    """What a token proves: its message existed `at` that time.

    `until` is the end of the authority's certificate, `algorithms` what the token rests on,
    as "sha256" and "rsa-2048"; both bound how long it is believed unless it is renewed.
    """

    token: bytes
    at: datetime
    until: datetime
    algorithms: frozenset[str]
    authority: str


def load_certificates(pem: bytes) -> list[x509.Certificate]:
    """Return the certificates of a PEM file; raise ValueError if there are none."""
    return x509.load_pem_x509_certificates(pem)


def read_stamp(
    token: bytes,
    message: bytes,
    trusted: Sequence[x509.Certificate],
    *,
    nonce: int | None = None,
    policy: str | None = None,
) -> Stamp:
    """Return what `token`, a TimeStampResp (DER), proves about `message`.

    The certificate chain must lead to one of `trusted` and hold at the time of the stamp.
    Where `nonce` or `policy` are given, the token must carry them.  Raises StampError.
    """
    if len(token) > MAX_BYTES:
        raise StampError(f"A time stamp of more than {MAX_BYTES:,} bytes is not read.")
    try:
        return _read(token, message, list(trusted), nonce, policy)
    except VerificationError as error:
        raise StampError(_sentence(str(error))) from None
    except (ValueError, TypeError, KeyError, IndexError, OverflowError):
        raise StampError("This is no time stamp in the form of RFC 3161.") from None


def _read(
    token: bytes,
    message: bytes,
    trusted: list[x509.Certificate],
    nonce: int | None,
    policy: str | None,
) -> Stamp:
    response = decode(token)
    if response.status != PKIStatus.GRANTED:
        raise StampError(f"The authority refused: {PKIStatus(response.status).name.lower()}.")
    wanted = x509.ObjectIdentifier(policy) if policy else None

    def verify(roots: list[x509.Certificate]) -> None:
        verifier = VerifierBuilder(roots=roots, nonce=nonce, policy_id=wanted).build()
        verifier.verify_message(response, message)

    _with_any(verify, trusted)
    info = response.tst_info
    leaf = _signer(response.time_stamp_token())
    return Stamp(
        token,
        info.gen_time,
        leaf.not_valid_after_utc,
        frozenset(
            {_HASHES[info.message_imprint.hash_algorithm.dotted_string], _strength(leaf)}
        ),
        leaf.subject.rfc4514_string(),
    )


def _with_any(
    verify: Callable[[list[x509.Certificate]], None], trusted: list[x509.Certificate]
) -> None:
    """Verify with all of `trusted`, else with each in turn of those that share a name.

    An authority keeps its name when it has a new key; where certificates carry no key
    identifiers, the search for an issuer tries one of that name alone.
    """
    try:
        verify(trusted)
    except VerificationError:
        names = Counter(certificate.subject for certificate in trusted)
        alone = [c for c in trusted if names[c.subject] == 1]
        for certificate in trusted:
            if names[certificate.subject] > 1:
                with suppress(VerificationError):
                    verify([certificate, *alone])
                    return
        raise


def _signer(token: bytes) -> x509.Certificate:
    """Return the certificate that the signed attributes name by its digest (RFC 5816 §2.2.1).

    The signer's issuer and serial number stand outside the signature; the digest inside.
    """
    signed: Any = cms.ContentInfo.load(token)["content"]
    (signer,) = signed["signer_infos"]
    attributes = {found["type"].native: found["values"][0] for found in signer["signed_attrs"]}
    by_digest = attributes.get("signing_certificate_v2")
    if by_digest is not None:
        first = by_digest["certs"][0]
        algorithm = first["hash_algorithm"]["algorithm"].native
    else:
        first, algorithm = attributes["signing_certificate"]["certs"][0], "sha1"
    wanted = first["cert_hash"].native
    named = signer["sid"].chosen
    for choice in signed["certificates"]:
        certificate = choice.chosen
        mine = (certificate.issuer, certificate.serial_number)
        digest = hashlib.new(algorithm, certificate.dump()).digest()  # the token says which
        if digest == wanted and mine == (named["issuer"], named["serial_number"].native):
            return x509.load_der_x509_certificate(certificate.dump())
    raise StampError("The time stamp was signed by another certificate than it names.")


def _strength(certificate: x509.Certificate) -> str:
    """Return kind and size of the key: "rsa-2048", "ec-256"."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return f"rsa-{key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"ec-{key.curve.key_size}"
    return type(key).__name__.removesuffix("PublicKey").lower()


def _sentence(message: str) -> str:
    """Say in our words why the library believes a token not."""
    reasons = {
        "Mismatch between messages": "The time stamp is for other bytes.",
        "Nonce mismatch": "The time stamp answers another request.",
        "Policy ID mismatch": "The time stamp follows another policy than was asked for.",
        "certificate has expired": "The authority's certificate had expired by then.",
        "certificate is not yet valid": "The authority's certificate did not hold yet.",
        "EKU": "The certificate is not one for time stamps.",
        "self-signed": "The authority is none of those that we trust.",
        "unable to get": "The authority is none of those that we trust.",
        "certificate verify error": "The authority is none of those that we trust.",
    }
    found = (told for part, told in reasons.items() if part in message)
    return next(found, "The signature of the time stamp is not valid.")


assert tsp.TSTInfo  # importing it teaches cms what a time stamp's content is
