"""Make courses, what projects ask for, and people who passed."""

from datetime import date
from itertools import count
from typing import Any

from django.utils import timezone

from accounts import courses, qualifications, training
from accounts.models import (
    Course,
    CourseVersion,
    Project,
    Qualification,
    TrainingCompletion,
    User,
)
from accounts.qualifications import Claimed
from tests.factories import make_administrator, make_user

_numbers = count(1)


def make_course(*, by: User | None = None, title: str = "") -> Course:
    title = title or f"Course {next(_numbers)}"
    return courses.add(title=title, about="", by=by or make_administrator())


def make_version(
    course: Course | None = None, *, by: User | None = None, **facts: Any
) -> CourseVersion:
    by = by or make_administrator()
    given = {"pass_mark": 80, "validity_days": 365}
    return courses.publish_version(course or make_course(by=by), by=by, **{**given, **facts})


def asked(
    project: Project, version: CourseVersion | None = None, **facts: Any
) -> CourseVersion:
    """Let `project` ask for a version of a course; return the version."""
    by = facts.pop("by", None) or make_administrator()
    version = version or make_version(by=by)
    courses.require(project, version=version, by=by, reason="the protocol needs it", **facts)
    return version


def passed(
    user: User, version: CourseVersion, *, on: date | None = None, score: int = 90
) -> TrainingCompletion:
    result = training.Result(version=version, score=score, done_on=on or timezone.now().date())
    return training.complete(user, result=result, by=make_administrator())


def claimed(**changed: Any) -> Claimed:
    facts = {
        "specialty": "Radiology",
        "issuer": "Medical Board of Berlin",
        "licence": "B-1234 567",
        "years": 9,
        "valid_from": date(2017, 5, 2),
    }
    return Claimed(**{**facts, **changed})


def qualified(
    user: User | None = None, *, by: User | None = None, **changed: Any
) -> Qualification:
    return qualifications.record(
        user or make_user(), claimed=claimed(**changed), by=by or make_administrator()
    )
