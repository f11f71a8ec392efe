"""Time stamps: over the checkpoint, by an authority that was good when it stamped."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed448
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.verifier.anchors import judge_time_stamp
from ledger.verifier.der import DerError
from ledger.verifier.findings import Findings
from ledger.verifier.timestamps import read_time_stamp
from tests.ledger.verifier.sentences import is_sentence
from tests.ledger.verifier.stamping import (
    AT,
    EC,
    ED,
    OWN,
    RSA,
    STAMPING,
    YEAR,
    certificate,
    der,
    sign,
    stamp,
    v1,
    v2,
)
from tests.ledger.verifier.world import DATA, World, faults

TEXT = "example.org/ledger/org\n5\nroot\n"
OTHER = certificate("stamps", EC, "stamps", EC)
ROOT = certificate("root", EC, "root", EC, usage=None, ca=True)
MIDDLE = certificate("middle", ED, "root", EC, usage=None, ca=True)
LEAF = certificate("leaf", RSA, "middle", ED)
CHAIN = [LEAF, MIDDLE]


def judged(token: bytes, *authorities: x509.Certificate) -> set[str]:
    findings = Findings()
    judge_time_stamp("x.tsr", token, TEXT, authorities, findings)
    assert all(is_sentence(f.message) for f in findings.all() if f.code != "L801")
    return findings.codes()


def own(**facts: Any) -> set[str]:
    return judged(stamp(TEXT.encode(), **facts), OWN, OTHER)


def test_a_stamp_of_long_ago_is_good_by_whoever_was_good_then() -> None:
    assert own() == set()
    assert judged(stamp(TEXT.encode())) == {"N904"}
    assert judged(stamp(TEXT.encode()), OTHER) == {"L802"}


@pytest.mark.parametrize(
    "facts",
    [
        {"digest": "sha384"},
        {"digest": "sha512"},
        {"by_key": True},
        {"by_key": True, "certificates": [OTHER, OWN]},
        {"certificates": [OTHER, OWN]},
        {"pss": True},
        {"named": v1(OWN)},
        {"named": v2(OWN, "sha512")},
        {"at": AT - YEAR},
        {"at": AT + YEAR},
        {"status": "granted_with_mods"},
        {"key": EC, "own": OTHER},
    ],
)
def test_other_good_stamps(facts: dict[str, Any]) -> None:
    assert own(**facts) == set()


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"at": AT - YEAR.__class__(days=366)}, "L802"),
        ({"at": AT + YEAR.__class__(days=366)}, "L802"),
        ({"named": v2(OTHER)}, "L802"),
        ({"named": v1(OTHER)}, "L802"),
        ({"skip": "signing_certificate_v2"}, "L802"),
        ({"skip": "message_digest"}, "L802"),
        ({"skip": "content_type"}, "L802"),
        ({"kind": "data"}, "L802"),
        ({"told": bytes(32)}, "L802"),
        ({"key": EC}, "L802"),
        ({"version": 2}, "L801"),
        ({"imprint": "sha512"}, "L801"),
        ({"status": "waiting"}, "L801"),
        ({"status": "rejection"}, "L801"),
    ],
)
def test_stamps_that_are_not_good(facts: dict[str, Any], code: str) -> None:
    assert own(**facts) == {code}


def test_a_stamp_is_over_its_checkpoint() -> None:
    assert judged(stamp(TEXT.encode() + b" "), OWN) == {"L801"}
    findings = Findings()
    judge_time_stamp("x", stamp(TEXT.encode()), None, [OWN], findings)
    judge_time_stamp("x", None, TEXT, [OWN], findings)
    assert [f.code for f in findings.all()] == ["L801", "L801"]


@pytest.mark.parametrize(
    ("usage", "critical"),
    [
        (None, True),
        (STAMPING, False),
        ([ExtendedKeyUsageOID.CODE_SIGNING], True),
        ([*STAMPING, ExtendedKeyUsageOID.CODE_SIGNING], True),
    ],
)
def test_a_certificate_is_for_time_stamps_alone(usage: Any, critical: bool) -> None:
    other = certificate("stamps", RSA, "stamps", RSA, usage=usage, critical=critical)
    assert judged(stamp(TEXT.encode(), own=other), other) == {"L802"}


def test_a_chain_of_certificates_ends_in_a_trusted_one() -> None:
    token = stamp(TEXT.encode(), own=LEAF, certificates=CHAIN)
    assert judged(token, ROOT) == set()
    assert judged(token, MIDDLE) == set()
    assert judged(token, LEAF) == set()
    assert judged(token, OWN, OTHER) == {"L802"}
    short = stamp(TEXT.encode(), own=LEAF, certificates=[LEAF])
    assert judged(short, ROOT) == {"L802"}
    assert judged(short, ROOT, MIDDLE) == set()
    assert judged(stamp(TEXT.encode(), own=LEAF, certificates=[MIDDLE]), ROOT) == {"L802"}


def test_a_chain_is_good_at_the_time_and_its_authorities_may_sign() -> None:
    late = certificate("middle", ED, "root", EC, usage=None, ca=True, start=AT + YEAR / 2)
    no_authority = certificate("middle", ED, "root", EC, usage=None, ca=False)
    silent = certificate("middle", ED, "root", EC, usage=None)
    forged = certificate("middle", ED, "root", ED, usage=None, ca=True)
    named = certificate("middle", ED, "other", EC, usage=None, ca=True)
    for middle in (late, no_authority, silent, forged, named):
        token = stamp(TEXT.encode(), own=LEAF, certificates=[LEAF, middle])
        assert judged(token, ROOT) == {"L802"}
    early = certificate("root", EC, "root", EC, usage=None, ca=True, end=AT - YEAR / 2)
    assert judged(stamp(TEXT.encode(), own=LEAF, certificates=CHAIN), early) == {"L802"}


def test_one_good_chain_among_others_is_enough() -> None:
    late = certificate("middle", ED, "root", EC, usage=None, ca=True, start=AT + YEAR / 2)
    lost = certificate("middle", ED, "other", EC, usage=None, ca=True)
    for middles in ([late, MIDDLE], [MIDDLE, late], [lost, MIDDLE], [MIDDLE, lost]):
        token = stamp(TEXT.encode(), own=LEAF, certificates=[LEAF, *middles])
        assert judged(token, ROOT) == set()


def test_a_key_of_another_kind_has_signed_nothing() -> None:
    other = certificate("stamps", ed448.Ed448PrivateKey.generate(), "root", EC)
    assert judged(stamp(TEXT.encode(), own=other), other, ROOT) == {"L802"}


def test_rings_of_certificates_come_to_an_end() -> None:
    one = certificate("one", ED, "two", EC, usage=None, ca=True)
    two = certificate("two", EC, "one", ED, usage=None, ca=True)
    leaf = certificate("leaf", RSA, "one", ED)
    token = stamp(TEXT.encode(), own=leaf, certificates=[leaf, one, two])
    assert judged(token, ROOT) == {"L802"}


def test_an_edwards_key_stamps_too() -> None:
    edwards = certificate("stamps", ED, "stamps", ED)
    assert judged(stamp(TEXT.encode(), ED, edwards), edwards) == set()
    assert len(sign(ED, b"", "sha256", pss=False)) == 64


def test_the_vector_is_good_by_its_authority_alone() -> None:
    pem = (DATA / "tsa.pem").read_bytes()
    authority = x509.load_pem_x509_certificate(pem)
    assert faults(World().verify(authorities=[authority])) == {}
    assert faults(World().verify(authorities=[OWN])) == {"": {("L802", None)}}
    assert faults(World().verify(authorities=[OWN, authority])) == {}


def test_what_others_verify_is_verified_here(tmp_path: Path) -> None:
    (tmp_path / "stamp.tsr").write_bytes(stamp(TEXT.encode(), own=LEAF, certificates=CHAIN))
    (tmp_path / "text").write_text(TEXT)
    (tmp_path / "root.pem").write_bytes(b"".join(c.public_bytes(Encoding.PEM) for c in [ROOT]))
    words = "ts -verify -data text -in stamp.tsr -CAfile root.pem -attime"
    run = subprocess.run(
        ["openssl", *words.split(), str(int(AT.timestamp()))],
        cwd=tmp_path, capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert "Verification: OK" in run.stdout + run.stderr


TOKEN = stamp(TEXT.encode())


def test_a_certificate_of_no_known_version_is_a_finding() -> None:
    own = der(OWN)
    at = own.index(b"\xa0\3\2\1\2") + 4  # the version of a certificate
    changed = TOKEN.replace(own, own[:at] + b"\3" + own[at + 1 :])
    assert judged(changed, OWN) == {"L802"}


@given(st.integers(0, len(TOKEN) - 1), st.integers(1, 255))
@settings(max_examples=400, deadline=None)
def test_no_byte_that_counts_can_be_changed(at: int, other: int) -> None:
    """A changed byte is found, or is in what nobody signs: versions and names of algorithms."""
    changed = TOKEN[:at] + bytes([TOKEN[at] ^ other]) + TOKEN[at + 1 :]
    if judged(changed, OWN):
        return
    stamp_of, good = read_time_stamp(changed), read_time_stamp(TOKEN)
    assert (stamp_of.imprint, stamp_of.time, stamp_of.content) == good[:3]
    assert [f.whole for f in stamp_of.signer[1:4]] == [f.whole for f in good.signer[1:4]]


@given(st.binary(max_size=60))
def test_any_bytes_are_no_stamp(content: bytes) -> None:
    with pytest.raises(DerError):
        read_time_stamp(content)


@pytest.mark.parametrize("end", range(0, len(TOKEN), 37))
def test_a_stamp_that_was_cut_is_refused(end: int) -> None:
    assert judged(TOKEN[:end], OWN) == {"L801"}
    assert der(OWN) in TOKEN
