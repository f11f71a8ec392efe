"""Passkeys: enrolled by the signer, and assertions over just these manifest bytes."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from ledger.verifier.webauthn import Passkey, Passkeys, assertion_fault, verify_passkey
from tests.ledger.verifier.test_signatures import KEY, SIGNED, SPKI, assertion, found, spki_of
from tests.ledger.verifier.world import ORG, P1, Sealed, World, b64, faults


@pytest.mark.parametrize(
    "more",
    [
        {"flags": 1},
        {"flags": 4},
        {"flags": 0},
        {"rp_id": "example.net"},
        {"type": "webauthn.create"},
        {"challenge": "AA"},
        {"challenge": None},
        {"origin": "https://example.net"},
        {"origin": "https://xexample.org"},
        {"origin": "https://example.org.evil.net"},
        {"origin": "http://example.org"},
        {"origin": "https://example.org/x"},
        {"origin": "https://a@example.org"},
        {"origin": "https://example.org:x"},
        {"origin": "https://example.org?x"},
        {"origin": "https://example.org#x"},
        {"origin": "https://["},
        {"origin": 1},
        {"crossOrigin": True},
        {"crossOrigin": 0},
    ],
    ids=str,
)
def test_an_assertion_for_something_else_is_found(more: dict[str, Any]) -> None:
    assert found(lambda _: None, **more) == {("L605", SIGNED)}


@pytest.mark.parametrize(
    "more",
    [
        {"flags": 0xC5},
        {"origin": "https://label.example.org"},
        {"origin": "https://example.org:8443"},
    ],
    ids=str,
)
def test_other_assertions_are_good(more: dict[str, Any]) -> None:
    assert found(lambda _: None, **more) == set()


def test_an_assertion_need_not_speak_of_other_origins() -> None:
    text = b"{}"
    told = assertion(text)
    challenge = b64(hashlib.sha256(text).digest())
    client = {"type": "webauthn.get", "challenge": challenge, "origin": "https://example.org"}
    content = json.dumps(client).encode()
    data = hashlib.sha256(b"example.org").digest() + bytes([5]) + bytes(4)
    signature = KEY.sign(data + hashlib.sha256(content).digest())
    told |= {"client_data": b64(content), "signature": b64(signature)}
    passkey = Passkey("u:1", -8, SPKI)
    assert assertion_fault(told, text, "example.org", passkey) is None
    for cut in (36, 32, 0):
        short = {**told, "authenticator_data": b64(data[:cut])}
        assert assertion_fault(short, text, "example.org", passkey) is not None


@pytest.mark.parametrize("field", ["authenticator_data", "client_data", "signature"])
@pytest.mark.parametrize("value", ["", "AA", "=", None, 1, "x" * 80, "*"])
def test_an_assertion_of_another_form_is_found(field: str, value: Any) -> None:
    world = World()
    told = world.p1.entries[SIGNED].event["payload"]["webauthn"]
    world.p1.entries[SIGNED].pay(webauthn={**told, field: value})
    assert faults(world.verify())[P1] == {("L605", SIGNED)}
    world.p1.entries[SIGNED].pay(webauthn={**told, "more": 1})
    assert faults(world.verify())[P1] == {("L605", SIGNED)}


def test_a_passkey_that_is_named_has_an_assertion() -> None:
    world = World()
    world.p1.entries[SIGNED].pay(webauthn=None)
    assert faults(world.verify())[P1] == {("L605", SIGNED)}
    world.p1.entries[SIGNED].pay(components=["password"])
    report = world.verify()
    assert P1 not in faults(report)
    assert "N907" in report.streams[1].findings.codes()


def enrolled(change: Callable[[World], Any]) -> Any:
    world = World()
    world.without_anchor()
    change(world)
    return faults(world.verify())


def test_a_passkey_is_enrolled_by_the_signer_and_not_revoked() -> None:
    org = {"subject": "accounts.user:x"}
    assert enrolled(lambda w: w.org.entries[0].change(**org)) == {P1: {("L606", SIGNED)}}
    assert enrolled(lambda w: w.org.entries[0].change(event="credential.mfa_used")) == {
        P1: {("L606", SIGNED)}
    }
    assert enrolled(lambda w: w.org.entries[0].pay(kind="totp")) == {P1: {("L606", SIGNED)}}
    told = World().org.entries[0].event["payload"]

    def revoked(world: World) -> None:
        world.org.entries[1].change(event="credential.mfa_revoked", payload=told)

    assert enrolled(revoked) == {P1: {("L606", SIGNED)}}


def test_a_passkey_that_is_enrolled_after_the_signature_was_not_there() -> None:
    def late(world: World) -> None:
        first, last = world.org.entries[0], world.org.entries[-1]
        world.org.entries.append(Sealed(last.sealed_us + 1, first.body))
        world.org.sizes = [4, 5, 6]
        first.change(event="credential.mfa_used")

    assert enrolled(late) == {P1: {("L606", SIGNED)}}


def test_a_passkey_that_was_exchanged_is_found() -> None:
    for fields in ({"public_key": b64(SPKI), "alg": -8}, {"alg": -257}):

        def exchanged(world: World, more: dict[str, Any] = fields) -> None:
            told = world.org.entries[0].event["payload"] | more
            event = world.org.entries[0].event
            world.org.entries[1].change(
                event="credential.mfa_enrolled", payload=told, subject=event["subject"]
            )

        assert enrolled(exchanged) == {P1: {("L606", SIGNED)}}


@pytest.mark.parametrize(
    "fields",
    [{"alg": -6}, {"alg": None}, {"public_key": "="}, {"public_key": ""}, {"credential_id": 1},
     {"credential_id": ""}],
    ids=str,
)  # fmt: skip
def test_an_enrolment_of_another_form_is_found(fields: dict[str, Any]) -> None:
    told = enrolled(lambda world: world.org.entries[0].pay(**fields))
    assert told == {ORG: {("L304", 0)}, P1: {("L606", SIGNED)}}


def test_a_passkey_that_comes_back_may_sign_again() -> None:
    keys, payload = Passkeys(), World().org.entries[0].event["payload"]
    assert keys.enrol("u:1", payload)
    keys.revoke(payload)
    assert keys.of("u:1", payload["credential_id"]) is None
    assert keys.enrol("u:1", payload)
    assert keys.of("u:1", payload["credential_id"]) is not None
    assert keys.of("u:2", payload["credential_id"]) is None
    assert keys.of("u:1", None) is None


def test_each_algorithm_takes_its_own_keys_only() -> None:
    message = b"message"
    curve, wide = (ec.generate_private_key(c()) for c in (ec.SECP256R1, ec.SECP384R1))
    big, small = (rsa.generate_private_key(65537, size) for size in (2048, 1024))
    sha, pkcs = hashes.SHA256(), padding.PKCS1v15()
    by: list[tuple[bytes, bytes, int | None]] = [
        (SPKI, KEY.sign(message), -8),
        (spki_of(curve), curve.sign(message, ec.ECDSA(sha)), -7),
        (spki_of(wide), wide.sign(message, ec.ECDSA(sha)), None),
        (spki_of(big), big.sign(message, pkcs, sha), -257),
        (spki_of(small), small.sign(message, pkcs, sha), None),
        (b"no key", b"", None),
    ]
    for spki, signature, own in by:
        for algorithm in (-7, -8, -257, -6):
            passkey = Passkey("u:1", algorithm, spki)
            assert verify_passkey(passkey, signature, message) is (algorithm == own)
            assert not verify_passkey(passkey, signature, message + b"!")
            assert not verify_passkey(passkey, signature[:-1] + b"\0\1", message)


def test_the_assertion_of_the_page_on_one_s_own_machine_is_good() -> None:
    text = b"{}"
    told = assertion(text, rp_id="localhost", origin="http://localhost:8000")
    passkey = Passkey("u:1", -8, SPKI)
    assert assertion_fault(told, text, "localhost", passkey) is None
    assert assertion_fault(told, text + b" ", "localhost", passkey) is not None
