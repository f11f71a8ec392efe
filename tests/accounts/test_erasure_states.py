"""Whatever two people try in whatever order: nothing goes that both did not sign for."""

from contextlib import suppress

import pytest
from django.db.models import QuerySet
from django.test import TransactionTestCase
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import ledger
from accounts import carrying_out, erasure, holds
from accounts.errors.base import AccountsError
from accounts.holds import Scope
from accounts.models import ErasureRequest, LegalHold
from ledger.models import Entry
from ledger.reconcile import reconcile
from tests.accounts.erasing import Office, confirmed, note, prepare, seq_of

State = ErasureRequest.State


class Erasing(RuleBasedStateMachine):
    """One entry, one request, a hold that comes and goes, and people who try everything."""

    def __init__(self) -> None:
        super().__init__()
        self.office = Office()
        self.seq = seq_of(note(self.office.project))
        self.request: ErasureRequest | None = None
        self.signed: set[str] = set()

    def standing(self) -> QuerySet[LegalHold]:
        return LegalHold.objects.standing().filter(project=self.office.project)

    @rule()
    def prepare(self) -> None:
        with suppress(AccountsError):
            self.request = prepare(self.office, self.seq)
            self.signed = set()

    @precondition(lambda self: self.request)
    @rule()
    def ask(self) -> None:
        assert self.request
        with suppress(AccountsError):
            by = self.office.asking
            erasure.ask(self.request, by=by, confirmation=confirmed(self.request, by))
            self.signed.add("asking")

    @precondition(lambda self: self.request)
    @rule()
    def approve(self) -> None:
        assert self.request
        with suppress(AccountsError):
            by = self.office.approving
            erasure.approve(self.request, by=by, confirmation=confirmed(self.request, by))
            self.signed.add("approving")

    @precondition(lambda self: self.request)
    @rule()
    def approve_own(self) -> None:
        assert self.request
        by = self.office.asking
        with pytest.raises(AccountsError):
            erasure.approve(self.request, by=by, confirmation=confirmed(self.request, by))

    @precondition(lambda self: self.request)
    @rule()
    def decline(self) -> None:
        assert self.request
        with suppress(AccountsError):
            erasure.decline(self.request, by=self.office.approving, reason="not needed")

    @precondition(lambda self: self.request)
    @rule()
    def carry_out(self) -> None:
        assert self.request
        with suppress(AccountsError):
            carrying_out.carry_out(self.request, by=self.office.approving)
            assert not self.standing().exists()

    @rule()
    def hold(self) -> None:
        scope = Scope(covers="stream")
        holds.place(self.office.project, scope=scope, by=self.office.asking, reason="claim")

    @rule()
    def lift(self) -> None:
        for hold in self.standing():
            with suppress(AccountsError):
                holds.ask_to_lift(hold, by=self.office.asking, reason="settled")
            holds.lift(hold, by=self.office.approving)

    @invariant()
    def what_went_was_signed_by_both_and_told(self) -> None:
        here = Entry.objects.filter(stream__origin__endswith=self.office.stream)
        gone = here.filter(body__body=None).exists()
        told = ledger.erasures([self.seq], self.office.stream)
        assert gone == bool(told)
        if gone:
            assert self.signed == {"asking", "approving"}
        ours = ErasureRequest.objects.filter(project=self.office.project)
        states = set(ours.values_list("state", flat=True))
        assert (State.CARRIED_OUT in states) == gone

    def teardown(self) -> None:
        assert reconcile().agrees


class ErasureStates(TransactionTestCase):
    """Runs the machine on a database of its own for each run."""

    def test_nothing_goes_that_two_people_did_not_sign_for(self) -> None:
        run_state_machine_as_test(
            Erasing, settings=settings(max_examples=12, stateful_step_count=14, deadline=None)
        )
