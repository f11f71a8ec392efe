"""Panels of the first page for people who do the work: annotate, review, manage data."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.utils import timezone

import ledger
from accounts.models import Project, User
from annotations.models import Draft, ImportedFile, Item, Review, Series, Snapshot
from annotations.web.worklist_pages import listed

State = Item.State
SHOWN = 5
WEEK = timedelta(days=7)
QUARANTINE_DAYS = 2  # the goal: decided within two days


@dataclass
class Panels:
    """One role's share of the page; each panel names its template, each act its page."""

    lead: list[str] = field(default_factory=list)
    acts: list[tuple[str, str, str]] = field(default_factory=list)  # address, icon, words
    main: list[dict[str, Any]] = field(default_factory=list)
    aside: list[dict[str, Any]] = field(default_factory=list)


def panel(name: str, **facts: Any) -> dict[str, Any]:
    """Return a panel: the template part `name` and what it shows."""
    return {"template": f"annotations/home/{name}.html", **facts}


def annotator(user: User, projects: Sequence[Project]) -> Panels:
    """Draft to resume, returned work with the reviewer's words, how far the reading is."""
    mine = Item.objects.filter(annotator=user, project__in=projects).select_related("project")
    counts = _counts(mine)
    drafts = Draft.objects.filter(item=OuterRef("pk"), author=user).values("saved_at")[:1]
    waiting = listed(mine.filter(state=State.DRAFT)).annotate(draft_at=Subquery(drafts))
    first = waiting.filter(draft_at__isnull=False).order_by("-draft_at").first()
    first = first or waiting.order_by("created_at").first()
    latest = Review.objects.filter(item=OuterRef("pk")).order_by("-created_at")
    returned = listed(mine.filter(state=State.REJECTED)).annotate(
        words=Subquery(latest.values("reason")[:1]),
        said_at=Subquery(latest.values("created_at")[:1]),
    )
    lead = f"{counts['to_read']} to read; {counts['returned']} returned to you."
    return Panels(
        lead=[lead],
        main=[
            panel("resume", item=first, project=projects[0] if projects else None),
            panel("returned", items=list(returned[:SHOWN]), count=counts["returned"]),
        ],
        aside=[panel("progress", title="Your readings", counts=counts)],
    )


def _counts(items: Any) -> dict[str, int]:
    return dict(
        items.aggregate(
            to_read=Count("pk", filter=Q(state=State.DRAFT)),
            returned=Count("pk", filter=Q(state=State.REJECTED)),
            under_review=Count("pk", filter=Q(state__in=[State.SUBMITTED, State.IN_REVIEW])),
            accepted=Count("pk", filter=Q(state__in=Item.ACCEPTED_STATES)),
        )
    )


def reviewer(user: User, projects: Sequence[Project]) -> Panels:
    """Oldest waiting reading first, then the rest; what waits for a signature; own drafts."""
    items = Item.objects.filter(project__in=projects)
    rows = listed(items.to_review_by(user)).select_related("project").order_by("changed_at")
    waiting = rows.count()
    shown = list(rows[: SHOWN + 1])
    to_sign = list(
        items.to_sign_by(user).select_related("project", "series__subject")[: SHOWN * 2]
    )
    return Panels(
        lead=[f"{waiting} to review; {len(to_sign)} to sign."],
        main=[
            panel(
                "review_next",
                item=shown[0] if shown else None,
                waiting=waiting,
                project=projects[0] if projects else None,
            ),
            panel("review_queue", items=shown[1:], positions=_positions(shown[1:])),
        ],
        aside=[
            panel("to_sign", items=to_sign),
            panel("own_drafts", drafts=_drafts_in_review(user, projects)),
            panel("week", counts=_decided_this_week(user)),
        ],
    )


def _drafts_in_review(user: User, projects: Sequence[Project]) -> list[Draft]:
    drafts = Draft.objects.filter(author=user, item__project__in=projects)
    return list(
        drafts.filter(item__state__in=[State.SUBMITTED, State.IN_REVIEW])
        .select_related("item__project", "item__series__subject")
        .order_by("-saved_at")[:SHOWN]
    )


def _decided_this_week(user: User) -> dict[str, int]:
    week = Review.objects.filter(reviewer=user, created_at__gte=timezone.now() - WEEK)
    return week.aggregate(
        accepted=Count("pk", filter=Q(decision="accept")),
        corrected=Count("pk", filter=Q(decision="correct")),
        returned=Count("pk", filter=Q(decision="reject")),
    )


def _positions(items: Sequence[Item]) -> dict[str, int]:
    found: dict[str, int] = {}
    for stream in {item.ledger_stream for item in items}:
        refs = [item.ledger_ref for item in items if item.ledger_stream == stream]
        found |= ledger.positions(refs, stream)
    return found


def data_manager(user: User, projects: Sequence[Project]) -> Panels:
    """Quarantine by age, how far each project is, what nobody reads, the next snapshot."""
    held = ImportedFile.objects.held_for(user).undecided().select_related("project")
    oldest = list(held.order_by("settled_at")[:SHOWN])
    unread = Series.objects.filter(project__in=projects, items__isnull=True)
    by_project = dict(
        unread.order_by()
        .values_list("project")
        .annotate(n=Count("pk"))
        .values_list("project", "n")
    )
    progress: list[dict[str, Any]] = [
        {"project": project, "unread": by_project.get(project.pk, 0), **_counts(items)}
        for project, items in ((p, Item.objects.filter(project=p)) for p in projects)
    ]
    for row in progress:
        row["handed_in"] = row["under_review"] + row["accepted"]
        row["all"] = row["to_read"] + row["returned"] + row["handed_in"]
    count = held.count()
    return Panels(
        lead=[f"{count} in quarantine; {sum(by_project.values())} series without a reader."],
        main=[
            panel(
                "quarantine",
                count=count,
                bars=_ages(held),
                files=oldest,
                project=projects[0] if projects else None,
            ),
            panel("projects", rows=progress),
        ],
        aside=[
            panel("unread", rows=[row for row in progress if row["unread"]]),
            panel("next_snapshot", rows=progress, newest=_newest_snapshots(projects)),
        ],
    )


def _ages(held: Any) -> list[dict[str, Any]]:
    """Count what is in quarantine by whole days of waiting, oldest first."""
    now = timezone.now()
    ages = [(now - settled).days for settled in held.values_list("settled_at", flat=True)]
    labels = ((3, "3 days or more"), (2, "2 days"), (1, "1 day"), (0, "Today"))
    counts = [sum(min(age, 3) == days for age in ages) for days, _ in labels]
    most = max([*counts, 1])
    return [
        {
            "label": label,
            "count": count,
            "y": 4 + 26 * place,
            "text_y": 15 + 26 * place,
            "width": round(90 * count / most),
            "count_x": 116 + round(90 * count / most),
            "fill": "f-failed" if days > QUARANTINE_DAYS else "f-1",
        }
        for place, ((days, label), count) in enumerate(zip(labels, counts, strict=True))
    ]


def _newest_snapshots(projects: Sequence[Project]) -> list[Snapshot]:
    return list(
        Snapshot.objects.filter(project__in=projects)
        .select_related("project")
        .order_by("-frozen_at")[:3]
    )
