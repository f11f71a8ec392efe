"""A database that was set back: found by what the signer remembers; then nobody writes."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from ledger import checkpoints, recovery, rollback, scan
from ledger.errors import RecordHeldError
from ledger.events import PositionLost, RecoveryApproved, RecoveryDeclared, RollbackDetected
from ledger.models import Entry
from ledger.notes import Signer
from ledger.recovery import NothingLostError, OnePersonError
from ledger.rollback import RolledBackError
from tests.factories import make_user, sign_in
from tests.ledger.signing import (
    APPROVES,
    DECLARES,
    ORG,
    ORIGIN,
    Database,
    grow,
    head_of,
    published,
    recover,
    remembered,
    signed_by,
)
from tests.ledger.tampering import tamper

pytestmark = pytest.mark.django_db(transaction=True)


def rewrite(cursor: Any) -> None:
    cursor.execute("SET search_path = ledger, public")
    tamper(cursor, "UPDATE entry SET hash = sha256('other') WHERE seq = 1")


@pytest.fixture
def older(superuser_cursor: Any) -> tuple[str, str]:
    """Set the database back behind its last checkpoint; return the notes that had left."""
    database = Database(superuser_cursor)
    grow(2)
    checkpoints.sign_everything()
    backup = database.copy()
    grow(3)
    project, org = checkpoints.sign_everything()
    database.set_back(backup)
    return project, org


def test_the_signer_refuses_a_shorter_stream_and_names_the_loss(older: Any) -> None:
    with pytest.raises(RolledBackError, match=f"{ORIGIN} has 2 entries; 5 were signed, 3 are"):
        checkpoints.sign_everything()

    assert [head.size for head in published()] == [2, 1]
    assert remembered(ORIGIN) == older[0]


def test_the_loss_is_on_record_once_for_each_stream(older: Any) -> None:
    for _ in range(3):
        with pytest.raises(RolledBackError):
            checkpoints.sign_everything()

    told = list(scan.records({RollbackDetected.name}))
    assert sorted((r.payload["origin"], r.payload["signed_size"]) for r in told) == [
        (ORG, 2),
        (ORIGIN, 5),
    ]
    assert {r.payload["origin"]: r.payload["size"] for r in told}[ORIGIN] == 2


def test_nobody_writes_until_the_recovery_is_declared(older: Any) -> None:
    grow(1)  # it is not known yet
    with pytest.raises(RolledBackError):
        checkpoints.sign_everything()

    with pytest.raises(RecordHeldError, match="held"):
        grow(1)
    entries = Entry.objects.count()
    recover(reason="The disk of the database died; the backup is from the morning.")
    grow(1)

    assert entries < Entry.objects.count()
    assert not rollback.held()


def test_pages_say_that_nothing_can_be_written(older: Any, client: Client) -> None:
    careful = Client(enforce_csrf_checks=True)
    for browser in (client, careful):
        sign_in(browser, make_user(role="annotator"))
    with pytest.raises(RolledBackError):
        checkpoints.sign_everything()

    refused = client.get("/people/")  # the refusal itself cannot be recorded
    forged = careful.post("/people/")

    assert refused.status_code == 503
    assert forged.status_code == 403


def test_another_process_learns_of_it_from_the_record(older: Any) -> None:
    assert not rollback.held()
    with pytest.raises(RolledBackError):
        checkpoints.sign_everything()

    rollback.forget()  # as in a process that has just started
    assert rollback.held()


def test_a_stream_that_is_gone_altogether_is_a_loss(superuser_cursor: Any) -> None:
    database = Database(superuser_cursor)
    empty = database.copy()
    grow(2)
    checkpoints.sign_everything()
    database.set_back(empty)

    with pytest.raises(RolledBackError, match="0 entries; 2 were signed"):
        checkpoints.sign_everything()


def test_entries_that_were_rewritten_stop_the_signer(superuser_cursor: Any) -> None:
    grow(3)
    checkpoints.sign(ORIGIN)
    rewrite(superuser_cursor)
    grow(1)

    with pytest.raises(RolledBackError, match=r"the first 3 entries .* are not those"):
        checkpoints.sign(ORIGIN)

    (told,) = scan.records({RollbackDetected.name})
    assert told.payload["root"] not in (None, told.payload["signed_root"])
    assert [head.size for head in published() if head.origin == ORIGIN] == [3]


def test_a_look_at_start_finds_what_was_rewritten_without_growth(superuser_cursor: Any) -> None:
    grow(3)
    checkpoints.sign(ORIGIN)
    rewrite(superuser_cursor)

    (found,) = rollback.look(Signer.of_site())

    assert (found.signed.origin, found.size, found.root is None) == (ORIGIN, 3, False)


def test_the_recovery_uses_no_position_and_no_size_again(older: Any) -> None:
    lost = recover(reason="The disk died.")

    heads = published()
    sizes = {(head.origin, head.size) for head in heads}
    assert sorted(each.signed.origin for each in lost) == [ORG, ORIGIN]
    assert len(heads) == len(sizes)
    assert not sizes & {(head_of(note).origin, head_of(note).size) for note in older}
    taken = [r.sequence for r in scan.records({PositionLost.name}) if r.stream == ORIGIN]
    assert taken == [2, 3, 4]


def test_the_declaration_is_signed_and_says_what_is_lost(older: Any) -> None:
    recover(reason="The disk died.")

    told = list(scan.records({RecoveryDeclared.name}))
    places = sorted((r.stream, r.payload["origin"], r.payload["lost_size"]) for r in told)
    assert places == [(ORG, ORG, 2), (ORG, ORIGIN, 5), (ORIGIN, ORIGIN, 5)]
    assert {r.reason for r in told} == {"The disk died."}
    for record in told:
        note, root = record.payload["note"], record.payload["lost_root"]
        assert signed_by(note, checkpoints.vkey(ORG))
        assert note.startswith(f"ledger/v1 recovery\n{record.payload['origin']}\n")
        assert head_of(dict(zip((ORIGIN, ORG), older, strict=True))[record.payload["origin"]])[
            2
        ] == bytes.fromhex(root)


def test_a_recovery_that_died_can_be_made_again(
    older: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(recovery, "_sign_anew", None)
        with pytest.raises(TypeError):
            recover(reason="The disk died.")

    recover(reason="The disk died.")
    grow(1)
    checkpoints.sign_everything()

    assert len(published()) == len({(head.origin, head.size) for head in published()})


def test_the_lost_notes_are_kept_as_proof(older: Any) -> None:
    recover(reason="The disk died.")

    kept = sorted(path.read_text() for path in (settings.SIGNER_DIR / "lost").iterdir())
    assert kept == sorted(older)


def test_nothing_is_recovered_where_nothing_is_lost() -> None:
    grow(2)
    checkpoints.sign_everything()

    with pytest.raises(NothingLostError):
        recover(reason="To be sure.")


def test_a_newer_backup_ends_it_without_a_declaration(superuser_cursor: Any) -> None:
    database = Database(superuser_cursor)
    grow(2)
    checkpoints.sign_everything()
    early = database.copy()
    grow(2)
    checkpoints.sign_everything()
    late = database.copy()
    database.set_back(early)
    with pytest.raises(RolledBackError):
        checkpoints.sign_everything()

    database.set_back(late)
    grow(1)

    assert head_of(checkpoints.sign(ORIGIN)).size == 5


def test_the_record_names_both_people(older: Any) -> None:
    recover(reason="The disk died.")

    (approved,) = scan.records({RecoveryApproved.name})
    declared = list(scan.records({RecoveryDeclared.name}))
    assert approved.actor == approved.payload["approved_by"] == APPROVES.ledger_ref
    assert approved.payload["requested_by"] == DECLARES.ledger_ref
    assert {record.actor for record in declared} == {DECLARES.ledger_ref}
    lost = {part["origin"]: part for part in approved.payload["lost"]}
    assert (lost[ORIGIN]["size"], lost[ORIGIN]["lost_size"]) == (2, 5)
    org = [record.sequence for record in declared if record.stream == ORG]
    assert approved.sequence < min(org)


@pytest.mark.parametrize(
    ("approves", "reason", "refusal"),
    [(DECLARES, "The disk died.", OnePersonError), (APPROVES, " ", ValueError)],
)
def test_one_person_or_no_reason_recovers_nothing(
    older: Any, approves: Any, reason: str, refusal: type[Exception]
) -> None:
    entries = Entry.objects.count()

    with pytest.raises(refusal):
        recovery.recover(by=DECLARES, approved_by=approves, reason=reason)

    assert Entry.objects.count() == entries
