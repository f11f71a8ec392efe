"""Legal holds: one person places one, two lift it, and what it covers stays."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.utils import timezone

import ledger
from accounts import carrying_out, erasure, holds
from accounts.controls.retention import retention
from accounts.errors.base import ReasonMissingError
from accounts.errors.retention import (
    HeldError,
    HoldLiftAskedError,
    HoldLiftedError,
    HoldNotAskedError,
    HoldScopeError,
    SecondPersonError,
)
from accounts.events.retention import ErasureApproved
from accounts.holds import Scope
from accounts.models import LegalHold, Role
from ledger import scan
from ledger.reconcile import reconcile
from tests.accounts.erasing import (
    Office,
    approved,
    asked,
    confirmed,
    erased,
    note,
    prepare,
    seq_of,
)
from tests.factories import make_project, make_user

TODAY = timezone.now().date()
SCOPES = [
    Scope(covers="stream"),
    Scope(covers="period", first_day=TODAY - timedelta(days=1), last_day=TODAY),
]


def place(office: Office, scope: Scope) -> LegalHold:
    return holds.place(office.project, scope=scope, by=office.asking, reason="claim 7")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("covers", ["stream", "period", "subject"])
def test_what_a_hold_covers_is_not_erased_until_two_people_lift_it(covers: str) -> None:
    office = Office()
    seq = seq_of(note(office.project))
    scope = {scope.covers: scope for scope in SCOPES}.get(
        covers, Scope(covers="subject", subject_ref=office.project.ledger_ref)
    )
    hold = place(office, scope)

    with pytest.raises(HeldError, match=r"legal hold \(entry #\d+\)"):
        prepare(office, seq)
    holds.ask_to_lift(hold, by=office.asking, reason="claim settled")
    with pytest.raises(HeldError):
        prepare(office, seq)
    with pytest.raises(SecondPersonError):
        holds.lift(hold, by=office.asking)
    holds.lift(hold, by=office.approving)

    erased(office, seq)
    assert reconcile().agrees


@pytest.mark.django_db(transaction=True)
def test_a_hold_placed_meanwhile_stops_the_approval_and_the_erasure() -> None:
    office = Office()
    one, two = (seq_of(note(office.project)) for _ in range(2))
    request, waiting = approved(office, one), asked(office, two)
    place(office, Scope(covers="stream"))

    with pytest.raises(HeldError):
        carrying_out.carry_out(request, by=office.approving)
    with pytest.raises(HeldError):
        erasure.approve(
            waiting, by=office.approving, confirmation=confirmed(waiting, office.approving)
        )


@pytest.mark.django_db(transaction=True)
def test_whoever_erases_past_the_workflow_is_found_by_the_control() -> None:
    """The database does not know what is held; the record shows that nobody approved it."""
    office = Office()
    seq = seq_of(note(office.project))
    place(office, Scope(covers="stream"))
    two = (office.asking.ledger_ref, office.approving.ledger_ref)
    events = {ErasureApproved.name, "ledger.entry_erased"}
    assert list(retention(scan.records(events))) == []

    held = ledger.erasure_targets(office.stream, positions=[seq])
    ledger.erase(held, basis="b", approved_by=two, by=office.asking, reason="quietly")

    [found] = retention(scan.records(events))
    assert "nobody weighed" in found.reason


@pytest.mark.django_db(transaction=True)
def test_a_hold_elsewhere_or_at_another_time_touches_nothing() -> None:
    office = Office()
    seq = seq_of(note(office.project))
    place(Office(), Scope(covers="stream"))
    place(office, Scope(covers="subject", subject_ref="tests.thing:other"))
    long_ago = date(2001, 1, 1)
    place(office, Scope(covers="period", first_day=long_ago, last_day=long_ago))

    erased(office, seq)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "scope",
    [
        Scope(covers="nonsense"),
        Scope(covers="stream", subject_ref="tests.thing:1"),
        Scope(covers="subject"),
        Scope(covers="subject", subject_ref="no reference"),
        Scope(covers="period"),
        Scope(covers="period", first_day=TODAY),
        Scope(covers="period", first_day=TODAY, last_day=TODAY - timedelta(days=1)),
    ],
)
def test_a_hold_that_covers_nothing_definite_is_refused(scope: Scope) -> None:
    with pytest.raises(HoldScopeError):
        place(Office(), scope)

    assert not LegalHold.objects.exists()


@pytest.mark.django_db
def test_steps_come_once_and_in_order() -> None:
    office = Office()
    hold = place(office, Scope(covers="stream"))

    with pytest.raises(HoldNotAskedError):
        holds.lift(hold, by=office.approving)
    with pytest.raises(ReasonMissingError):
        holds.ask_to_lift(hold, by=office.asking, reason="")
    holds.ask_to_lift(hold, by=office.asking, reason="settled")
    with pytest.raises(HoldLiftAskedError):
        holds.ask_to_lift(hold, by=office.approving, reason="settled")
    holds.lift(hold, by=office.approving)
    with pytest.raises(HoldLiftedError):
        holds.lift(hold, by=office.approving)


@pytest.mark.django_db
def test_strangers_place_and_lift_nothing() -> None:
    office = Office()
    hold = place(office, Scope(covers="stream"))
    stranger = make_user(role=Role.REGULATORY, project=make_project())
    auditor = make_user(role=Role.AUDITOR, project=office.project)

    for by in (stranger, auditor):
        with pytest.raises(PermissionDenied):
            holds.place(office.project, scope=Scope(covers="stream"), by=by, reason="why")
        with pytest.raises(PermissionDenied):
            holds.ask_to_lift(hold, by=by, reason="why")
        with pytest.raises(PermissionDenied):
            holds.lift(hold, by=by)


@pytest.mark.django_db
def test_the_database_knows_the_rule_of_two_as_well() -> None:
    office = Office()
    hold = place(office, Scope(covers="stream"))

    with pytest.raises(IntegrityError, match="two_people_lift_a_hold"):
        LegalHold.objects.filter(pk=hold.pk).update(
            lift_asked_by=office.asking,
            lifted_by=office.asking,
            lifted_at=datetime.now(UTC),
        )
