"""Time stamps over checkpoints: RFC 3161 tokens, their CMS signature and their authority.

A certificate is judged at the token's own time, so that a token can be checked long after its
certificate has expired.
"""

from __future__ import annotations

import hashlib
import warnings
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from ledger.verifier.der import (
    CONTEXT_0,
    OCTETS,
    SEQUENCE,
    SET,
    Der,
    DerError,
    der_int,
    der_oid,
    der_time,
    read_der,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_SIGNED_DATA = "1.2.840.113549.1.7.2"
_TST_INFO = "1.2.840.113549.1.9.16.1.4"
_SHA256 = "2.16.840.1.101.3.4.2.1"
_DIGESTS = {
    _SHA256: "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
_CONTENT_TYPE = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
_CERTIFICATE_V1 = "1.2.840.113549.1.9.16.2.12"
_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
_PSS = "1.2.840.113549.1.1.10"
_TIME_STAMPING = "1.3.6.1.5.5.7.3.8"
_MAX_CHAIN = 6


class TimeStamp(NamedTuple):
    """A token, read and not yet trusted."""

    imprint: bytes
    time: datetime
    content: bytes  # TSTInfo, DER
    certificates: list[bytes]
    signer: list[Der]  # the fields of SignerInfo


def read_time_stamp(response: bytes) -> TimeStamp:
    """Read a granted TimeStampResp over a SHA-256 imprint; raise DerError."""
    status, *token = read_der(response).inside(SEQUENCE)
    if der_int(_first(status.inside(SEQUENCE))) not in (0, 1) or len(token) != 1:
        raise DerError("The time stamp was not granted.")
    kind, wrapped = _exactly(token[0].inside(SEQUENCE), 2)
    if der_oid(kind) != _SIGNED_DATA:
        raise DerError("The token is no signed data.")
    signed = _exactly(wrapped.inside(CONTEXT_0), 1)[0].inside(SEQUENCE)
    if len(signed) < 4:
        raise DerError("The token has too few fields.")
    content_type, content = _exactly(signed[2].inside(SEQUENCE), 2)
    if der_oid(content_type) != _TST_INFO:
        raise DerError("The token is about something else.")
    info = _exactly(content.inside(CONTEXT_0), 1)[0].bytes_of(OCTETS)
    certificates = [c.whole for f in signed[3:-1] if f.tag == CONTEXT_0 for c in f.children()]
    signers = _exactly(signed[-1].inside(SET), 1)
    fields = read_der(info).inside(SEQUENCE)
    if len(fields) < 5 or der_int(fields[0]) != 1:
        raise DerError("The token has another version.")
    algorithm, imprint = _exactly(fields[2].inside(SEQUENCE), 2)
    if der_oid(_first(algorithm.inside(SEQUENCE))) != _SHA256:
        raise DerError("The token is not over SHA-256.")
    return TimeStamp(
        imprint.bytes_of(OCTETS),
        der_time(fields[4]),
        info,
        certificates,
        signers[0].inside(SEQUENCE),
    )


def time_stamp_fault(stamp: TimeStamp, trusted: Sequence[Any]) -> str | None:
    """Say why no authority of `trusted` (x509.Certificate) signed a token; None if one did."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about odd certificates: they are judged here
        return _authority_fault(stamp, trusted)


def _authority_fault(stamp: TimeStamp, trusted: Sequence[Any]) -> str | None:
    from cryptography import x509

    try:
        own = [x509.load_der_x509_certificate(content) for content in stamp.certificates]
        certificate = _certificate_of(stamp.signer, [*own, *trusted])
        if certificate is None:
            return "its signer's certificate is not at hand"
        fault = _signature_fault(stamp, certificate)
        if fault:
            return fault
        if not _for_time_stamping(certificate):
            return "its certificate is not one for time stamps"
        if not _chained(certificate, own, trusted, stamp.time):
            return "no given authority vouches for its certificate at the time of the stamp"
    except Exception as error:  # noqa: BLE001  a foreign certificate can be bad in any way
        return f"it cannot be read: {type(error).__name__}"
    return None


def _certificate_of(signer: list[Der], at_hand: Sequence[Any]) -> Any:
    """Find the signer by issuer and serial number, or by key identifier (RFC 5652 §5.3)."""
    if len(signer) < 6:
        raise DerError("The signer has too few fields.")
    who = signer[1]
    for certificate in at_hand:
        if who.tag == SEQUENCE:
            issuer, serial = _exactly(who.children(), 2)
            if (certificate.issuer.public_bytes(), certificate.serial_number) == (
                issuer.whole,
                der_int(serial),
            ):
                return certificate
        elif who.tag == 0x80 and _key_identifier(certificate) == who.content:
            return certificate
    return None


def _key_identifier(certificate: Any) -> bytes | None:
    from cryptography import x509

    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except x509.ExtensionNotFound:
        return None
    return bytes(found.value.digest)


def _signature_fault(stamp: TimeStamp, certificate: Any) -> str | None:
    digest_name = _DIGESTS[der_oid(_first(stamp.signer[2].inside(SEQUENCE)))]
    signed = stamp.signer[3]
    attributes = {}
    for attribute in signed.inside(CONTEXT_0):
        kind, values = _exactly(attribute.inside(SEQUENCE), 2)
        attributes[der_oid(kind)] = _exactly(values.inside(SET), 1)[0]
    if der_oid(attributes[_CONTENT_TYPE]) != _TST_INFO:
        return "it signs something else"
    told = hashlib.new(digest_name, stamp.content).digest()
    if attributes[_MESSAGE_DIGEST].bytes_of(OCTETS) != told:
        return "what it signs was changed"
    if not _names_certificate(attributes, certificate):
        return "it was signed with another certificate"
    # RFC 5652 §5.4: what is signed is the attributes as a SET, not under their own tag.
    message = bytes([SET]) + signed.whole[1:]
    algorithm = stamp.signer[4].inside(SEQUENCE)
    if not _verifies(
        certificate, algorithm, stamp.signer[5].bytes_of(OCTETS), message, digest_name
    ):
        return "its signature is not valid"
    return None


def _names_certificate(attributes: dict[str, Der], certificate: Any) -> bool:
    """Tell whether the signed attributes name this certificate (RFC 5035, RFC 2634 §5.4)."""
    from cryptography.hazmat.primitives.serialization import Encoding

    whole = certificate.public_bytes(Encoding.DER)
    if _CERTIFICATE_V2 in attributes:
        fields = _essential(attributes[_CERTIFICATE_V2])
        name, told = "sha256", fields[0]
        if told.tag == SEQUENCE:
            name, told = _DIGESTS[der_oid(_first(told.children()))], fields[1]
        return told.bytes_of(OCTETS) == hashlib.new(name, whole).digest()
    if _CERTIFICATE_V1 in attributes:
        told = _essential(attributes[_CERTIFICATE_V1])[0]
        return told.bytes_of(OCTETS) == hashlib.sha1(whole, usedforsecurity=False).digest()
    return False


def _essential(attribute: Der) -> list[Der]:
    """Return the fields of the first ESSCertID of a SigningCertificate."""
    return _first(_first(attribute.inside(SEQUENCE)).inside(SEQUENCE)).inside(SEQUENCE)


def _verifies(
    certificate: Any, algorithm: list[Der], signature: bytes, message: bytes, digest_name: str
) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

    key = certificate.public_key()
    digest: hashes.HashAlgorithm = hashes.SHA256()
    if digest_name != "sha256":
        digest = hashes.SHA384() if digest_name == "sha384" else hashes.SHA512()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            filling: padding.AsymmetricPadding = padding.PKCS1v15()
            if der_oid(_first(algorithm)) == _PSS:
                filling = padding.PSS(padding.MGF1(digest), padding.PSS.AUTO)
            key.verify(signature, message, filling, digest)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, message, ec.ECDSA(digest))
        elif isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, message)
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _for_time_stamping(certificate: Any) -> bool:
    """RFC 3161 §2.3: the one extended key usage of the certificate, and critical."""
    from cryptography import x509

    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return False
    return bool(usage.critical) and [u.dotted_string for u in usage.value] == [_TIME_STAMPING]


def _chained(
    certificate: Any, own: Sequence[Any], trusted: Sequence[Any], time: datetime
) -> bool:
    """Tell whether a path of certificates, all valid at `time`, ends in a trusted one."""
    paths = [[certificate]]
    for _ in range(_MAX_CHAIN):
        longer = []
        for path in paths:
            if not _valid_at(path[-1], time):
                continue
            if path[-1] in trusted:
                return True
            above = [c for c in [*trusted, *own] if c not in path and _issued(c, path[-1])]
            longer += [[*path, c] for c in above]
        paths = longer[:16]
    return False


def _valid_at(certificate: Any, time: datetime) -> bool:
    return bool(certificate.not_valid_before_utc <= time <= certificate.not_valid_after_utc)


def _issued(issuer: Any, certificate: Any) -> bool:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    try:
        basic = issuer.extensions.get_extension_for_class(x509.BasicConstraints)
        certificate.verify_directly_issued_by(issuer)
    except (x509.ExtensionNotFound, InvalidSignature, ValueError, TypeError):
        return False
    return bool(basic.value.ca)


def _first(elements: list[Der]) -> Der:
    return _exactly(elements[:1], 1)[0]


def _exactly(elements: list[Der], count: int) -> list[Der]:
    if len(elements) != count:
        raise DerError(f"{count} elements are expected, not {len(elements)}.")
    return elements
