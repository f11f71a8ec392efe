"""Putting content before a person to sign, and taking their answer once."""

import base64
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

import ledger
from accounts import signing
from accounts.errors.sign_in import TemporaryPasswordError
from accounts.errors.signing import (
    NonceUsedError,
    NotYourRequestError,
    SigningExpiredError,
    SigningLockedError,
    SigningRefusedError,
)
from accounts.models import SigningRequest, User
from accounts.signing import Confirmation, SignedItem
from tests.accounts.recorded import recorded
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db

ITEM = SignedItem(
    record_id="annotations.annotation:6f9b3c1e-0000-4000-8000-000000000001",
    version=3,
    content_hash=sha256(b"content").hexdigest(),
    displayed_hash=sha256(b"displayed").hexdigest(),
)
STREAM = "localhost/ledger/p/6f9b3c1e-0000-4000-8000-000000000002"


def issue(by: User, **facts: Any) -> SigningRequest:
    given: dict[str, Any] = {
        "items": [ITEM],
        "meaning": "review",
        "statement": "I reviewed this and stand by it.",
        "stream": STREAM,
    }
    return signing.issue(by=by, **{**given, **facts})


def confirm(request: SigningRequest, by: User, **facts: str) -> Confirmation:
    return signing.confirm(
        request, by=by, **{"identifier": by.email, "password": PASSWORD, **facts}
    )


def test_manifest_has_exactly_the_fields_of_the_format_in_canonical_form() -> None:
    signer = make_user(printed_name="Jonas Berg", time_zone="Europe/Berlin")

    request = issue(signer)

    manifest = json.loads(request.manifest)
    assert ledger.canonical(manifest).decode() == request.manifest
    assert manifest == {
        "expires_at": manifest["expires_at"],
        "issued_at": manifest["issued_at"],
        "items": [
            {
                "content_hash": ITEM.content_hash,
                "displayed_hash": ITEM.displayed_hash,
                "record_id": ITEM.record_id,
                "version": 3,
            }
        ],
        "meaning": "review",
        "nonce": request.nonce,
        "printed_name": "Jonas Berg",
        "rp_id": settings.LEDGER_SITE,
        "schema": "signature.manifest/1",
        "signer": signer.ledger_ref,
        "statement": "I reviewed this and stand by it.",
        "stream": STREAM,
        "time_zone": "Europe/Berlin",
    }
    form = "%Y-%m-%dT%H:%M:%S.%fZ"
    issued = datetime.strptime(manifest["issued_at"], form).replace(tzinfo=UTC)
    expires = datetime.strptime(manifest["expires_at"], form).replace(tzinfo=UTC)
    assert (issued, expires) == (request.issued_at, request.expires_at)
    assert expires - issued == timedelta(seconds=120)
    assert len(base64.urlsafe_b64decode(manifest["nonce"] + "=")) == 32


def test_every_request_has_its_own_nonce() -> None:
    signer = make_user()

    assert len({issue(signer).nonce for _ in range(20)}) == 20


def test_own_name_and_password_sign_what_was_shown() -> None:
    signer = make_user()
    request = issue(signer)

    confirmation = confirm(request, signer)

    assert confirmation.manifest == request.manifest
    assert confirmation.components == ("identifier", "password")
    assert confirmation.items == (ITEM,)
    assert confirmation.event().payload() == {
        "manifest": request.manifest,
        "components": ["identifier", "password"],
        "webauthn": None,
    }
    assert not recorded("signature.failed")


def test_a_request_is_answered_once() -> None:
    signer = make_user()
    request = issue(signer)
    confirm(request, signer)

    with pytest.raises(NonceUsedError):
        confirm(request, signer)

    assert recorded("signature.failed")[-1]["payload"]["failure_class"] == "nonce_used"


