"""Attestations: a named person signs what software cannot see; reports count it until a day."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from accounts import attestations, owed
from accounts.clauses import clauses
from accounts.errors.attestations import AttestationFactsError, AttestationSignedError
from accounts.errors.policies import OtherPaperError
from accounts.models import Attestation, Role
from accounts.models.data_permission import today
from accounts.records import attestations as records
from ledger.history import record_of
from ledger.models import Entry
from tests.accounts.papers import D1, attested, confirmed, prepare
from tests.accounts.recorded import recorded
from tests.factories import make_administrator, make_user

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_what_is_signed_says_who_vouches_for_which_statement_until_when() -> None:
    by = make_administrator()

    said = attested(by=by)

    (entry,) = recorded("attestation.recorded")
    told = entry["payload"]
    assert (told["catalogue"], told["clause_id"]) == ("buyer_questions", "BUYER-D1")
    assert (told["answer"], told["attestor"]) == ("attested", by.printed_name)
    assert told["attestor_role"] == "administrator"
    assert told["expires"] == str(said.expires)
    assert entry["reason"] == said.grounds
    (signature,) = recorded("signature.applied")
    assert said.content_hash in signature["payload"]["manifest"]


def test_what_is_only_prepared_is_no_record() -> None:
    said = prepare()

    assert not recorded("attestation.recorded")
    assert not said.is_current
    assert list(attestations.newest()) == []


def test_it_is_signed_once_and_by_whoever_prepared_it() -> None:
    said = prepare()
    other = make_administrator()
    item = attestations.signed_item(said)

    with pytest.raises(AttestationSignedError):
        attestations.attest(said, by=other, confirmation=confirmed(item, other))
    done = attestations.attest(
        said, by=said.attestor, confirmation=confirmed(item, said.attestor)
    )
    with pytest.raises(AttestationSignedError):
        attestations.attest(done, by=said.attestor, confirmation=confirmed(item, said.attestor))

    assert len(recorded("attestation.recorded")) == 1


def test_a_signature_of_another_paper_counts_for_nothing() -> None:
    said = prepare()
    other = prepare(by=said.attestor)

    with pytest.raises(OtherPaperError):
        attestations.attest(
            said,
            by=said.attestor,
            confirmation=confirmed(attestations.signed_item(other), said.attestor),
        )


@pytest.mark.parametrize(
    "wrong",
    [
        {"statement": "We are good people."},
        {"grounds": "  "},
        {"answer": "maybe"},
        {"expires": today() - DAY},
        {"expires": today() + 2000 * DAY},
        {"answer": "not_applicable"},  # about the clause's text, not a statement of it
    ],
)
def test_an_attestation_is_about_a_statement_of_the_clause(wrong: dict[str, Any]) -> None:
    with pytest.raises(AttestationFactsError):
        prepare(**wrong)


def test_an_unknown_clause_and_a_reader_are_refused() -> None:
    with pytest.raises(PermissionDenied):
        prepare(by=make_user(role=Role.ANNOTATOR))
    by = make_administrator()
    word = attestations.Word(
        answer="attested",
        statement="x",
        grounds="x",
        evidence_hash="",
        expires=today(),
        owner=by,
    )
    with pytest.raises(AttestationFactsError):
        attestations.prepare("buyer_questions/NONE", word=word, by=by)


def test_its_owner_is_asked_to_renew_it_before_it_ends_and_after() -> None:
    owner = make_administrator()
    said = attested(owner=owner, expires=today() + 10 * DAY)
    attested("buyer_questions/BUYER-D2", owner=owner)

    (one,) = owed.owed(owner)
    assert (one.due, one.is_overdue) == (said.expires, False)

    Attestation.objects.filter(pk=said.pk).update(expires=today() - DAY)
    (late,) = owed.owed(owner)
    assert late.is_overdue

    attested(owner=owner)  # renewed
    assert owed.owed(owner) == []


def test_every_clause_of_every_catalogue_can_be_read() -> None:
    assert len(clauses()) > 300
    assert clauses()[D1].statements


@pytest.mark.parametrize(
    "edit",
    [
        lambda: Attestation.objects.update(expires=today() + 900 * DAY),
        lambda: Attestation.objects.update(statement="Else"),
        lambda: Attestation.objects.update(signed_at=None),
    ],
    ids=["prolonged", "reworded", "unsigned"],
)
def test_edits_behind_the_record_are_found(
    edit: Callable[[], object], seal_now: Callable[[], None]
) -> None:
    attested()

    def agree() -> bool:
        seal_now()
        entries = Entry.objects.select_related("body", "stream").order_by("body_id")
        said = [e for e in map(record_of, entries) if e.event == "attestation.recorded"]
        return dict(records.attestation_rows()) == dict(records.replay_attestations(said))

    assert agree()
    edit()
    assert not agree()
