"""Periods are lengthened, never shortened, and each change is an entry with its reason."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied

import ledger
from accounts import retention
from accounts.errors.base import ReasonMissingError
from accounts.errors.retention import (
    PeriodTooShortError,
    PeriodUnchangedError,
    UnknownClassError,
)
from accounts.models import RetentionPeriod, Role
from tests.accounts.recorded import recorded
from tests.factories import make_administrator, make_project, make_user

pytestmark = pytest.mark.django_db
SEALED = datetime(2026, 1, 2, tzinfo=UTC)


def test_a_project_keeps_longer_than_the_organisation() -> None:
    project, by = make_project(), make_administrator()

    retention.set_period("access", project=None, years=8, by=by, reason="policy 12")
    period = retention.set_period("access", project=project, years=12, by=by, reason="sponsor")

    chosen = retention.periods()
    assert chosen.years("access", None) == 8
    assert chosen.years("access", str(project.pk)) == 12
    assert chosen.years("access", str(make_project().pk)) == 8
    assert chosen.due("access.refused", SEALED, str(project.pk)) == SEALED.replace(year=2038)
    recorded()
    (entry,) = ledger.about(period.ledger_ref)
    assert (entry.reason, entry.payload["previous_years"]) == ("sponsor", 8)
    assert entry.stream.endswith(str(project.pk))


def test_nobody_goes_below_the_minimum() -> None:
    project, by = make_project(), make_administrator()
    retention.set_period("access", project=None, years=8, by=by, reason="policy 12")

    for where, years in ((None, 5), (project, 7), (None, 101)):
        with pytest.raises(PeriodTooShortError, match="at least"):
            retention.set_period("access", project=where, years=years, by=by, reason="less")

    assert RetentionPeriod.objects.count() == 1


def test_an_organisation_that_keeps_longer_takes_its_projects_along() -> None:
    project, by = make_project(), make_administrator()
    retention.set_period("access", project=project, years=7, by=by, reason="sponsor")

    retention.set_period("access", project=None, years=9, by=by, reason="policy")

    assert retention.periods().years("access", str(project.pk)) == 9


def test_a_period_says_why_and_changes_something() -> None:
    by = make_administrator()

    with pytest.raises(ReasonMissingError):
        retention.set_period("access", project=None, years=9, by=by, reason=" ")
    with pytest.raises(PeriodUnchangedError):
        retention.set_period("access", project=None, years=6, by=by, reason="the same")
    with pytest.raises(UnknownClassError):
        retention.set_period("nonsense", project=None, years=9, by=by, reason="why")


def test_only_those_who_keep_the_records_set_periods() -> None:
    project = make_project()
    regulatory = make_user(role=Role.REGULATORY, project=project)
    retention.set_period("access", project=project, years=9, by=regulatory, reason="sponsor")

    for role in (Role.AUDITOR, Role.DATA_MANAGER):
        by = make_user(role=role, project=project)
        with pytest.raises(PermissionDenied):
            retention.set_period("access", project=project, years=11, by=by, reason="why")
    with pytest.raises(PermissionDenied):
        retention.set_period(
            "access", project=make_project(), years=9, by=regulatory, reason="not mine"
        )


def test_the_published_schedule_is_the_one_in_force() -> None:
    by = make_administrator()
    retention.set_period("access", project=None, years=8, by=by, reason="policy 12")

    retention.publish(by=by, reason="yearly review")

    recorded()
    (entry,) = ledger.about(retention.SCHEDULE)
    years = {each["key"]: each["years"] for each in entry.payload["classes"]}
    assert years["access"] == 8
    assert years.keys() == ledger.retention_classes().keys()