def test_after_two_minutes_nothing_is_signed() -> None:
    signer = make_user()
    request = issue(signer)
    request.issued_at -= timedelta(seconds=120)
    request.expires_at -= timedelta(seconds=120)
    request.save()

    with pytest.raises(SigningExpiredError):
        confirm(request, signer)

    assert SigningRequest.objects.get(pk=request.pk).used_at is None
    assert recorded("signature.failed")[-1]["payload"]["failure_class"] == "signing_expired"


def test_a_request_from_the_future_is_not_answered() -> None:
    signer = make_user()
    request = issue(signer)
    request.issued_at += timedelta(seconds=60)
    request.expires_at += timedelta(seconds=60)
    request.save()

    with pytest.raises(SigningExpiredError):
        confirm(request, signer)


def test_an_answer_in_time_signs_nothing_once_the_time_is_over() -> None:
    signer = make_user()
    late = confirm(issue(signer), signer)

    expired = Confirmation(
        **{**vars(late), "expires_at": timezone.now() - timedelta(microseconds=1)}
    )

    with pytest.raises(SigningExpiredError):
        expired.event()


def test_nobody_answers_for_somebody_else() -> None:
    signer, other = make_user(), make_user()
    request = issue(signer)

    with pytest.raises(NotYourRequestError):
        confirm(request, other)

    entry = recorded("signature.failed")[-1]
    assert entry["actor"] == other.ledger_ref
    assert entry["payload"] == {
        "request_id": str(request.pk),
        "meaning": "review",
        "failure_class": "not_your_request",
    }
    assert confirm(request, signer).signer == signer.ledger_ref


@pytest.mark.parametrize("wrong", [{"password": "not the password"}, {"identifier": "x@y.org"}])
def test_wrong_name_or_password_signs_nothing_counts_and_is_recorded(
    wrong: dict[str, str],
) -> None:
    signer = make_user()
    request = issue(signer)

    with pytest.raises(SigningRefusedError):
        confirm(request, signer, **wrong)

    assert SigningRequest.objects.get(pk=request.pk).failures == 1
    assert recorded("signature.failed")[-1]["payload"]["failure_class"] == "credentials"
    assert "not the password" not in str(recorded())
    assert confirm(request, signer)


def test_after_five_wrong_passwords_even_the_right_one_waits() -> None:
    signer = make_user()
    for _ in range(5):
        with pytest.raises(SigningRefusedError):
            confirm(issue(signer), signer, password="wrong password here")

    with pytest.raises(SigningLockedError):
        confirm(issue(signer), signer)

    past = timezone.now() - timedelta(minutes=16)
    signer.signing_requests.update(last_failure_at=past)
    assert confirm(issue(signer), signer)


def test_wrong_passwords_of_one_person_do_not_lock_another() -> None:
    attacked, other = make_user(), make_user()
    request = issue(attacked)
    for _ in range(10):
        with pytest.raises(NotYourRequestError):
            confirm(request, other, password="wrong password here")

    assert confirm(request, attacked)


def test_a_password_somebody_else_chose_signs_nothing() -> None:
    signer = make_user()
    request = issue(signer)
    signer.temporary_password = True
    signer.save()

    with pytest.raises(TemporaryPasswordError):
        confirm(request, signer)
    with pytest.raises(TemporaryPasswordError):
        issue(signer)


@pytest.mark.parametrize("wrong", [{"items": []}, {"meaning": "approved"}])
def test_a_manifest_that_says_nothing_is_not_made(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="at least one item"):
        issue(make_user(), **wrong)


def test_wrong_password_counts_even_where_the_caller_rolls_back() -> None:
    """An answer commits by itself, so it refuses to run inside anybody's transaction."""
    signer = make_user()
    request = issue(signer)

    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        confirm(request, signer)


@settings_of_hypothesis(deadline=None, max_examples=25)
@given(statement=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_statement_survives_in_the_manifest(statement: str) -> None:
    with transaction.atomic():
        signer = make_user()
        request = issue(signer, statement=statement)
        transaction.set_rollback(True)

    assert json.loads(request.manifest)["statement"] == statement
