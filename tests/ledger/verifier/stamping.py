"""Time-stamp authorities of every kind, good and bad, as tests need them."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from asn1crypto import cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AT = datetime(2008, 5, 6, 7, 8, 9, tzinfo=UTC)  # all of it has expired long ago
YEAR = timedelta(days=365)
RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()
STAMPING = [ExtendedKeyUsageOID.TIME_STAMPING]


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certificate(
    who: str, key: Any, by: str, signer: Any, *, usage: Any = STAMPING, critical: bool = True,
    ca: bool | None = None, start: datetime = AT - YEAR, end: datetime = AT + YEAR,
) -> x509.Certificate:  # fmt: skip
    made = (
        x509.CertificateBuilder(name(by), name(who), key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
    )
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    made = made.add_extension(identifier, critical=False)
    if usage:
        made = made.add_extension(x509.ExtendedKeyUsage(usage), critical=critical)
    if ca is not None:
        made = made.add_extension(x509.BasicConstraints(ca, None), critical=True)
    digest = None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return made.sign(signer, digest)


OWN = certificate("stamps", RSA, "stamps", RSA)


def stamp(
    text: bytes, key: Any = RSA, own: x509.Certificate = OWN, *, certificates: Any = None,
    digest: str = "sha256", at: datetime = AT, pss: bool = False, named: Any = None,
    kind: str = "tst_info", version: str = "v1", by_key: bool = False, skip: str = "",
    told: bytes | None = None, imprint: str = "sha256", status: str = "granted",
) -> bytes:  # fmt: skip
    """Return a TimeStampResp over `text`; the keywords make it wrong, or merely unusual."""
    info = tsp.TSTInfo(
        {
            "version": version,
            "policy": "1.2.3",
            "message_imprint": {
                "hash_algorithm": {"algorithm": imprint},
                "hashed_message": hashlib.new(imprint, text).digest(),
            },
            "serial_number": 7,
            "gen_time": at,
        }
    ).dump()
    attributes = [
        ("content_type", kind),
        ("message_digest", told or hashlib.new(digest, info).digest()),
        named or v2(own),
    ]
    signed = cms.CMSAttributes(
        [cms.CMSAttribute({"type": t, "values": [v]}) for t, v in attributes if t != skip]
    )
    signer = signer_info(own, by_key=by_key) | {
        "digest_algorithm": {"algorithm": digest},
        "signed_attrs": signed,
        "signature_algorithm": algorithm(key, digest, pss=pss),
        "signature": sign(key, signed.dump(), digest, pss=pss),
    }
    return response(info, signer, certificates or [own], status)


def signer_info(own: x509.Certificate, *, by_key: bool) -> dict[str, Any]:
    """Return version and identifier of whoever signs with `own`."""
    whose = asn1_x509.Certificate.load(der(own))
    if by_key:
        identifier = cms.SignerIdentifier("subject_key_identifier", whose.key_identifier)
        return {"version": "v3", "sid": identifier}
    issuer = cms.IssuerAndSerialNumber(
        {"issuer": whose.issuer, "serial_number": whose.serial_number}
    )
    return {"version": "v1", "sid": cms.SignerIdentifier("issuer_and_serial_number", issuer)}


def response(info: bytes, signer: dict[str, Any], certificates: Any, status: str) -> bytes:
    """Return the TimeStampResp that holds all of it."""
    content = {"content_type": "tst_info", "content": core.ParsableOctetString(info)}
    data = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [signer["digest_algorithm"]],
            "encap_content_info": content,
            "certificates": [asn1_x509.Certificate.load(der(c)) for c in certificates],
            "signer_infos": [signer],
        }
    )
    token = cms.ContentInfo({"content_type": "signed_data", "content": data})
    made = tsp.TimeStampResp({"status": {"status": status}, "time_stamp_token": token})
    return bytes(made.dump())


def v2(own: x509.Certificate, digest: str = "sha256") -> tuple[str, Any]:
    told = {"cert_hash": hashlib.new(digest, der(own)).digest()}
    if digest != "sha256":
        told["hash_algorithm"] = {"algorithm": digest}  # type: ignore[assignment]
    return "signing_certificate_v2", tsp.SigningCertificateV2({"certs": [told]})


def v1(own: x509.Certificate) -> tuple[str, Any]:
    told = {"cert_hash": hashlib.sha1(der(own)).digest()}  # noqa: S324  RFC 2634 has no other
    return "signing_certificate", tsp.SigningCertificate({"certs": [told]})


def der(own: x509.Certificate) -> bytes:
    return own.public_bytes(serialization.Encoding.DER)


def algorithm(key: Any, digest: str, *, pss: bool) -> dict[str, Any]:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return {"algorithm": f"{digest}_ecdsa"}
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return {"algorithm": "ed25519"}
    return {"algorithm": "rsassa_pss"} if pss else {"algorithm": "rsassa_pkcs1v15"}


def sign(key: Any, message: bytes, digest: str, *, pss: bool) -> bytes:
    sha = getattr(hashes, digest.upper())()
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return bytes(key.sign(message, ec.ECDSA(sha)))
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return bytes(key.sign(message))
    filling = padding.PSS(padding.MGF1(sha), 32) if pss else padding.PKCS1v15()
    return bytes(key.sign(message, filling, sha))
