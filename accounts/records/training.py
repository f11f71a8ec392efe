"""What courses, requirements and completions must agree with in the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ledger
from accounts.events.training import (
    CourseAdded,
    CourseVersionPublished,
    TrainingCompleted,
    TrainingFailed,
    TrainingRequired,
    TrainingRequirementApplied,
    TrainingRequirementEnded,
    TrainingWithdrawn,
)
from accounts.records.base import Row, digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

COURSE_EVENTS = frozenset({CourseAdded.name, CourseVersionPublished.name})
TRIED = frozenset({TrainingCompleted.name, TrainingFailed.name})


def course_rows() -> Iterator[Row]:
    """Yield every course and every version of one."""
    from accounts.models import Course, CourseVersion  # apps load before models

    for course in Course.objects.iterator():
        yield course.ledger_ref, digest({"title": course.title})
    for version in CourseVersion.objects.select_related("course").iterator():
        yield (
            version.ledger_ref,
            digest(
                {
                    "course": version.course.ledger_ref,
                    "version": version.number,
                    "document_hash": version.document_hash or None,
                    "pass_mark": version.pass_mark,
                    "validity_days": version.validity_days,
                }
            ),
        )


def replay_courses(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return courses and versions as they were added and published."""
    found: dict[str, str] = {}
    for entry in entries:
        said = entry.payload
        if entry.event == CourseAdded.name:
            found[entry.subject] = digest({"title": said["title"]})
        elif entry.event == CourseVersionPublished.name:
            kept = ("version", "document_hash", "pass_mark", "validity_days")
            facts: dict[str, Any] = {key: said[key] for key in kept}
            ref = f"accounts.course_version:{said['version_id']}"
            found[ref] = digest(facts | {"course": entry.subject})
    return found


def requirement_rows() -> Iterator[Row]:
    """Yield everything that projects ask for, or asked for."""
    from accounts.models import TrainingRequirement

    rows = TrainingRequirement.objects.select_related("project", "version__course")
    for asked in rows.iterator():
        facts = {
            "project": asked.project.ledger_ref,
            "course": asked.version.course.ledger_ref,
            "version": asked.version.number,
            "role": asked.role or None,
            "from_protocol": asked.from_protocol,
        }
        in_force = asked.in_force_since is not None
        ended = asked.ended_at is not None
        yield asked.ledger_ref, _requirement(facts, in_force=in_force, ended=ended)


def replay_requirements(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every requirement as it was set, came into force and ended."""
    facts: dict[str, dict[str, Any]] = {}
    in_force, ended = set(), set()
    for entry in entries:
        said = entry.payload
        key = said.get("requirement_id", "")
        if entry.event == TrainingRequired.name:
            kept = ("project", "course", "version", "role", "from_protocol")
            facts[key] = {name: said[name] for name in kept}
            if said["in_force"]:
                in_force.add(key)
        elif entry.event == TrainingRequirementApplied.name:
            in_force.add(key)
        elif entry.event == TrainingRequirementEnded.name:
            ended.add(key)
    return {
        f"accounts.training_requirement:{key}": _requirement(
            said, in_force=key in in_force, ended=key in ended
        )
        for key, said in facts.items()
    }


def _requirement(facts: dict[str, Any], *, in_force: bool, ended: bool) -> str:
    return digest(facts | {"in_force": in_force, "ended": ended})


def completion_rows() -> Iterator[Row]:
    """Yield every completion, passed or not."""
    from accounts.models import TrainingCompletion

    rows = TrainingCompletion.objects.select_related("user", "version__course")
    for done in rows.iterator():
        facts = {
            "person": done.user.ledger_ref,
            "course": done.version.course.ledger_ref,
            "version": done.version.number,
            "score": done.score,
            "passed": done.passed,
            "done_on": done.done_on.isoformat(),
            "expires": done.expires_on.isoformat() if done.expires_on else None,
            "evidence_hash": done.evidence_hash or None,
        }
        withdrawn = done.withdrawn_at is not None
        yield done.ledger_ref, digest(facts | {"withdrawn": withdrawn})


def replay_completions(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every completion as it was recorded and withdrawn."""
    facts: dict[str, dict[str, Any]] = {}
    withdrawn = set()
    for entry in entries:
        said = entry.payload
        if entry.event in TRIED:
            kept = ("course", "version", "score", "done_on", "evidence_hash")
            facts[said["completion_id"]] = {key: said[key] for key in kept} | {
                "person": entry.subject,
                "passed": entry.event == TrainingCompleted.name,
                "expires": said.get("expires"),
            }
        elif entry.event == TrainingWithdrawn.name:
            withdrawn.add(said["completion_id"])
    return {
        f"accounts.training_completion:{key}": digest(said | {"withdrawn": key in withdrawn})
        for key, said in facts.items()
    }


ledger.recorded(
    "accounts.course", rows=course_rows, replay=replay_courses, events=COURSE_EVENTS
)
ledger.recorded(
    "accounts.training_requirement",
    rows=requirement_rows,
    replay=replay_requirements,
    events=frozenset(
        {
            TrainingRequired.name,
            TrainingRequirementApplied.name,
            TrainingRequirementEnded.name,
        }
    ),
)
ledger.recorded(
    "accounts.training_completion",
    rows=completion_rows,
    replay=replay_completions,
    events=TRIED | {TrainingWithdrawn.name},
)
