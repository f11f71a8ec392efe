"""Erasure takes two people who sign exactly what goes; everything else is refused."""

import pytest
from django.core.exceptions import PermissionDenied

import ledger
from accounts import carrying_out, erasure, roles, signing
from accounts.errors.retention import (
    ErasureChangedError,
    ErasureStateError,
    NeverErasedError,
    NotDueError,
    NothingToEraseError,
    SecondPersonError,
    TooMuchToEraseError,
)
from accounts.errors.signing import NonceUsedError
from accounts.models import ErasureRequest, Role
from ledger.models import Entry
from ledger.reconcile import reconcile
from tests.accounts.erasing import (
    DUTY,
    Office,
    approved,
    asked,
    confirmed,
    erased,
    note,
    prepare,
    seq_of,
)
from tests.factories import PASSWORD, give_role, make_administrator, make_project, make_user

pytestmark = pytest.mark.django_db(transaction=True)
State = ErasureRequest.State


@pytest.fixture
def office() -> Office:
    return Office()


def blank(office: Office) -> list[int]:
    found = Entry.objects.filter(
        stream__origin=f"localhost/ledger/p/{office.stream}", body__body=None
    )
    return list(found.order_by("seq").values_list("seq", flat=True))


def test_two_people_sign_and_the_bytes_go(office: Office) -> None:
    seq = seq_of(note(office.project))

    request = erased(office, seq)

    assert request.state == State.CARRIED_OUT
    assert blank(office) == [seq]
    told = [entry.event for entry in ledger.about(request.ledger_ref)]
    assert told == [
        "erasure.requested",
        "signature.applied",
        "erasure.approved",
        "signature.applied",
        "erasure.carried_out",
    ]
    (entry,) = ledger.erasures([seq], office.stream).values()
    assert entry.payload["approved_by"] == [
        office.asking.ledger_ref,
        office.approving.ledger_ref,
    ]
    assert entry.payload["basis"] == DUTY
    assert entry.actor == office.approving.ledger_ref
    assert reconcile().agrees


def test_both_signatures_are_bound_to_the_sealed_request(office: Office) -> None:
    request = erased(office, seq_of(note(office.project)))

    sealed, *entries = ledger.about(request.ledger_ref)
    signed = [entry for entry in entries if entry.event == "signature.applied"]
    assert [entry.actor for entry in signed] == [
        office.asking.ledger_ref,
        office.approving.ledger_ref,
    ]
    for entry in signed:
        (item,) = ledger.parse(entry.payload["manifest"].encode())["items"]
        assert {name: item[name] for name in ("record_id", "version", "content_hash")} == {
            name: sealed.payload[name] for name in ("record_id", "version", "content_hash")
        }


def test_everything_about_a_subject_goes_but_what_must_stay(office: Office) -> None:
    first, second = seq_of(note(office.project)), seq_of(note(office.project))

    request = erased(office, subject_ref=office.project.ledger_ref)

    content = erasure.content_of(request)
    assert [seq for seq, _ in content["positions"]] == [first, second]
    assert content["stays"] == [[0, "it opens its stream"]]
    assert blank(office) == [first, second]


def test_the_same_person_twice_is_refused(office: Office) -> None:
    request = asked(office, seq_of(note(office.project)))
    give_role(office.asking, role=Role.AUDITOR, project=office.project)

    with pytest.raises(SecondPersonError, match="somebody else approves"):
        erasure.approve(
            request, by=office.asking, confirmation=confirmed(request, office.asking)
        )
    with pytest.raises(SecondPersonError):
        erasure.decline(request, by=office.asking, reason="changed my mind")

    assert blank(office) == []


@pytest.mark.parametrize(
    "role", [role for role in Role.values if role not in {"administrator", "regulatory"}]
)
def test_other_roles_neither_ask_nor_approve(office: Office, role: str) -> None:
    request = asked(office, seq_of(note(office.project)))
    other = make_user(role=role, project=office.project)

    with pytest.raises(PermissionDenied):
        erasure.approve(request, by=other, confirmation=confirmed(request, other))
    office.asking = other
    with pytest.raises(PermissionDenied):
        prepare(office, 0)


def test_regulatory_of_another_project_is_a_stranger(office: Office) -> None:
    request = asked(office, seq_of(note(office.project)))
    stranger = make_user(role=Role.REGULATORY, project=make_project())

    with pytest.raises(PermissionDenied, match="keeping the records"):
        erasure.approve(request, by=stranger, confirmation=confirmed(request, stranger))
    with pytest.raises(PermissionDenied):
        erasure.decline(request, by=stranger, reason="not mine")


def test_an_approver_whose_role_ended_approves_and_carries_out_nothing(office: Office) -> None:
    request = asked(office, seq_of(note(office.project)))
    confirmation = confirmed(request, office.approving)
    roles.revoke(
        office.approving.memberships.get(), by=make_administrator(), reason="left the team"
    )

    with pytest.raises(PermissionDenied):
        erasure.approve(request, by=office.approving, confirmation=confirmation)

    assert ErasureRequest.objects.get().state == State.REQUESTED


