"""Rows about training against entries, and what the entries prove of a day."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import courses, qualifications, training, training_days
from accounts.controls.training import reader_qualification, training_current
from accounts.models import (
    Course,
    CourseVersion,
    Qualification,
    Role,
    TrainingCompletion,
    TrainingRequirement,
)
from accounts.records import qualifications as qualification_records
from accounts.records import training as records
from ledger.history import record_of
from ledger.models import Entry
from ledger.registry import Record
from tests.accounts.trained import asked, make_course, make_version, passed, qualified
from tests.annotations.flow import make_item, submitted
from tests.factories import make_administrator, make_project, make_user

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date()
TABLES = {
    "courses": (records.course_rows, records.replay_courses),
    "requirements": (records.requirement_rows, records.replay_requirements),
    "completions": (records.completion_rows, records.replay_completions),
    "qualifications": (
        qualification_records.qualification_rows,
        qualification_records.replay_qualifications,
    ),
}


@pytest.fixture
def entries(seal_now: Callable[[], None]) -> Callable[[], list[Record]]:
    """Return every entry so far, in order of time."""

    def read() -> list[Record]:
        seal_now()
        found = Entry.objects.select_related("body", "stream")
        return [record_of(e) for e in found.order_by("sealed_us", "stream_id", "seq")]

    return read


@pytest.fixture
def differing(entries: Callable[[], list[Record]]) -> Callable[[], set[str]]:
    def compare() -> set[str]:
        said = entries()
        return {
            name
            for name, (rows, replay) in TABLES.items()
            if dict(rows()) != dict(replay(said))
        }

    return compare


@pytest.fixture
def _a_school() -> None:
    project, course, by = make_project(), make_course(), make_administrator()
    reader = make_user(role=Role.ANNOTATOR, project=project)
    passed(reader, asked(project, make_version(course)))
    passed(reader, asked(project, make_version(course)), score=10)
    asked(project, make_version(course), from_protocol=9)
    training.withdraw(passed(reader, make_version()), by=by, reason="mistaken")
    asked(project)
    last = TrainingRequirement.objects.standing().filter(from_protocol=0).latest("set_at")
    courses.end_requirement(last, by=by, reason="no longer")
    qualifications.verify(qualified(reader), by=by, method="register")
    qualifications.withdraw(qualified(reader), by=by, reason="mistaken")


@pytest.mark.usefixtures("_a_school")
def test_what_workflows_do_agrees_with_the_record(differing: Callable[[], set[str]]) -> None:
    assert differing() == set()


EDITS: dict[str, tuple[Callable[[], object], set[str]]] = {
    "title": (
        lambda: Course.objects.filter(versions__number=2).update(title="Else"),
        {"courses"},
    ),
    "pass mark": (lambda: CourseVersion.objects.update(pass_mark=1), {"courses"}),
    "score": (lambda: TrainingCompletion.objects.update(score=100), {"completions"}),
    "expiry": (lambda: TrainingCompletion.objects.update(expires_on=None), {"completions"}),
    "revived": (lambda: TrainingCompletion.objects.update(withdrawn_at=None), {"completions"}),
    "dropped": (lambda: TrainingRequirement.objects.all().delete(), {"requirements"}),
    "let off": (
        lambda: TrainingRequirement.objects.update(ended_at=timezone.now()),
        {"requirements"},
    ),
    "licence": (
        lambda: Qualification.objects.update(licence_hash="0" * 64),
        {"qualifications"},
    ),
    "unverified": (
        lambda: Qualification.objects.update(verified_by=None, verified_at=None),
        {"qualifications"},
    ),
}


@pytest.mark.usefixtures("_a_school")
@pytest.mark.parametrize("edit", EDITS)
def test_edit_behind_the_record_is_found(edit: str, differing: Callable[[], set[str]]) -> None:
    act, tables = EDITS[edit]

    act()

    assert differing() == tables


def test_a_day_is_answered_from_the_entries_alone(entries: Callable[[], list[Record]]) -> None:
    project = make_project(name="Chest CR")
    reader = make_user(role=Role.ANNOTATOR, project=project)
    version = asked(project, make_version(make_course(title="Reading"), validity_days=10))
    entries()
    before = training_days.on_day(reader, TODAY)
    passed(reader, version, on=TODAY - timedelta(days=2))
    qualifications.verify(qualified(reader), by=make_administrator(), method="register")
    entries()
    TrainingCompletion.objects.all().delete()  # the rows are not asked
    Qualification.objects.all().delete()

    now = training_days.on_day(reader, TODAY)
    last = training_days.on_day(reader, TODAY + timedelta(days=8))
    lapsed = training_days.on_day(reader, TODAY + timedelta(days=9))
    yesterday = training_days.on_day(reader, TODAY - timedelta(days=1))

    assert (before.is_current, now.is_current) == (False, True)
    assert (last.is_current, lapsed.is_current) == (True, False)
    assert (now.asked[0].title, now.asked[0].project) == ("Reading", "Chest CR")
    assert now.asked[0].seq is not None
    assert [one.specialty for one in now.qualified] == ["Radiology"]
    assert (yesterday.asked, yesterday.passed, yesterday.qualified) == ([], [], [])


def test_work_without_current_training_is_found_in_the_entries(
    entries: Callable[[], list[Record]],
) -> None:
    item = make_item()
    version = asked(item.project)
    done = passed(item.annotator, version)
    submitted(item)
    assert list(training_current(entries())) == []
    TrainingCompletion.objects.all().delete()

    found = list(training_current(e for e in entries() if e.event != "training.completed"))

    assert {one.reason[:37] for one in found} == {"was done without current training in "}
    assert {one.stream for one in found} == {
        e.stream for e in entries() if e.event[:5] == "annot"
    }
    assert done.user_id == item.annotator_id


def test_readers_without_a_verified_qualification_are_found(
    entries: Callable[[], list[Record]],
) -> None:
    submitted()
    assert list(reader_qualification(entries())) == []  # none was ever recorded

    item = make_item()
    one = qualified(item.annotator)
    submitted(item)
    assert [f.reason for f in reader_qualification(entries())] == [
        "was made by a reader without a verified qualification"
    ]
    qualifications.verify(one, by=make_administrator(), method="register")
    submitted(make_item(project=item.project, annotator=item.annotator))
    assert len(list(reader_qualification(entries()))) == 1
