"""Panels of the first page for people who look after access and after the record."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef

import ledger
from accounts.models import Alert, Membership, Project, Session, User
from accounts.permissions import has_permission
from accounts.web import access_panels, custody_panels, facility_panels
from annotations.models import Item, Signature, Snapshot
from annotations.web import evidence_panels
from annotations.web.home_panels import SHOWN, Panels, panel


def administrator(_user: User, _projects: Sequence[Project]) -> Panels:
    """People whose access needs a look, machines, who is signed in."""
    roles = Membership.objects.current().filter(user=OuterRef("pk"))
    people = User.objects.filter(is_active=True)
    without_role = people.filter(~Exists(roles))
    temporary = people.filter(temporary_password=True)
    closed = User.objects.filter(is_active=False).count()
    return Panels(
        lead=[
            f"{without_role.count()} without a role; {temporary.count()} with a given password."
        ],
        main=[
            _alerts(),
            panel(
                "access_gaps",
                without_role=list(without_role[:SHOWN]),
                temporary=list(temporary[:SHOWN]),
            ),
            panel("access_duties", **access_panels.duties(SHOWN)),
            panel("facilities", **facility_panels.overdue(SHOWN)),
            panel(
                "devices",
                devices=list(custody_panels.overdue()[:SHOWN]),
                count=custody_panels.overdue().count(),
                due_before=custody_panels.due_before(),
            ),
        ],
        aside=[
            panel(
                "access_today",
                sessions=Session.objects.running().count(),
                people=people.count(),
                closed=closed,
            ),
            _record([]),
        ],
    )


def regulatory(user: User, projects: Sequence[Project]) -> Panels:
    """Gaps first, each with its clause; each regulation's clauses; the record; work covered."""
    reports = evidence_panels.newest(projects)
    may_make = any(has_permission(user, "make_report", project) for project in projects)
    return Panels(
        lead=[evidence_panels.lead(reports)],
        acts=[("evidence:new", "report", "New evidence report")] if may_make else [],
        main=[
            evidence_panels.gaps(reports, may_make=may_make),
            evidence_panels.regulations(reports, projects),
            panel("covered", rows=_covered(projects)),
        ],
        aside=[
            _record(projects),
            panel("signatures", signatures=_signatures(projects)),
            panel("snapshots", snapshots=_snapshots(projects)),
        ],
    )


def auditor(_user: User, projects: Sequence[Project]) -> Panels:
    """Offer the inspector's questions, each one click from its answer, and the verdicts."""
    return Panels(
        lead=["Read only: no control that acts is drawn for this role."],
        main=[
            panel("questions", project=projects[0] if projects else None),
            panel("signatures", signatures=_signatures(projects)),
        ],
        aside=[_record(projects), panel("snapshots", snapshots=_snapshots(projects))],
    )


def _alerts() -> dict[str, Any]:
    """Return the panel about alerts that nobody has answered, those not delivered first."""
    owed = Alert.objects.open().order_by(F("sent_at").asc(nulls_first=True), "-raised_at", "pk")
    shown = list(owed[:SHOWN])
    names = ledger.name_of({alert.about for alert in shown})
    return panel("alerts", open=shown, count=owed.count(), names=names)


def _record(projects: Sequence[Project]) -> dict[str, Any]:
    """Return the panel about the record itself: verdict, and the head of each stream."""
    heads = [("Organisation", "org", ledger.head(None))]
    heads += [(p.name, str(p.pk), ledger.head(str(p.pk))) for p in projects]
    return panel("record", state=ledger.state(), heads=heads)


def _covered(projects: Sequence[Project]) -> list[dict[str, Any]]:
    rows = []
    for project in projects:
        items = Item.objects.filter(project=project)
        signed = Signature.objects.holding().filter(item__project=project)
        rows.append(
            {
                "project": project,
                "items": items.count(),
                "accepted": items.accepted().count(),
                "signed": signed.count(),
                "snapshots": project.snapshots.count(),
            }
        )
    return rows


def _signatures(projects: Sequence[Project]) -> list[Signature]:
    found = Signature.objects.filter(item__project__in=projects)
    return list(
        found.select_related("item__project", "item__series__subject").order_by("-signed_at")[
            :SHOWN
        ]
    )


def _snapshots(projects: Sequence[Project]) -> list[Snapshot]:
    found = Snapshot.objects.filter(project__in=projects).select_related("project")
    return list(found.order_by("-frozen_at")[:SHOWN])
