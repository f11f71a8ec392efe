"""Checkpoints: signed heads that nothing can be taken from, one root for each size."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

import ledger
from ledger import checkpoints, scan
from ledger.checkpoints import NothingToSignError
from ledger.events import CheckpointSigned
from ledger.merkle import tree_hash
from ledger.models import Checkpoint, Entry
from ledger.signer_state import StateError
from tests.ledger.events import ACTOR, ThingHappened
from tests.ledger.signing import (
    ORG,
    ORIGIN,
    PROJECT,
    STEPS,
    DiedError,
    dying_before,
    grow,
    head_of,
    published,
    remembered,
    signed_by,
    stream,
)

pytestmark = pytest.mark.django_db(transaction=True)


def root_of(origin: str, size: int) -> bytes:
    hashes = Entry.objects.filter(stream__origin=origin, seq__lt=size).order_by("seq")
    return tree_hash(bytes(entry) for entry in hashes.values_list("hash", flat=True))


def test_the_first_checkpoint_makes_the_key_and_tells_the_tree() -> None:
    grow(3)

    note = checkpoints.sign(ORIGIN)

    assert head_of(note) == (ORIGIN, 3, root_of(ORIGIN, 3))
    assert signed_by(note, checkpoints.vkey(ORIGIN)) == [checkpoints.vkey(ORIGIN)]
    assert remembered(ORIGIN) == note


def test_a_project_is_recorded_in_the_organisation_which_is_signed_after_it() -> None:
    grow(3)

    checkpoints.sign(ORIGIN)

    (record,) = scan.records({CheckpointSigned.name})
    key_id = checkpoints.vkey(ORIGIN).split("+")[1]
    root = root_of(ORIGIN, 3).hex()
    assert (record.stream, record.actor) == (ORG, "system:signer")
    assert record.subject == f"ledger.stream:{ORIGIN}"
    assert record.payload == {"key_id": key_id, "origin": ORIGIN, "root": root, "size": 3}
    assert [(head.origin, head.size) for head in published()] == [(ORIGIN, 3), (ORG, 1)]


def test_nothing_is_signed_where_nothing_grew() -> None:
    grow(3)
    notes = checkpoints.sign_everything()

    again = [checkpoints.sign_everything() for _ in range(3)]

    assert again == [notes] * 3
    assert Checkpoint.objects.count() == 2
    assert Entry.objects.filter(stream__origin=ORG).count() == 1


def test_every_stream_is_signed_the_organisation_last() -> None:
    grow(2)
    grow(1, thing=type(PROJECT)(ledger_stream="two"))

    notes = checkpoints.sign_everything()

    assert [head_of(note).origin for note in notes] == [ORIGIN, "localhost/ledger/p/two", ORG]
    assert head_of(notes[-1]).size == 2


def test_what_waits_is_linked_first() -> None:
    grow(1)
    with transaction.atomic():
        transaction.get_connection().cursor().execute(
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
        )
        ledger.append(ThingHappened(), actor=ACTOR, subject=PROJECT)
        transaction.get_connection().run_on_commit.clear()

    assert head_of(checkpoints.sign(ORIGIN)).size == 2


def test_what_is_not_committed_is_not_signed() -> None:
    grow(1)

    with pytest.raises(transaction.TransactionManagementError), transaction.atomic():
        checkpoints.sign(ORIGIN)

    assert not Checkpoint.objects.exists()


@pytest.mark.parametrize("origin", ["localhost/ledger/p/none", ORG])
def test_a_stream_without_entries_has_nothing_to_sign(origin: str) -> None:
    with pytest.raises(NothingToSignError):
        checkpoints.sign(origin)


@pytest.mark.parametrize("step", STEPS)
def test_whatever_died_the_next_signer_publishes_what_was_remembered(step: str) -> None:
    grow(2)
    with dying_before(step), pytest.raises(DiedError):
        checkpoints.sign(ORIGIN)
    left = remembered(ORIGIN)
    grow(1)

    checkpoints.sign(ORIGIN)

    sizes = [head.size for head in published() if head.origin == ORIGIN]
    recorded = [record.payload["size"] for record in scan.records({CheckpointSigned.name})]
    assert sizes == recorded == ([2, 3] if step in {"record", "publish"} else [3])
    assert left is None or Checkpoint.objects.get(stream=stream(), size=2).note == left


def test_a_checkpoint_takes_few_statements_however_long_the_stream_is() -> None:
    grow(2)
    checkpoints.sign(ORIGIN)
    counts = []
    for entries in (1, 300):
        grow(entries)
        with (
            CaptureQueriesContext(connection) as ours,
            CaptureQueriesContext(connections["seal"]) as sealing,
        ):
            checkpoints.sign(ORIGIN)
        told = [query["sql"] for query in (*ours, *sealing)]
        counts.append(len([sql for sql in told if sql not in {"BEGIN", "COMMIT"}]))

    assert max(counts) <= 16, counts


def test_the_newest_checkpoint_in_the_database_must_be_the_one_that_was_signed(
    superuser_cursor: Any,
) -> None:
    grow(2)
    checkpoints.sign(ORIGIN)
    superuser_cursor.execute("ALTER TABLE ledger.checkpoint DISABLE TRIGGER ALL")
    superuser_cursor.execute("UPDATE ledger.checkpoint SET note = note || ' '")
    superuser_cursor.execute("ALTER TABLE ledger.checkpoint ENABLE TRIGGER ALL")
    grow(1)

    with pytest.raises(StateError, match="another checkpoint"):
        checkpoints.sign(ORIGIN)


def test_another_checkpoint_in_the_database_is_not_taken_for_ours(
    superuser_cursor: Any,
) -> None:
    grow(2)
    with dying_before("publish"), pytest.raises(DiedError):
        checkpoints.sign(ORIGIN)
    superuser_cursor.execute(
        "INSERT INTO ledger.checkpoint (stream, size, root, note) VALUES (%s, 2, %s, 'x')",
        [stream().pk, bytes(32)],
    )

    with pytest.raises(StateError, match="another checkpoint"):
        checkpoints.sign(ORIGIN)


def test_a_signer_without_its_memory_does_not_begin_again() -> None:
    grow(2)
    checkpoints.sign(ORIGIN)
    (note,) = [p for p in state_folder().iterdir() if ORIGIN in p.read_text()]
    note.unlink()
    grow(1)

    with pytest.raises(StateError, match="adopt_signer_state"):
        checkpoints.sign(ORIGIN)


def test_a_signer_without_its_folder_does_not_make_another_key() -> None:
    grow(2)
    checkpoints.sign(ORIGIN)
    shutil.rmtree(state_folder().parent)

    with pytest.raises(StateError, match="backup"):
        checkpoints.sign(ORIGIN)

    assert not state_folder().parent.joinpath("keys").exists()


def test_a_memory_that_was_set_back_is_noticed() -> None:
    grow(2)
    older = checkpoints.sign(ORIGIN)
    (note,) = [p for p in state_folder().iterdir() if ORIGIN in p.read_text()]
    grow(1)
    checkpoints.sign(ORIGIN)
    note.write_text(older)
    grow(1)

    with pytest.raises(StateError, match="remembers less"):
        checkpoints.sign(ORIGIN)


def test_a_damaged_memory_is_named() -> None:
    grow(2)
    checkpoints.sign(ORIGIN)
    (note,) = [p for p in state_folder().iterdir() if ORIGIN in p.read_text()]
    note.write_text(note.read_text().replace("\n2\n", "\n1\n"))

    with pytest.raises(StateError, match="damaged"):
        checkpoints.sign(ORIGIN)


def test_only_texts_with_a_title_are_signed_for_others() -> None:
    grow(2)
    checkpoints.sign_everything()

    text = "ledger/v1 bundle\nlocalhost/ledger/org\n"
    assert signed_by(checkpoints.sign_text(text), checkpoints.vkey(ORG))
    with pytest.raises(ValueError, match="title"):
        checkpoints.sign_text(f"{ORG}\n9\nAAAA\n")


def state_folder() -> Path:
    return Path(settings.SIGNER_DIR) / "streams"
