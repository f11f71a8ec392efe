"""Browsers name their machine by signing a challenge, once and soon."""

import secrets
from base64 import urlsafe_b64encode
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts import browsers, custody, devices
from accounts.errors.browsers import BrowserKnownError, BrowserProofError, ChallengeSpentError
from accounts.errors.custody import DeviceStateError
from accounts.models import Device, DeviceChallenge, Role
from tests.accounts.recorded import recorded
from tests.factories import make_administrator, make_device, make_user

pytestmark = pytest.mark.django_db


def text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


class Key:
    """What a browser holds: a private key, and how it answers."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        public = self.private.public_key()
        self.point = text(public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def answer(self, nonce: str, purpose: str) -> dict[str, str]:
        message = f"accounts/v1 browser\n{purpose}\n{nonce}".encode()
        r, s = decode_dss_signature(self.private.sign(message, ec.ECDSA(hashes.SHA256())))
        signature = text(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        return {"point": self.point, "nonce": nonce, "signature": signature}


def registered(key: Key, device: Device | None = None) -> Device:
    device = device or make_device()
    nonce = browsers.challenge("register")
    browsers.register_key(device, by=make_administrator(), **key.answer(nonce, "register"))
    device.refresh_from_db()
    return device


def test_browser_that_signs_is_the_device_once() -> None:
    key = Key()
    device = registered(key)
    said = key.answer(browsers.challenge("sign-in"), "sign-in")

    assert browsers.prove(**said) == device
    with pytest.raises(ChallengeSpentError):
        browsers.prove(**said)
    assert recorded("device.browser_key_registered")[-1]["payload"] == {
        "device_id": str(device.pk),
        "public_point": key.point,
    }


def test_challenge_is_too_old_after_two_minutes() -> None:
    key = Key()
    registered(key)
    said = key.answer(browsers.challenge("sign-in"), "sign-in")
    before = timezone.now() - timedelta(seconds=120)
    DeviceChallenge.objects.filter(purpose="sign-in").update(issued_at=before)

    with pytest.raises(ChallengeSpentError):
        browsers.prove(**said)


def test_wrong_answers_name_nothing_and_spend_the_challenge() -> None:
    key, stranger = Key(), Key()
    registered(key)

    def nonce() -> str:
        return browsers.challenge("sign-in")

    wrong = [
        stranger.answer(nonce(), "sign-in"),
        key.answer(nonce(), "register"),
        stranger.answer(nonce(), "sign-in") | {"point": key.point},
        key.answer(nonce(), "sign-in") | {"signature": text(bytes(64))},
        key.answer(nonce(), "sign-in") | {"signature": ""},
        key.answer(nonce(), "sign-in") | {"point": text(b"\x04" + secrets.token_bytes(64))},
        key.answer(nonce(), "sign-in") | {"point": "\u00e9" * 1000},
    ]
    for said in wrong:
        with pytest.raises(BrowserProofError):
            browsers.prove(**said)
        with pytest.raises(ChallengeSpentError):
            browsers.prove(**key.answer(said["nonce"], "sign-in"))
    with pytest.raises(ChallengeSpentError):
        browsers.prove(**key.answer("made up", "sign-in"))
    with pytest.raises(ChallengeSpentError):
        browsers.prove(**key.answer(browsers.challenge("register"), "sign-in"))


def test_cookie_says_nothing_once_a_key_is_registered() -> None:
    device = make_device()
    cookie = devices.bind_browser(device, by=make_administrator())
    assert devices.recognise(cookie) == device

    registered(Key(), device)
    later = devices.bind_browser(device, by=make_administrator())

    assert devices.recognise(cookie) is None
    assert devices.recognise(later) is None


def test_lost_device_proves_nothing_and_gets_no_key() -> None:
    key, by = Key(), make_administrator()
    device = registered(key)
    custody.report_lost(device, by=by, reason="stolen")

    with pytest.raises(BrowserProofError):
        browsers.prove(**key.answer(browsers.challenge("sign-in"), "sign-in"))
    with pytest.raises(DeviceStateError):
        registered(Key(), device)
    with pytest.raises(DeviceStateError):
        devices.bind_browser(device, by=by)


def test_key_stands_for_one_device_and_administrators_register_it() -> None:
    key = Key()
    registered(key)

    with pytest.raises(BrowserKnownError):
        registered(key)
    said = Key().answer(browsers.challenge("register"), "register")
    with pytest.raises(PermissionDenied):
        browsers.register_key(make_device(), by=make_user(role=Role.AUDITOR), **said)
