"""The workflow as a whole: any acts in any order, and acts at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TransactionTestCase
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

import ledger
from accounts.models import Role
from annotations import annotate, review, sealing
from annotations.errors import AnnotationsError, WrongStateError
from annotations.models import Item, Revision, Signature
from annotations.review import Verdict
from annotations.workflow import STEPS
from tests.annotations.flow import (
    box,
    confirmation,
    drawing,
    make_item,
    make_member,
    reviewed,
    reviewer_of,
    submitted,
)

State = Item.State
pytestmark = pytest.mark.django_db(transaction=True)


class Flow(RuleBasedStateMachine):
    """An item, its annotator and two reviewers who try everything."""

    def __init__(self) -> None:
        super().__init__()
        self.item = make_item()
        self.reviewers = [make_member(Role.REVIEWER, self.item.project) for _ in range(2)]
        self.history = [str(self.item.state)]

    def act(self, attempt: Callable[[Item], Any]) -> None:
        """Try an act; a refusal leaves everything as it was."""
        before = Item.objects.get(pk=self.item.pk)
        revisions = Revision.objects.count()
        try:
            attempt(before)
        except AnnotationsError:
            after = Item.objects.get(pk=self.item.pk)
            assert (after.state, after.version) == (before.state, before.version)
            assert Revision.objects.count() == revisions
        else:
            after = Item.objects.get(pk=self.item.pk)
            assert after.version == before.version + 1
            self.history.append(after.state)

    @rule(marks=st.integers(0, 2), late=st.booleans())
    def submit(self, *, marks: int, late: bool) -> None:
        drawn = drawing(*(box(self.item, tracking_id=f"Lesion {n}") for n in range(marks)))
        self.act(
            lambda item: annotate.submit(
                item,
                by=item.annotator,
                version=item.version - late,
                drawing=drawn,
                reason="Drawn anew.",
            )
        )

    @rule(who=st.integers(0, 1), decision=st.sampled_from(["accept", "reject"]))
    def decide(self, who: int, decision: str) -> None:
        verdict = Verdict(decision=decision, reason="Looked at it.")
        self.act(
            lambda item: review.decide(
                item, by=self.reviewers[who], version=item.version, verdict=verdict
            )
        )

    @rule(who=st.integers(0, 1))
    def correct(self, who: int) -> None:
        verdict = Verdict(
            decision="correct", reason="Boundary.", drawing=drawing(box(self.item))
        )
        self.act(
            lambda item: review.decide(
                item, by=self.reviewers[who], version=item.version, verdict=verdict
            )
        )

    @rule(who=st.integers(0, 1))
    def sign(self, who: int) -> None:
        def attempt(item: Item) -> None:
            if not item.reviews.exists():
                raise WrongStateError(item, asked="signed")  # there is nothing to ask about yet
            answer = confirmation(item, self.reviewers[who])
            review.sign(item, by=self.reviewers[who], version=item.version, confirmation=answer)

        self.act(attempt)

    @rule()
    def take_up(self) -> None:
        self.act(lambda item: annotate.reopen(item, by=item.annotator, version=item.version))

    @rule(who=st.integers(0, 1))
    def reopen(self, who: int) -> None:
        self.act(
            lambda item: review.reopen(
                item, by=self.reviewers[who], version=item.version, reason="New protocol."
            )
        )

    @invariant()
    def every_step_is_one_the_workflow_has(self) -> None:
        for before, after in zip(self.history, self.history[1:], strict=False):
            assert after in STEPS[State(before)]

    @invariant()
    def accepted_means_signed_and_nothing_else_does(self) -> None:
        item = Item.objects.get(pk=self.item.pk)
        holding = Signature.objects.filter(item=item).holding().count()
        assert holding == (1 if item.is_accepted else 0)

    @invariant()
    def a_signature_that_holds_covers_what_stands(self) -> None:
        for signature in Signature.objects.filter(item=self.item).holding():
            signed = {(i["record_id"], i["version"]) for i in signature.body["items"][1:]}
            standing = [r for r in sealing.newest(self.item) if not r.retired]
            assert signed == {(r.record_id, r.number) for r in standing}

    @invariant()
    def the_record_tells_the_same_story(self) -> None:
        entries = ledger.about(self.item.ledger_ref, stream=self.item.ledger_stream)
        moves = [e.payload["state"] for e in entries if e.event == "workflow.transition"]
        assert moves == self.history[1:]


class TestFlow(TransactionTestCase):
    """Run the machine, each example on a fresh item."""

    def test_any_acts_in_any_order_keep_the_rules(self) -> None:
        run_state_machine_as_test(
            Flow,
            settings=settings(
                max_examples=8,
                stateful_step_count=12,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run acts in threads that start together; return results and refusals."""
    together = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        together.wait()
        try:
            return act()
        except AnnotationsError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def refused(outcomes: list[Any]) -> list[str]:
    return [o.code for o in outcomes if isinstance(o, AnnotationsError)]


def test_of_two_submissions_at_once_one_is_sealed() -> None:
    item = make_item()

    def submit(name: str) -> Any:
        return annotate.submit(
            Item.objects.get(pk=item.pk),
            by=item.annotator,
            version=1,
            drawing=drawing(box(item, tracking_id=name)),
        )

    outcomes = at_once(partial(submit, "one"), partial(submit, "other"))

    assert refused(outcomes) == ["already_submitted"]
    assert Revision.objects.count() == 1


def test_of_two_reviewers_at_once_one_decides() -> None:
    item = submitted()
    first, second = (make_member(Role.REVIEWER, item.project) for _ in range(2))

    outcomes = at_once(
        *(
            lambda by=by: review.decide(
                Item.objects.get(pk=item.pk),
                by=by,
                version=item.version,
                verdict=Verdict(decision="accept"),
            )
            for by in (first, second)
        )
    )

    assert refused(outcomes) == ["stale_version"]


def test_of_two_signatures_at_once_one_is_applied() -> None:
    item = reviewed()
    answers = [confirmation(item, reviewer_of(item)) for _ in range(2)]

    outcomes = at_once(
        *(
            lambda answer=answer: review.sign(
                Item.objects.get(pk=item.pk),
                by=reviewer_of(item),
                version=item.version,
                confirmation=answer,
            )
            for answer in answers
        )
    )

    assert refused(outcomes) == ["stale_version"]
    assert Signature.objects.count() == 1
