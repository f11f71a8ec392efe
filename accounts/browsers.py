"""Browsers name their machine by a key that never leaves them (WebCrypto, ECDSA P-256)."""

from __future__ import annotations

import binascii
import hashlib
import secrets
from base64 import urlsafe_b64decode
from datetime import timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from django.db import IntegrityError, transaction
from django.utils import timezone

import ledger
from accounts.errors.browsers import BrowserKnownError, BrowserProofError, ChallengeSpentError
from accounts.errors.custody import DeviceStateError
from accounts.events.browsers import SessionClientNoted
from accounts.events.devices import DeviceBrowserKeyRegistered
from accounts.models import Device, DeviceChallenge, Session, User
from accounts.permissions import require_organisation_permission

LIFETIME = timedelta(seconds=120)
KEPT = timedelta(minutes=10)
POINT_BYTES, SIGNATURE_BYTES = 65, 64  # 0x04, x, y; r, s
REGISTER, SIGN_IN = "register", "sign-in"
BINDABLE = frozenset({Device.State.STORED, Device.State.IN_USE})


def challenge(purpose: str) -> str:
    """Return a number for a browser to sign within two minutes; old ones are forgotten."""
    now = timezone.now()
    DeviceChallenge.objects.filter(issued_at__lt=now - KEPT).delete()
    nonce = secrets.token_urlsafe(32)
    DeviceChallenge.objects.create(nonce_hash=_hash(nonce), purpose=purpose, issued_at=now)
    return nonce


@transaction.atomic
def register_key(device: Device, *, point: str, nonce: str, signature: str, by: User) -> None:
    """Let the browser that holds the key of `point` name `device`; earlier keys are void.

    Raises PermissionDenied, DeviceStateError, ChallengeSpentError, BrowserProofError or
    BrowserKnownError; then nothing has changed and nothing is recorded.
    """
    require_organisation_permission(by, "manage_devices")

    device = Device.objects.select_for_update(of=("self",)).get(pk=device.pk)
    if device.state not in BINDABLE:
        raise DeviceStateError(device.asset_tag, device.get_state_display())
    _spend(nonce, REGISTER)
    _require_signed(point, REGISTER, nonce, signature)

    device.browser_point, device.browser_key = point, ""
    try:
        with transaction.atomic():
            device.save(update_fields=["browser_point", "browser_key"])
    except IntegrityError:
        raise BrowserKnownError from None

    registered = DeviceBrowserKeyRegistered(device_id=str(device.pk), public_point=point)
    ledger.append(registered, actor=by, subject=device)


def prove(*, point: str, nonce: str, signature: str) -> Device:
    """Return the machine whose browser signed `nonce`; a second signature says nothing.

    Raises ChallengeSpentError or BrowserProofError.  A challenge is spent by any answer.
    """
    _spend(nonce, SIGN_IN)
    _require_signed(point, SIGN_IN, nonce, signature)
    found = Device.objects.filter(browser_point=point).first()
    if found is None or not found.is_held:
        raise BrowserProofError
    return found


@transaction.atomic
def note_client(session: Session, *, mobile: bool, shown_by: str) -> None:
    """Record what the browser of `session` said of itself and how it named its machine."""
    noted = SessionClientNoted(
        session_id=str(session.pk),
        mobile=mobile,
        shown_by=shown_by,
        device=session.device.ledger_ref if session.device else None,
    )
    ledger.append(noted, actor=session.user, subject=session)


def _spend(nonce: str, purpose: str) -> None:
    """Use up a challenge: of two who try at once, the database lets one."""
    now = timezone.now()
    fresh = DeviceChallenge.objects.filter(
        nonce_hash=_hash(nonce),
        purpose=purpose,
        used_at=None,
        issued_at__gt=now - LIFETIME,
        issued_at__lte=now + timedelta(seconds=2),
    )
    if fresh.update(used_at=now) != 1:
        raise ChallengeSpentError


def _require_signed(point: str, purpose: str, nonce: str, signature: str) -> None:
    message = f"accounts/v1 browser\n{purpose}\n{nonce}".encode()
    signed = _bytes(signature, SIGNATURE_BYTES)
    half = SIGNATURE_BYTES // 2
    r, s = (int.from_bytes(part, "big") for part in (signed[:half], signed[half:]))
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(
            ec.SECP256R1(), _bytes(point, POINT_BYTES)
        )
        key.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        raise BrowserProofError from None


def _bytes(text: str, length: int) -> bytes:
    """Return what base64url without padding says, of exactly this length."""
    try:
        found = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise BrowserProofError from None
    if len(found) != length or "=" in text:
        raise BrowserProofError
    return found


def _hash(nonce: str) -> str:
    return hashlib.sha256(nonce.encode()).hexdigest()
