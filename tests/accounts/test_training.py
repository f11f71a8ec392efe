"""Training: who is current, since when not, and who may say so."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts import training
from accounts.errors.base import ReasonMissingError
from accounts.errors.people import PersonInactiveError
from accounts.errors.roles import RolesApartError
from accounts.errors.training import (
    AlreadyWithdrawnError,
    FutureTrainingError,
    OwnTrainingError,
    TrainingFactsError,
    TrainingNotCurrentError,
)
from accounts.models import CourseVersion, Project, Role, User
from accounts.training import Result, require_current_training
from tests.accounts.recorded import recorded
from tests.accounts.trained import asked, make_course, make_version, passed
from tests.factories import give_role, make_administrator, make_project, make_user

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date()


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def reader(project: Project) -> User:
    return make_user(role=Role.ANNOTATOR, project=project)


def test_a_project_that_asks_for_nothing_lets_everybody_through(
    reader: User, project: Project, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        require_current_training(reader, project)


def test_who_passed_goes_on_and_who_did_not_is_told_which_course(
    reader: User, project: Project, django_assert_num_queries: Any
) -> None:
    version = asked(project, make_version(make_course(title="Chest reading")))

    with pytest.raises(TrainingNotCurrentError, match="“Chest reading”, version 1, is not on"):
        require_current_training(reader, project)

    passed(reader, version)
    with django_assert_num_queries(1):
        require_current_training(reader, project)
    require_current_training(reader, project.pk)


def test_training_lapses_the_day_after_its_last(reader: User, project: Project) -> None:
    version = asked(project, make_version(validity_days=30))
    done = passed(reader, version, on=TODAY)
    assert done.expires_on == TODAY + timedelta(days=30)
    last = datetime.combine(done.expires_on, datetime.max.time(), UTC)

    require_current_training(reader, project, on=last)
    with pytest.raises(TrainingNotCurrentError, match=f"lapsed on {done.expires_on:%-d %b %Y}"):
        require_current_training(reader, project, on=last + timedelta(seconds=1))


def test_below_the_pass_mark_nothing_is_current(reader: User, project: Project) -> None:
    version = asked(project)
    failed = passed(reader, version, score=79)

    assert (failed.passed, failed.expires_on) == (False, None)
    with pytest.raises(TrainingNotCurrentError):
        require_current_training(reader, project)
    assert recorded("training.failed")[-1]["payload"]["score"] == 79
    assert recorded("training.completed") == []


def test_an_older_version_does_not_do_and_a_newer_does(reader: User, project: Project) -> None:
    course = make_course()
    first, second = make_version(course), make_version(course)
    third = make_version(course)
    asked(project, second)

    passed(reader, first)
    with pytest.raises(TrainingNotCurrentError, match="you passed version 1"):
        require_current_training(reader, project)
    passed(reader, third)
    require_current_training(reader, project)


@pytest.mark.parametrize(
    ("role", "refused"),
    [(Role.REVIEWER, True), (Role.ANNOTATOR, False), (Role.AUDITOR, False)],
)
def test_a_requirement_for_a_role_binds_that_role(
    project: Project, role: str, *, refused: bool
) -> None:
    person = make_user(role=role, project=project)
    asked(project, role=Role.REVIEWER)

    if not refused:
        require_current_training(person, project)
        return
    with pytest.raises(TrainingNotCurrentError):
        require_current_training(person, project)


def test_auditors_look_without_training_and_do_nothing_else_there(project: Project) -> None:
    auditor = make_user(role=Role.AUDITOR, project=project)
    asked(project)

    require_current_training(auditor, project)

    with pytest.raises(RolesApartError):
        give_role(auditor, role=Role.ANNOTATOR, project=project)


def test_one_project_asks_nothing_of_another(reader: User) -> None:
    asked(make_project())
    elsewhere = make_project()
    give_role(reader, role=Role.ANNOTATOR, project=elsewhere)

    require_current_training(reader, elsewhere)


def test_a_withdrawn_completion_counts_no_longer(reader: User, project: Project) -> None:
    done = passed(reader, asked(project))
    administrator = make_administrator()

    with pytest.raises(ReasonMissingError):
        training.withdraw(done, by=administrator, reason=" ")
    training.withdraw(done, by=administrator, reason="another person's test")
    with pytest.raises(AlreadyWithdrawnError):
        training.withdraw(done, by=administrator, reason="again")

    with pytest.raises(TrainingNotCurrentError):
        require_current_training(reader, project)
    assert recorded("training.withdrawn")[0]["reason"] == "another person's test"


def test_nobody_records_their_own_training() -> None:
    administrator = make_administrator()
    result = Result(version=make_version(), score=90, done_on=TODAY)

    with pytest.raises(OwnTrainingError):
        training.complete(administrator, result=result, by=administrator)


@pytest.mark.parametrize("role", [r for r in Role.values if r != Role.ADMINISTRATOR])
def test_only_administrators_record_training(role: str, reader: User) -> None:
    result = Result(version=make_version(), score=90, done_on=TODAY)

    with pytest.raises(PermissionDenied):
        training.complete(reader, result=result, by=make_user(role=role))
    assert recorded("training.completed") == []


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"done_on": TODAY + timedelta(days=1)}, FutureTrainingError),
        ({"score": 101}, TrainingFactsError),
        ({"score": -1}, TrainingFactsError),
        ({"evidence_hash": "not a digest"}, TrainingFactsError),
    ],
)
def test_what_cannot_be_is_not_recorded(
    reader: User, facts: dict[str, Any], refusal: type[Exception]
) -> None:
    given = {"version": make_version(), "score": 90, "done_on": TODAY}

    with pytest.raises(refusal):
        training.complete(reader, result=Result(**{**given, **facts}), by=make_administrator())
    assert not reader.completions.exists()


def test_many_are_recorded_together_or_none_is(reader: User) -> None:
    version, by = make_version(), make_administrator()
    gone = make_user()
    gone.is_active = False
    gone.save(update_fields=["is_active"])
    result = Result(version=version, score=90, done_on=TODAY, trainer="Dr Roth")

    with pytest.raises(PersonInactiveError):
        training.complete_many([reader, gone], result=result, by=by)
    assert not version.completions.exists()

    done = training.complete_many([reader, make_user()], result=result, by=by)
    assert len(done) == 2
    assert recorded("training.completed")[-1]["payload"]["trainer"] == "Dr Roth"


@given(days=st.integers(1, 36_500), score=st.integers(0, 100), mark=st.integers(0, 100))
def test_whatever_holds_ends_exactly_its_days_after(days: int, score: int, mark: int) -> None:
    version = CourseVersion(pass_mark=mark, validity_days=days)

    result = Result(version=version, score=score, done_on=TODAY)

    assert result.passed == (score >= mark)
    assert result.expires_on == (TODAY + timedelta(days=days) if result.passed else None)
