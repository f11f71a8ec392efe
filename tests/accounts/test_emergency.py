"""Breaking the glass: one subject, this session, an hour, signed, and reviewed by another."""

from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F

from accounts import emergency
from accounts.controls.emergency import emergency_access_tested
from accounts.errors.base import ReasonMissingError
from accounts.errors.emergency import (
    EmergencyOverError,
    EmergencyReasonError,
    EmergencyStateError,
    NoSuchSubjectError,
    OwnEmergencyError,
)
from accounts.models import Alert, EmergencyAccess, Role
from annotations.models import Subject
from ledger.history import record_of
from ledger.models import Entry
from tests.accounts.breaking import WHY, broken, is_open, prepared, set_back, signed
from tests.accounts.recorded import recorded
from tests.annotations import flow
from tests.factories import (
    make_administrator,
    make_project,
    make_session,
    make_user,
)

pytestmark = pytest.mark.django_db(transaction=True)  # signing commits by itself

POLL = {"X-Poll": "1"}  # a poll never moves the last activity, which would be one query more


@pytest.fixture
def subject() -> Subject:
    return flow.make_subject(make_project())


def test_what_was_signed_opens_for_an_hour_and_is_recorded(subject: Subject) -> None:
    access = broken(subject)

    assert is_open(access)
    entry = recorded("emergency_access.invoked")[-1]
    assert entry["subject"] == access.ledger_ref
    assert entry["reason"] == WHY
    assert entry["payload"]["about"] == subject.ledger_ref
    assert entry["payload"]["ends"] == f"{access.ends_at:%Y-%m-%dT%H:%M:%S.%fZ}"
    assert recorded("signature.applied")[-1]["subject"] == access.ledger_ref
    assert Alert.objects.get().about == access.ledger_ref


def test_nothing_is_open_before_it_is_signed(subject: Subject) -> None:
    assert not is_open(prepared(subject))


@pytest.mark.parametrize(
    ("minutes", "opens"), [(59.9, True), (60, False), (61, False), (-1, False)]
)
def test_it_ends_by_the_server_s_clock_and_never_begins_in_the_future(
    subject: Subject, minutes: float, opens: bool
) -> None:
    access = broken(subject)

    set_back(access, minutes=minutes)

    assert is_open(access) is opens


def test_the_database_gives_nobody_more_than_an_hour(subject: Subject) -> None:
    broken(subject)

    with pytest.raises(IntegrityError), transaction.atomic():
        EmergencyAccess.objects.update(ends_at=F("ends_at") + timedelta(seconds=1))


def test_it_is_open_in_its_own_session_alone(subject: Subject) -> None:
    access = broken(subject)
    another = make_session(access.person)
    stranger = make_session()

    assert not is_open(access, another)
    assert not is_open(access, stranger)


def test_whoever_gives_it_back_opens_nothing_more(subject: Subject) -> None:
    access = broken(subject)

    emergency.give_back(access, by=access.person)

    assert not is_open(access)
    assert recorded("emergency_access.ended")[-1]["payload"]["record_id"] == access.ledger_ref
    with pytest.raises(EmergencyOverError):
        emergency.give_back(access, by=access.person)


def test_only_its_person_gives_it_back(subject: Subject) -> None:
    access = broken(subject)

    with pytest.raises(EmergencyOverError):
        emergency.give_back(access, by=make_administrator())
    assert is_open(access)


@pytest.mark.parametrize("role", [Role.REGULATORY, Role.AUDITOR])
def test_some_roles_break_no_glass(subject: Subject, role: str) -> None:
    with pytest.raises(PermissionDenied):
        prepared(subject, by=make_user(role=role))


def test_it_names_a_subject_that_exists_and_says_why(subject: Subject) -> None:
    person = make_user(role=Role.REVIEWER)
    session = make_session(person)
    slug, code = subject.project.slug, subject.code

    for wrong in ((slug, "S-9999"), ("nowhere", code), (make_project().slug, code)):
        with pytest.raises(NoSuchSubjectError):
            emergency.prepare(*wrong, by=person, session=session, reason=WHY)
    with pytest.raises(EmergencyReasonError):
        emergency.prepare(slug, code, by=person, session=session, reason="urgent")


def test_a_signature_opens_exactly_what_was_signed_once(subject: Subject) -> None:
    other = flow.make_subject(subject.project)
    access = prepared(subject)
    for_another = prepared(other, by=access.person, session=access.session)
    invoke = partial(emergency.invoke, access, by=access.person, session=access.session)

    with pytest.raises(EmergencyStateError):
        invoke(confirmation=signed(for_another))
    answer = signed(access)
    elsewhere = make_session(access.person)
    with pytest.raises(EmergencyStateError):
        emergency.invoke(access, by=access.person, session=elsewhere, confirmation=answer)
    EmergencyAccess.objects.filter(pk=access.pk).update(
        content=access.content.replace(subject.ledger_ref, other.ledger_ref)
    )
    with pytest.raises(EmergencyStateError):
        invoke(confirmation=answer)
    EmergencyAccess.objects.filter(pk=access.pk).update(content=access.content)
    invoke(confirmation=answer)
    with pytest.raises(EmergencyStateError):
        invoke(confirmation=signed(access))

    assert len(recorded("emergency_access.invoked")) == 1


def test_somebody_else_reviews_it_once_with_a_reason(subject: Subject) -> None:
    access = broken(subject, by=make_administrator())
    reviewer = make_user(role=Role.REGULATORY, project=subject.project)

    for role in (Role.AUDITOR, Role.REGULATORY):  # of another project
        stranger = make_user(role=role)
        with pytest.raises(PermissionDenied):
            emergency.review(access, by=stranger, outcome="justified", reason="ok")
    with pytest.raises(OwnEmergencyError):
        emergency.review(access, by=access.person, outcome="justified", reason="ok")
    with pytest.raises(ReasonMissingError):
        emergency.review(access, by=reviewer, outcome="justified", reason=" ")
    emergency.review(access, by=reviewer, outcome="justified", reason="The surgeon confirms")
    with pytest.raises(EmergencyStateError):
        emergency.review(access, by=reviewer, outcome="not_justified", reason="again")

    entry = recorded("emergency_access.reviewed")[-1]
    assert entry["payload"]["late"] is False
    assert entry["payload"]["invoked_by"] == access.person.ledger_ref
    assert entry["reason"] == "The surgeon confirms"


def test_a_review_after_three_days_is_called_late(subject: Subject) -> None:
    access = broken(subject)
    set_back(access, hours=73)

    emergency.review(access, by=make_administrator(), outcome="justified", reason="fine")

    assert recorded("emergency_access.reviewed")[-1]["payload"]["late"] is True


def found() -> list[str]:
    recorded()
    entries = Entry.objects.select_related("body", "stream").order_by("body_id")
    return [each.reason for each in emergency_access_tested([record_of(e) for e in entries])]


def test_the_control_sees_what_nobody_reviewed_and_what_was_reviewed_late(
    subject: Subject,
) -> None:
    access = broken(subject)
    assert found() == []
    set_back(access, hours=73)
    emergency.review(access, by=make_administrator(), outcome="justified", reason="fine")

    assert found() == ["reviews an emergency access later than within 72 h"]