def test_what_a_leaver_asked_for_is_not_approved(office: Office) -> None:
    request = asked(office, seq_of(note(office.project)))
    roles.revoke(office.asking.memberships.get(), by=office.approving, reason="left the team")

    with pytest.raises(PermissionDenied):
        erasure.approve(
            request, by=office.approving, confirmation=confirmed(request, office.approving)
        )


def test_a_confirmation_of_another_request_signs_nothing(office: Office) -> None:
    one, other = (asked(office, seq_of(note(office.project))) for _ in range(2))

    with pytest.raises(ErasureChangedError):
        erasure.approve(
            one, by=office.approving, confirmation=confirmed(other, office.approving)
        )
    with pytest.raises(ErasureChangedError):
        erasure.approve(
            one, by=office.approving, confirmation=confirmed(one, make_administrator())
        )


def test_a_confirmation_is_given_once(office: Office) -> None:
    request = asked(office, seq_of(note(office.project)))
    by = office.approving
    issued = signing.issue(
        by=by,
        items=[erasure.signed_item(request)],
        meaning="approval",
        statement="I approve",
        stream="localhost/ledger/org",
    )
    confirmation = signing.confirm(issued, by=by, identifier=by.email, password=PASSWORD)
    erasure.approve(request, by=by, confirmation=confirmation)

    with pytest.raises(NonceUsedError):
        signing.confirm(issued, by=by, identifier=by.email, password=PASSWORD)
    with pytest.raises(ErasureStateError, match="it cannot be approved now"):
        erasure.approve(request, by=by, confirmation=confirmation)


def test_a_request_edited_past_the_guards_is_not_signed(office: Office) -> None:
    one, two = seq_of(note(office.project)), seq_of(note(office.project))
    request = asked(office, one)
    confirmation = confirmed(request, office.approving)
    content = erasure.content_of(request) | {"positions": [[two, "0" * 64]]}
    ErasureRequest.objects.update(content=ledger.canonical(content).decode())

    with pytest.raises(ErasureChangedError):
        erasure.approve(request, by=office.approving, confirmation=confirmation)
    assert reconcile().mismatched == 1


def test_an_approved_request_edited_past_the_guards_erases_nothing_else(office: Office) -> None:
    one, two = seq_of(note(office.project)), seq_of(note(office.project))
    request = approved(office, one)
    (target,) = ledger.erasure_targets(office.stream, positions=[two])
    content = erasure.content_of(request) | {"positions": [[two, target.commitment]]}
    ErasureRequest.objects.update(content=ledger.canonical(content).decode())

    with pytest.raises(ErasureChangedError):
        carrying_out.carry_out(request, by=office.approving)
    assert blank(office) == []


@pytest.mark.parametrize("state", ["prepared", "requested", "carried_out", "declined"])
def test_only_what_was_approved_is_carried_out_and_once(office: Office, state: str) -> None:
    seq = seq_of(note(office.project))
    if state == "carried_out":
        request = erased(office, seq)
    elif state == "prepared":
        request = prepare(office, seq)
    else:
        request = asked(office, seq)
        if state == "declined":
            request = erasure.decline(request, by=office.approving, reason="not needed")

    with pytest.raises(ErasureStateError):
        carrying_out.carry_out(request, by=office.approving)


def test_what_the_record_rests_on_never_goes(office: Office) -> None:
    seq = seq_of(note(office.project))
    erased(office, seq)
    (told,) = ledger.erasures([seq], office.stream).values()

    with pytest.raises(NeverErasedError, match="the record's own proof"):
        prepare(office, told.sequence)
    with pytest.raises(NeverErasedError, match="gone already"):
        prepare(office, seq)


def test_nothing_and_too_much_are_refused(office: Office) -> None:
    with pytest.raises(NothingToEraseError):
        prepare(office, 999)
    with pytest.raises(NothingToEraseError):
        prepare(office, subject_ref="tests.thing:nobody")
    with pytest.raises(TooMuchToEraseError):
        prepare(office, *range(201))


def test_records_stay_until_their_period_is_over(office: Office) -> None:
    seq = seq_of(note(office.project))

    with pytest.raises(NotDueError, match="which is kept until"):
        prepare(office, seq, duty=False)

    assert not ErasureRequest.objects.exists()


def test_a_crash_after_the_blanking_is_resumed(office: Office) -> None:
    seq = seq_of(note(office.project))
    request = approved(office, seq)
    targets = ledger.erasure_targets(office.stream, positions=[seq])
    ledger.erase(
        targets,
        basis=DUTY,
        approved_by=[office.asking.ledger_ref, office.approving.ledger_ref],
        by=office.approving,
        reason="as it would have",
    )

    assert list(carrying_out.unfinished()) == [request]
    carrying_out.carry_out(request, by=carrying_out.JOB)

    assert blank(office) == [seq]
    assert len(ledger.erasures([seq], office.stream)) == 1
    assert not list(carrying_out.unfinished())
