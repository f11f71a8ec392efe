"""Put exact content before a person to sign, and take their answer once.

A page calls `issue`, shows the content and the statement, and answers with `confirm`.
`confirm` commits by itself (a wrong password must count although nothing is signed), so it
is called *before* the workflow that stores the signature, never inside its transaction.
That workflow locks the record, compares versions, and appends `confirmation.event()` last.
"""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

import ledger
from accounts.errors.base import AccountsError
from accounts.errors.sign_in import TemporaryPasswordError
from accounts.errors.signing import (
    NonceUsedError,
    NotYourRequestError,
    SigningExpiredError,
    SigningLockedError,
    SigningRefusedError,
)
from accounts.events.signing import SignatureApplied, SignatureFailed
from accounts.identifiers import skeleton
from accounts.models import SigningRequest, User
from accounts.models.signing import Meaning

VALID_FOR = timedelta(seconds=120)  # formats.md: expires_at - issued_at <= 120 s
MOST_FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
COMPONENTS = ("identifier", "password")  # 21 CFR 11.200(a)(1): both, at every signing


@dataclass(frozen=True, kw_only=True)
class SignedItem:
    """One record version put before the signer; hashes in hexadecimal, as formats.md says."""

    record_id: str
    version: int
    content_hash: str
    displayed_hash: str


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """A person answered a request to sign, by these components, before it expired."""

    request_id: str
    signer: str
    manifest: str
    components: tuple[str, ...]
    expires_at: datetime

    @property
    def items(self) -> tuple[SignedItem, ...]:
        """The record versions that the manifest binds."""
        return tuple(SignedItem(**item) for item in json.loads(self.manifest)["items"])

    def event(self) -> SignatureApplied:
        """Return what to append; raise SigningExpiredError when the two minutes are over."""
        if timezone.now() >= self.expires_at:
            raise SigningExpiredError
        return SignatureApplied(
            manifest=self.manifest, components=self.components, webauthn=None
        )


@transaction.atomic
def issue(
    *,
    by: User,
    items: Sequence[SignedItem],
    meaning: str,
    statement: str,
    stream: str,
) -> SigningRequest:
    """Prepare the signing of `items` by `by`: a manifest with a nonce, good for 120 s.

    `stream` is an origin.  Raises ValueError for no items or an unknown meaning, and
    TemporaryPasswordError while somebody else's choice of password is in use.
    """
    if not items or meaning not in Meaning.values:
        raise ValueError("A signature needs at least one item and a known meaning.")
    if by.temporary_password:
        raise TemporaryPasswordError

    now = timezone.now()
    nonce = urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()
    request = SigningRequest(
        signer=by, meaning=meaning, nonce=nonce, issued_at=now, expires_at=now + VALID_FOR
    )
    request.manifest = _manifest(request, items=items, statement=statement, stream=stream)

    request.save(force_insert=True)
    return request


def _manifest(
    request: SigningRequest, *, items: Sequence[SignedItem], statement: str, stream: str
) -> str:
    """Return the bytes that are signed, as text (formats.md, "Signatures")."""
    signer = request.signer
    manifest = {
        "expires_at": _time(request.expires_at),
        "issued_at": _time(request.issued_at),
        "items": [asdict(item) for item in items],
        "meaning": str(request.meaning),
        "nonce": request.nonce,
        "printed_name": signer.printed_name,
        "rp_id": settings.LEDGER_SITE,
        "schema": "signature.manifest/1",
        "signer": signer.ledger_ref,
        "statement": statement,
        "stream": stream,
        "time_zone": signer.time_zone,
    }
    return ledger.canonical(manifest).decode()


def confirm(
    request: SigningRequest, *, by: User, identifier: str, password: str
) -> Confirmation:
    """Take the answer to `request`: the signer's account name and password, once, in time.

    Commits its own transaction; the attempt counts and its failure is recorded even though
    nothing is signed.  Raises NotYourRequestError, NonceUsedError, SigningExpiredError,
    SigningLockedError, TemporaryPasswordError or SigningRefusedError.
    """
    refusal = _answer(request, by=by, identifier=identifier, password=password)
    if refusal is not None:
        raise refusal
    return Confirmation(
        request_id=str(request.pk),
        signer=by.ledger_ref,
        manifest=request.manifest,
        components=COMPONENTS,
        expires_at=request.expires_at,
    )


@transaction.atomic(durable=True)
def _answer(
    request: SigningRequest, *, by: User, identifier: str, password: str
) -> AccountsError | None:
    """Use up `request`, or return why not, counted and recorded."""
    by = User.objects.select_for_update().get(pk=by.pk)  # one answer of a person at a time
    request = SigningRequest.objects.select_for_update().get(pk=request.pk)
    now = timezone.now()
    refusal = _refusal(request, by=by, now=now)
    failure_class = refusal.code if refusal else "credentials"
    if refusal is None and not _is_signer(by, identifier, password):
        refusal = SigningRefusedError()
        request.failures += 1
        request.last_failure_at = now
        request.save(update_fields=["failures", "last_failure_at"])

    if refusal is None:
        request.used_at = now
        request.save(update_fields=["used_at"])
        return None

    ledger.append(
        SignatureFailed(
            request_id=str(request.pk), meaning=request.meaning, failure_class=failure_class
        ),
        actor=by,
        subject=request,
    )
    return refusal


def _refusal(request: SigningRequest, *, by: User, now: datetime) -> AccountsError | None:
    if request.signer_id != by.pk:
        return NotYourRequestError()
    if request.used_at is not None:
        return NonceUsedError()
    if not request.issued_at <= now < request.expires_at:
        return SigningExpiredError()
    if by.temporary_password:
        return TemporaryPasswordError()
    recent = by.signing_requests.filter(last_failure_at__gt=now - LOCKED_FOR)
    failures = recent.aggregate(all=Sum("failures"))["all"] or 0
    if failures >= MOST_FAILURES:
        return SigningLockedError(int(LOCKED_FOR.total_seconds() // 60))
    return None


def _is_signer(by: User, identifier: str, password: str) -> bool:
    return skeleton(identifier) == by.identifier and by.check_password(password)


def _time(moment: datetime) -> str:
    """Return TIME of formats.md: UTC, six decimals, Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
