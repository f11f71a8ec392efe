"""A time-stamp authority inside this process, for demo and tests: nobody vouches for it.

It answers RFC 3161 requests as a real authority does, with a key that lies beside the data it
stamps.  Its certificate says so, and its tokens are kept under a kind of their own.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from pathlib import Path

SUBJECT = "UNTRUSTED TEST AUTHORITY"
POLICY = "1.3.6.1.4.1.32473.1"  # RFC 5612: an enterprise number for examples
KEY_BITS = 2048
YEARS = timedelta(days=20 * 365)
_ALGORITHM = {"algorithm": "sha256"}


class TestAuthority:
    """A key, its self-signed certificate and what they say about a digest and a time."""

    __test__ = False  # a name that begins with Test is no test

    def __init__(self, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> None:
        self.key = key
        self.certificate = certificate

    @classmethod
    def of(cls, folder: Path) -> TestAuthority:
        """Return the authority whose key lies in `folder`, making it on first use."""
        path = folder / "authority.pem"
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _publish(path, cls.make().private_pem())
        pem = path.read_bytes()
        key = serialization.load_pem_private_key(pem, None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError(f"{path.name} holds no RSA key; remove it, and it is made again.")
        return cls(key, x509.load_pem_x509_certificate(pem))

    @classmethod
    def make(cls, start: datetime | None = None, end: datetime | None = None) -> TestAuthority:
        """Return a new authority whose certificate holds from `start` to `end`, UTC."""
        start = start or datetime.now(UTC) - timedelta(days=1)
        key = rsa.generate_private_key(65537, KEY_BITS)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, SUBJECT)])
        stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        certificate = (
            x509.CertificateBuilder(name, name, key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end or start + YEARS)
            .add_extension(stamping, critical=True)  # RFC 3161 §2.3: alone and critical
            .sign(key, hashes.SHA256())
        )
        return cls(key, certificate)

    def answer(self, request: bytes, *, at: datetime | None = None) -> bytes:
        """Return the TimeStampResp (DER) to a TimeStampReq (DER), as if it came at `at`.

        What is no request for SHA-256 or SHA-512 is refused in the protocol's own words.
        """
        try:
            asked = tsp.TimeStampReq.load(request, strict=True)
            imprint = asked["message_imprint"]
            if imprint["hash_algorithm"]["algorithm"].native not in {"sha256", "sha512"}:
                return _refusal("bad_alg")
        except (ValueError, TypeError, KeyError):
            return _refusal("bad_data_format")
        info = tsp.TSTInfo(
            {
                "version": "v1",
                "policy": POLICY,
                "message_imprint": imprint,
                "serial_number": secrets.randbits(63),
                "gen_time": (at or datetime.now(UTC)).replace(microsecond=0),
                "nonce": asked["nonce"].native,
            }
        )
        token = cms.ContentInfo(
            {"content_type": "signed_data", "content": self._signed(info.dump())}
        )
        return bytes(
            tsp.TimeStampResp(
                {"status": {"status": "granted"}, "time_stamp_token": token}
            ).dump()
        )

    def _signed(self, content: bytes) -> cms.SignedData:
        """Return `content` signed as RFC 5652 §5 says, with RFC 5816's certificate digest."""
        der = self.certificate.public_bytes(serialization.Encoding.DER)
        certificate = asn1_x509.Certificate.load(der)
        identified = tsp.SigningCertificateV2(
            {"certs": [{"cert_hash": hashlib.sha256(der).digest()}]}
        )
        attributes = cms.CMSAttributes(
            [
                _attribute("content_type", "tst_info"),
                _attribute("message_digest", hashlib.sha256(content).digest()),
                _attribute("signing_certificate_v2", identified),
            ]
        )
        signature = self.key.sign(attributes.dump(), padding.PKCS1v15(), hashes.SHA256())
        issuer = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
        signer = {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                "issuer_and_serial_number", cms.IssuerAndSerialNumber(issuer)
            ),
            "digest_algorithm": _ALGORITHM,
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "rsassa_pkcs1v15"},
            "signature": signature,
        }
        return cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [algos.DigestAlgorithm(_ALGORITHM)],
                "encap_content_info": {
                    "content_type": "tst_info",
                    "content": core.ParsableOctetString(content),
                },
                "certificates": [certificate],
                "signer_infos": [signer],
            }
        )

    def pem(self) -> bytes:
        """Return its certificate, as whoever wants to check its tokens is given it."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def private_pem(self) -> bytes:
        form = serialization.PrivateFormat.PKCS8
        plain = serialization.NoEncryption()
        key = self.key.private_bytes(serialization.Encoding.PEM, form, plain)
        return key + self.pem()


class _Refusal(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    """A TimeStampResp without a token, which RFC 3161 §2.4.2 allows and asn1crypto does not."""

    _fields = [("status", tsp.PKIStatusInfo)]


def _attribute(kind: str, value: object) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": kind, "values": [value]})


def _refusal(reason: str) -> bytes:
    return bytes(_Refusal({"status": {"status": "rejection", "fail_info": {reason}}}).dump())


def _publish(path: Path, content: bytes) -> None:
    """Let the file appear whole, made by one of the processes that begin together."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return  # another process was first; its key is the key
    finally:
        draft.unlink()
