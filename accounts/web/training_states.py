"""How training stands, in the words and shapes that pages show it in."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from accounts.models import (
    Course,
    Membership,
    Project,
    TrainingCompletion,
    TrainingRequirement,
    User,
)
from accounts.models.training import UNASKED
from accounts.web.training_filters import SOON

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

MOST_COLUMNS = 6


@dataclass(frozen=True, kw_only=True)
class State:
    """A finding about one person and one course: shape, word and what stands below it."""

    shape: str
    word: str
    below: str = ""


NOT_ASKED = State(shape="", word="—")
MISSING = State(shape="missing", word="Not on record")


def state_of(done: Sequence[TrainingCompletion], asked: Sequence[TrainingRequirement]) -> State:
    """Return how a person stands with one course, by what they passed and what is asked."""
    today = timezone.now().date()
    least = max((one.version.number for one in asked), default=0)
    counting = [one for one in done if one.passed and one.withdrawn_at is None]
    enough = [one for one in counting if one.version.number >= least]
    if not enough:
        return _short(counting, least)
    best = max(enough, key=lambda one: (one.expires_on is None, one.expires_on, one.done_on))
    ends = best.expires_on
    below = f"version {best.version.number}"
    if ends is None:
        return State(shape="evidenced", word="No end", below=below)
    if ends < today:
        shape = "failed" if asked else "na"
        return State(shape=shape, word=f"Lapsed {ends:%-d %b %Y}", below=below)
    if ends - today <= SOON:
        days = (ends - today).days
        left = "last day" if not days else f"{days} day{'s' if days > 1 else ''} left"
        return State(shape="partly", word=left, below=f"to {ends:%-d %b %Y}, {below}")
    return State(shape="evidenced", word=f"To {ends:%-d %b %Y}", below=below)


def _short(counting: Sequence[TrainingCompletion], least: int) -> State:
    """Return the state of somebody who has not passed what is asked for."""
    if counting:
        newest = max(one.version.number for one in counting)
        return State(
            shape="failed", word=f"Version {least} due", below=f"passed version {newest}"
        )
    return MISSING if least else NOT_ASKED


def columns(project: Project | None) -> tuple[list[Course], int]:
    """Return the courses that the matrix shows, those asked for first, and how many exist."""
    standing = TrainingRequirement.objects.standing()
    if project is not None:
        standing = standing.filter(project=project)
    asked = set(standing.values_list("version__course_id", flat=True))
    every = list(Course.objects.all())
    if project is not None:
        every = [course for course in every if course.pk in asked]
    ordered = sorted(every, key=lambda course: (course.pk not in asked, course.title))
    return ordered[:MOST_COLUMNS], len(ordered)


def matrix(
    people: Iterable[User], courses: Sequence[Course]
) -> list[tuple[User, list[tuple[Course, State]]]]:
    """Return a row for each person: how they stand with each course; three queries in all."""
    people = list(people)
    done: dict[tuple[UUID, UUID], list[TrainingCompletion]] = defaultdict(list)
    found = TrainingCompletion.objects.filter(user__in=people, version__course__in=courses)
    for one in found.select_related("version"):
        done[one.user_id, one.version.course_id].append(one)
    held: dict[UUID, list[Membership]] = defaultdict(list)
    for membership in Membership.objects.current().filter(user__in=people):
        held[membership.user_id].append(membership)
    asked = list(
        TrainingRequirement.objects.in_force(timezone.now())
        .filter(version__course__in=courses)
        .select_related("version")
    )
    return [
        (
            person,
            [
                (
                    course,
                    state_of(
                        done[person.pk, course.pk],
                        [
                            one
                            for one in asked
                            if one.version.course_id == course.pk
                            and is_asked(one, held[person.pk])
                        ],
                    ),
                )
                for course in courses
            ],
        )
        for person in people
    ]


def is_asked(requirement: TrainingRequirement, held: Iterable[Membership]) -> bool:
    """Tell whether somebody with these roles is asked for `requirement`."""
    there = {one.role for one in held if one.project_id == requirement.project_id}
    return bool(there - set(UNASKED) if not requirement.role else requirement.role in there)


def own(user: User) -> list[dict[str, Any]]:
    """Return what is asked of `user` now or soon, by project, each with its state."""
    held = list(Membership.objects.current().filter(user=user))
    standing = TrainingRequirement.objects.standing().select_related(
        "project", "version__course"
    )
    asked = [
        one
        for one in standing.filter(project__in=[h.project_id for h in held if h.project_id])
        if is_asked(one, held)
    ]
    done: dict[UUID, list[TrainingCompletion]] = defaultdict(list)
    for each in user.completions.select_related("version"):
        done[each.version.course_id].append(each)
    return [
        {"asked": one, "state": state_of(done[one.version.course_id], [one])} for one in asked
    ]
