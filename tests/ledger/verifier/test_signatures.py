"""Signatures: the sealed record, by who acted, once, in time, with the passkey enrolled."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledger.verifier.signatures import Signatures, sealed_version, wanted_versions
from ledger.verifier.strict_json import dumps
from tests.ledger.verifier.world import ORG, P1, World, b64, faults

SIGNED, ENROLLED = 6, 0  # entries of the project and of the organisation
KEY = ed25519.Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"passkey").digest())


def spki_of(key: Any) -> bytes:
    """Return the public key as browsers hand it over."""
    made = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return bytes(made)


SPKI = spki_of(KEY)


def again(world: World, change: Callable[[dict[str, Any]], Any], **more: Any) -> World:
    """Change the manifest of the first signature and let a passkey of ours sign it again."""
    entry = world.p1.entries[SIGNED]
    manifest = json.loads(entry.event["payload"]["manifest"])
    change(manifest)
    text = dumps(manifest)
    entry.pay(manifest=text.decode(), webauthn=assertion(text, **more))
    world.org.entries[ENROLLED].pay(alg=-8, public_key=b64(SPKI))
    world.without_anchor()
    return world


def assertion(text: bytes, flags: int = 5, rp_id: str = "example.org", **more: Any) -> Any:
    challenge = b64(hashlib.sha256(text).digest())
    told = {"type": "webauthn.get", "challenge": challenge, "origin": "https://example.org"}
    client = json.dumps(told | {"crossOrigin": False} | more).encode()
    authenticator = hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + bytes(4)
    signature = KEY.sign(authenticator + hashlib.sha256(client).digest())
    return {
        "authenticator_data": b64(authenticator),
        "client_data": b64(client),
        "credential_id": "spRAgsE3WrcbBnV3Gx2qqrXjiCA",
        "signature": b64(signature),
    }


def found(change: Callable[[dict[str, Any]], Any], **more: Any) -> Any:
    return faults(again(World(), change, **more).verify()).get(P1, set())


def items(**fields: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda manifest: manifest["items"][0].update(fields)


def test_a_signature_of_ours_is_good() -> None:
    assert found(lambda _: None) == set()


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.update(more=1),
        lambda m: m.pop("statement"),
        lambda m: m.update(schema="signature.manifest/2"),
        lambda m: m.update(meaning="fun"),
        lambda m: m.update(meaning=["review"]),
        lambda m: m.update(printed_name=""),
        lambda m: m.update(statement=None),
        lambda m: m.update(rp_id=""),
        lambda m: m.update(signer="x"),
        lambda m: m.update(stream="x"),
        lambda m: m.update(stream="example.org/ledger/p/p2"),
        lambda m: m.update(time_zone="x y"),
        lambda m: m.update(nonce="AA"),
        lambda m: m.update(nonce=1),
        lambda m: m.update(nonce="lV3ebfjKZhyKQSs5XwabLE5tGUROG4JNztnLh3LNp3o="),
        lambda m: m.update(issued_at="x"),
        lambda m: m.update(expires_at=None),
        lambda m: m.update(items=[]),
        lambda m: m.update(items={}),
        lambda m: m["items"].append(1),
        items(more=1),
        items(content_hash="x"),
        items(displayed_hash=None),
        items(record_id=1),
        items(version=True),
        items(version=-1),
    ],
)
def test_a_manifest_of_another_form_is_found(change: Callable[[dict[str, Any]], Any]) -> None:
    assert ("L601", SIGNED) in found(change)


@pytest.mark.parametrize(
    "fields",
    [
        {"manifest": 1},
        {"manifest": "{}"},
        {"manifest": '{"a": 1}'},
        {"manifest": "x"},
        {"components": "password"},
        {"components": [1]},
        {"webauthn": 1},
        {"webauthn": "x"},
    ],
    ids=str,
)
def test_a_signature_of_another_form_is_found(fields: dict[str, Any]) -> None:
    world = World()
    world.p1.entries[SIGNED].pay(**fields)
    assert faults(world.verify())[P1] == {("L601", SIGNED)}


@pytest.mark.parametrize("field", ["manifest", "components", "webauthn"])
def test_a_signature_has_all_its_fields(field: str) -> None:
    world = World()
    payload = world.p1.entries[SIGNED].event["payload"]
    del payload[field]
    world.p1.entries[SIGNED].change(payload=payload)
    assert faults(world.verify())[P1] == {("L601", SIGNED)}
    assert wanted_versions({"payload": payload}) == set()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (items(content_hash="0" * 64), "L602"),
        (items(version=1), "L602"),
        (items(version=3), "L602"),
        (items(record_id="r-C"), "L602"),
        (lambda m: m.update(signer="accounts.user:44aa"), "L604"),
        (lambda m: m.update(issued_at="2026-09-21T14:13:12.345669Z"), "L607"),
        (lambda m: m.update(issued_at="2026-09-21T14:13:32.345671Z"), "L607"),
        (lambda m: m.update(expires_at="2026-09-21T14:13:32.345669Z"), "L607"),
        (lambda m: m.update(expires_at="2026-09-21T14:15:12.345671Z"), "L607"),
    ],
)
def test_what_a_manifest_says_is_compared(
    change: Callable[[dict[str, Any]], Any], code: str
) -> None:
    assert (code, SIGNED) in found(change)


def test_the_window_has_two_minutes_and_its_ends_count() -> None:
    at = "2026-09-21T14:13:32.345670Z"
    ends = {"issued_at": at, "expires_at": "2026-09-21T14:15:32.345670Z"}
    assert found(lambda m: m.update(ends)) == set()
    assert found(lambda m: m.update(ends, expires_at=at)) == set()
    late = {"issued_at": "2026-09-21T14:11:32.345670Z", "expires_at": at}
    assert found(lambda m: m.update(late)) == set()
    late["issued_at"] = "2026-09-21T14:11:32.345669Z"
    assert found(lambda m: m.update(late)) == {("L607", SIGNED)}


def test_a_version_that_was_sealed_twice_in_two_ways_is_signed_by_nobody() -> None:
    world = World()
    world.p1.entries[0].pay(version=2)
    assert faults(world.verify())[P1] == {("L602", SIGNED)}


def test_what_is_sealed_after_the_signature_was_not_signed() -> None:
    world = World()
    world.p1.entries[10].pay(record_id="r-A", version=2, content_hash="d30a" * 16)
    found_late = faults(world.verify())
    assert ("L602", SIGNED) not in found_late[P1]
    assert ("L602", 11) in found_late[P1]


def test_a_nonce_is_used_once_in_all_streams_and_the_later_is_at_fault() -> None:
    world = again(
        World(), lambda m: m.update(nonce="GMPXMOiNeGth2lrYn-oLvFBTHSfsz_dUtg3Cr_4kMxM")
    )
    assert faults(world.verify())[P1] == {("L603", 11)}


def test_the_rules_take_events_in_order_and_remember_what_is_wanted() -> None:
    world = World()
    events = [(ORG, n, e.event) for n, e in enumerate(world.org.entries[:3])]
    events += [(P1, n, e.event) for n, e in enumerate(world.p1.entries) if e.kind == 1]
    wanted = set().union(
        *(wanted_versions(e) for _, _, e in events if e["event"] == "signature.applied")
    )
    assert len(wanted) == 3
    for kept in (None, wanted):
        signatures = Signatures(kept)
        for origin, seq, event in events:
            signatures.feed(origin, seq, event)
        assert signatures.findings == []
    none = Signatures(set())
    for origin, seq, event in events:
        none.feed(origin, seq, event)
    assert {(f.code, f.seq) for _, f in none.findings} == {("L602", 6), ("L602", 11)}
    sealed = sealed_version({"record_id": "r", "version": 1, "content_hash": "0" * 64})
    assert sealed == (hashlib.sha256(b"1 r").digest()[:16], bytes(32))
    assert sealed_version({"record_id": "r", "version": True, "content_hash": "0" * 64}) is None
    assert sealed_version({"record_id": 1, "version": 1, "content_hash": "0" * 64}) is None
