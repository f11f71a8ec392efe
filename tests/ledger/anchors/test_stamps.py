"""Reading a time stamp: believed if an authority that we trust made it, for these bytes."""

from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from ledger.anchors.stamps import StampError, load_certificates, read_stamp
from ledger.anchors.test_authority import POLICY, TestAuthority

TEXT = b"example.org/ledger/org\n5\nFFFZcAtgANgsPr0VhZdLQtDXD5ZZ4NEq8MGYW7U95nc=\n"
REQUEST = TimestampRequestBuilder().data(TEXT).hash_algorithm(HashAlgorithm.SHA256).build()
AUTHORITY = TestAuthority.make()
TRUSTED = [AUTHORITY.certificate]
TOKEN = AUTHORITY.answer(REQUEST.as_bytes())


def test_it_says_when_and_until_when_and_on_what_it_rests() -> None:
    at = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
    token = AUTHORITY.answer(REQUEST.as_bytes(), at=at)

    stamp = read_stamp(token, TEXT, TRUSTED, nonce=REQUEST.nonce, policy=POLICY)

    assert stamp.at == at
    assert stamp.until == AUTHORITY.certificate.not_valid_after_utc
    assert stamp.algorithms == {"sha256", "rsa-2048"}
    assert stamp.authority == "CN=UNTRUSTED TEST AUTHORITY"


def refused(token: bytes, words: str, **options: object) -> None:
    with pytest.raises(StampError, match=words):
        read_stamp(token, TEXT, TRUSTED, **options)  # type: ignore[arg-type]


def test_other_bytes_another_nonce_and_another_policy_are_refused() -> None:
    other = (
        TimestampRequestBuilder().data(b"other").hash_algorithm(HashAlgorithm.SHA256).build()
    )

    refused(AUTHORITY.answer(other.as_bytes()), "for other bytes")
    refused(TOKEN, "answers another request", nonce=(REQUEST.nonce or 0) + 1)
    refused(TOKEN, "another policy", policy="1.2.3.4")
    refused(AUTHORITY.answer(b"no request"), "authority refused: rejection")


def test_an_authority_that_is_not_ours_is_refused() -> None:
    refused(TestAuthority.make().answer(REQUEST.as_bytes()), "none of those that we trust")


@pytest.mark.parametrize(("day", "words"), [(-2, "did not hold yet"), (31, "had expired")])
def test_a_certificate_counts_while_it_holds(day: int, words: str) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    short = TestAuthority.make(start, start + timedelta(days=30))
    token = short.answer(REQUEST.as_bytes(), at=start + timedelta(days=day))

    with pytest.raises(StampError, match=words):
        read_stamp(token, TEXT, [short.certificate])
    good = short.answer(REQUEST.as_bytes(), at=start + timedelta(days=15))
    assert read_stamp(good, TEXT, [short.certificate]).at == start + timedelta(days=15)


def certificate(name: str, issuer: TestAuthority | None, **usage: bool) -> TestAuthority:
    """Make an authority under another one, or one whose certificate is for something else."""
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    above = issuer.certificate.subject if issuer else subject
    builder = (
        x509.CertificateBuilder(above, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2046, 1, 1, tzinfo=UTC))
    )
    if usage.get("ca"):
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), True)  # noqa: FBT003
    purpose = ExtendedKeyUsageOID.TIME_STAMPING
    if usage.get("mail"):
        purpose = ExtendedKeyUsageOID.EMAIL_PROTECTION
    if not usage.get("ca"):
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
    signed = builder.sign(issuer.key if issuer else key, hashes.SHA256())
    return TestAuthority(key, signed)


def test_a_chain_to_a_trusted_root_is_followed() -> None:
    root = certificate("root", None, ca=True)
    leaf = certificate("stamps", root)
    token = leaf.answer(REQUEST.as_bytes())

    stamp = read_stamp(token, TEXT, [root.certificate])

    assert stamp.authority == "CN=stamps"
    with pytest.raises(StampError):
        read_stamp(token, TEXT, [certificate("root", None, ca=True).certificate])


def test_a_certificate_for_something_else_stamps_nothing() -> None:
    mail = certificate("mail", None, mail=True)

    with pytest.raises(StampError):
        read_stamp(mail.answer(REQUEST.as_bytes()), TEXT, [mail.certificate])


def test_the_certificate_is_the_one_that_the_signature_names() -> None:
    """The digest of another certificate, signed: the one that comes along is not it."""

    class Confused(TestAuthority):
        __test__ = False

        def _signed(self, content: bytes) -> cms.SignedData:
            mine = self.certificate
            self.certificate = TestAuthority.make().certificate
            named = super()._signed(content)
            self.certificate = mine
            real = super()._signed(content)
            named["certificates"] = real["certificates"]
            named["signer_infos"][0]["sid"] = real["signer_infos"][0]["sid"]
            return named

    confused = Confused(AUTHORITY.key, AUTHORITY.certificate)

    refused(confused.answer(REQUEST.as_bytes()), "another certificate than it names")


def test_a_token_of_a_weak_hash_is_not_read() -> None:
    info = tsp.TimeStampReq.load(REQUEST.as_bytes())
    info["message_imprint"] = {
        "hash_algorithm": {"algorithm": "sha1"},
        "hashed_message": b"\0" * 20,
    }
    assert b"rejection" not in TOKEN
    refused(AUTHORITY.answer(info.dump()), "authority refused")


@pytest.mark.filterwarnings("ignore:Parsed a serial number")  # of a changed certificate
@given(st.integers(0, len(TOKEN) - 1), st.integers(1, 255))
def test_a_changed_byte_is_refused_or_changes_nothing_that_is_believed(
    place: int, change: int
) -> None:
    changed = bytearray(TOKEN)
    changed[place] ^= change
    try:
        stamp = read_stamp(bytes(changed), TEXT, TRUSTED, nonce=REQUEST.nonce)
    except StampError:
        return
    honest = read_stamp(TOKEN, TEXT, TRUSTED)
    assert (stamp.at, stamp.until, stamp.authority) == (
        honest.at,
        honest.until,
        honest.authority,
    )


@given(st.binary(max_size=300) | st.integers(0, len(TOKEN) - 1).map(lambda n: TOKEN[:n]))
def test_what_is_no_time_stamp_is_refused_with_a_sentence(content: bytes) -> None:
    refused(content, r"time stamp|authority")


def test_a_file_without_certificates_is_refused() -> None:
    assert load_certificates(AUTHORITY.pem()) == TRUSTED
    with pytest.raises(ValueError, match="PEM"):
        load_certificates(b"nothing")
