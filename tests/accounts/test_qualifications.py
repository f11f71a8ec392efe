"""Qualifications: recorded by one person, verified by another, never by the reader."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts import qualifications
from accounts.errors.base import ReasonMissingError
from accounts.errors.training import (
    AlreadyVerifiedError,
    AlreadyWithdrawnError,
    OwnTrainingError,
    SameVerifierError,
    TrainingFactsError,
)
from accounts.models import Qualification, Role
from tests.accounts.recorded import recorded
from tests.accounts.trained import qualified
from tests.factories import make_administrator, make_user

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date()


def test_the_licence_is_kept_as_a_keyed_hash_alone() -> None:
    one = qualified()

    said = recorded("qualification.recorded")[-1]
    assert "1234" not in str(said)
    assert said["payload"]["licence_hash"] == one.licence_hash
    assert one.licence_hash == qualifications.licence_hash("b-1234567")
    assert len(one.licence_hash) == 64


def test_it_counts_from_its_verification_by_another_person_on() -> None:
    one, by = qualified(), make_user(role=Role.REGULATORY)
    assert not Qualification.objects.holding(TODAY).exists()

    qualifications.verify(one, by=by, method="Called the board's register")

    assert Qualification.objects.holding(TODAY).get() == one
    assert not Qualification.objects.holding(date(2017, 5, 1)).exists()
    assert recorded("qualification.verified")[0]["reason"] == "Called the board's register"
    with pytest.raises(AlreadyVerifiedError):
        qualifications.verify(one, by=by, method="again")


def test_neither_the_recorder_nor_the_reader_verifies() -> None:
    recorder, reader = make_administrator(), make_administrator()
    one = qualified(reader, by=recorder)

    with pytest.raises(SameVerifierError):
        qualifications.verify(one, by=recorder, method="saw it")
    with pytest.raises(OwnTrainingError):
        qualifications.verify(one, by=reader, method="it is mine")
    with pytest.raises(OwnTrainingError):
        qualified(recorder, by=recorder)
    with pytest.raises(ReasonMissingError):
        qualifications.verify(one, by=make_administrator(), method=" ")


def test_what_was_withdrawn_counts_no_longer() -> None:
    one, by = qualified(), make_administrator()
    qualifications.verify(one, by=by, method="register")

    qualifications.withdraw(one, by=by, reason="licence given back")

    assert not Qualification.objects.holding(TODAY).exists()
    with pytest.raises(AlreadyWithdrawnError):
        qualifications.withdraw(one, by=by, reason="again")
    with pytest.raises(AlreadyWithdrawnError):
        qualifications.verify(one, by=by, method="again")


@pytest.mark.parametrize("role", [Role.DATA_MANAGER, Role.ANNOTATOR, Role.AUDITOR])
def test_other_roles_record_and_verify_nothing(role: str) -> None:
    with pytest.raises(PermissionDenied):
        qualified(by=make_user(role=role))
    with pytest.raises(PermissionDenied):
        qualifications.verify(qualified(), by=make_user(role=role), method="x")


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"years": 81}, TrainingFactsError),
        ({"valid_to": date(2017, 5, 1)}, TrainingFactsError),
        ({"specialty": " "}, ValidationError),
        ({"issuer": "x" * 201}, ValidationError),
    ],
)
def test_what_cannot_be_is_not_recorded(
    wrong: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        qualified(**wrong)


def test_it_ends_with_its_last_day() -> None:
    one = qualified(valid_to=TODAY)
    qualifications.verify(one, by=make_administrator(), method="register")

    assert Qualification.objects.holding(TODAY).exists()
    assert not Qualification.objects.holding(TODAY + timedelta(days=1)).exists()
