"""Courses, their versions, and what projects ask for as their protocols change."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from accounts import courses, training
from accounts.errors.base import ReasonMissingError
from accounts.errors.training import (
    AlreadyWithdrawnError,
    CourseTitleTakenError,
    RequirementHeldError,
    TrainingFactsError,
    TrainingNotCurrentError,
)
from accounts.models import Project, Role, TrainingRequirement, User
from tests.accounts.recorded import recorded
from tests.accounts.trained import asked, make_course, make_version, passed
from tests.annotations.flow import make_protocol
from tests.factories import make_administrator, make_project, make_user

pytestmark = pytest.mark.django_db
MANAGE: dict[str, Callable[[User], object]] = {
    "add": lambda by: courses.add(title="A", about="", by=by),
    "publish": lambda by: make_version(make_course(), by=by),
    "require": lambda by: courses.require(
        make_project(), version=make_version(), by=by, reason="x"
    ),
}


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def reader(project: Project) -> User:
    return make_user(role=Role.ANNOTATOR, project=project)


def is_current(user: User, project: Project) -> bool:
    try:
        training.require_current_training(user, project)
    except TrainingNotCurrentError:
        return False
    return True


@pytest.mark.parametrize("act", MANAGE)
@pytest.mark.parametrize("role", [Role.DATA_MANAGER, Role.REGULATORY, Role.ANNOTATOR])
def test_only_administrators_keep_courses(act: str, role: str) -> None:
    with pytest.raises(PermissionDenied):
        MANAGE[act](make_user(role=role))


def test_titles_are_given_once() -> None:
    make_course(title="Privacy")

    with pytest.raises(CourseTitleTakenError):
        make_course(title=" privacy ")


def test_versions_are_numbered_and_recorded() -> None:
    course = make_course(title="Privacy")
    make_version(course, document_hash="a" * 64)
    second = make_version(course, validity_days=None)

    assert (second.number, str(second)) == (2, "Privacy, version 2")
    said = recorded("training.version_published")
    assert [one["payload"]["document_hash"] for one in said] == ["a" * 64, None]


@pytest.mark.parametrize(
    "wrong",
    [
        {"pass_mark": 101},
        {"pass_mark": -1},
        {"validity_days": 0},
        {"validity_days": 10**9},
        {"document_hash": "x"},
    ],
)
def test_a_version_that_cannot_be_is_not_published(wrong: dict[str, Any]) -> None:
    with pytest.raises(TrainingFactsError):
        make_version(**wrong)


def test_a_requirement_is_asked_once_with_a_reason_of_a_reading_role(project: Project) -> None:
    version, by = asked(project), make_administrator()

    with pytest.raises(RequirementHeldError):
        courses.require(project, version=version, by=by, reason="again")
    with pytest.raises(ReasonMissingError):
        courses.require(make_project(), version=version, by=by, reason=" ")
    with pytest.raises(TrainingFactsError):
        courses.require(project, version=version, role=Role.AUDITOR, by=by, reason="x")


def test_a_newer_version_takes_the_place_of_the_older(reader: User, project: Project) -> None:
    course = make_course()
    passed(reader, asked(project, make_version(course)))
    assert is_current(reader, project)

    asked(project, make_version(course))

    assert not is_current(reader, project)
    assert TrainingRequirement.objects.standing().count() == 1
    ended = recorded("training.requirement_ended")[0]["payload"]
    assert ended["superseded_by"] == str(TrainingRequirement.objects.standing().get().pk)


def test_training_lapses_when_the_protocol_comes_that_needs_a_newer_version(
    reader: User, project: Project
) -> None:
    make_protocol(project)
    course = make_course()
    passed(reader, asked(project, make_version(course)))
    newer = make_version(course)
    asked(project, newer, from_protocol=2)
    assert is_current(reader, project)

    make_protocol(project)

    assert not is_current(reader, project)
    applied = recorded("training.requirement_applied")
    assert [one["payload"]["protocol_version"] for one in applied] == [2]
    passed(reader, newer)
    assert is_current(reader, project)


@pytest.mark.parametrize("repeat", ["", "now", "next_protocol"])
def test_a_version_that_is_repeated_says_from_when(
    reader: User, project: Project, repeat: courses.Repeat
) -> None:
    make_protocol(project)
    course = make_course()
    passed(reader, asked(project, make_version(course)))

    make_version(course, repeat=repeat)
    before = is_current(reader, project)
    make_protocol(project)

    after = is_current(reader, project)
    assert (before, after) == {
        "": (True, True),
        "now": (False, False),
        "next_protocol": (True, False),
    }[repeat]


def test_what_is_asked_for_no_longer_binds_nobody(reader: User, project: Project) -> None:
    asked(project)
    requirement, by = TrainingRequirement.objects.get(), make_administrator()

    with pytest.raises(ReasonMissingError):
        courses.end_requirement(requirement, by=by, reason="")
    courses.end_requirement(requirement, by=by, reason="read by machines now")

    assert is_current(reader, project)
    with pytest.raises(AlreadyWithdrawnError):
        courses.end_requirement(requirement, by=by, reason="again")
