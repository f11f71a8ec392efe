"""What each role may do with tiles, checkpoints, anchors and bodies, by raw SQL."""

import os
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from django.db import DatabaseError, InternalError, connections, transaction

from ledger.canonical_json import canonical
from ledger.models import Anchor, Body, Checkpoint, Entry
from ledger.verify import verify
from tests.ledger.events import happen
from tests.ledger.tampering import STREAM

pytestmark = pytest.mark.django_db(transaction=True)

SALT = bytes(range(16))
TILE = "INSERT INTO ledger.tile VALUES (1, 1, 0, '\\x" + "11" * 32 + "')"
CHECKPOINT = (
    "INSERT INTO ledger.checkpoint (stream, size, root, note)"
    " VALUES (1, 1, '\\x" + "22" * 32 + "', 'note')"
)
ANCHOR = (
    "INSERT INTO ledger.anchor (stream, size, kind, token) VALUES (1, 1, 'folder', '\\x7b7d')"
)


def execute(alias: str, statement: str, *values: Any) -> Any:
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0] if cursor.description else None


def erased_event(body_id: int, **changed: Any) -> bytes:
    """Return the bytes of an erasure event about the entry with this body."""
    entry = Entry.objects.get(pk=body_id)
    payload = {
        "approved_by": ["accounts.user:a", "accounts.user:b"],
        "basis": "GDPR Art. 17(1)(b)",
        "commitment": bytes(entry.commitment).hex(),
        "seq": entry.seq,
    } | changed
    event = payload.pop("event", "ledger.entry_erased")
    return canonical(
        {
            "actor": "accounts.user:a",
            "at": "2026-01-02T03:04:05.000006Z",
            "event": event,
            "origin": {"device": None, "network": None, "session": None},
            "payload": payload,
            "schema": "ledger.event/1",
            "subject": f"ledger.entry:{entry.seq}",
        }
    )


def erase(body_id: int, event: bytes) -> int:
    return int(execute("erase", "SELECT ledger.erase(%s, %s, %s)", body_id, SALT, event))


def test_the_sealing_role_writes_tiles_checkpoints_and_anchors() -> None:
    happen()
    for statement in (TILE, CHECKPOINT, ANCHOR):
        execute("seal", statement)

    assert (Checkpoint.objects.get(pk=(1, 1)).note, Anchor.objects.get().kind) == (
        "note",
        "folder",
    )


@pytest.mark.parametrize(
    "statement",
    [
        TILE,
        CHECKPOINT,
        ANCHOR,
        "UPDATE ledger.tile SET data = data",
        "SELECT ledger.erase(1, ''::bytea, ''::bytea)",
        "SELECT ledger.says_erased(1, 1)",
    ],
)
def test_the_application_role_may_not(statement: str) -> None:
    happen()

    with pytest.raises(DatabaseError, match="permission denied"):
        execute("default", statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger.checkpoint SET note = ''",
        "DELETE FROM ledger.checkpoint",
        "TRUNCATE ledger.tile",
        "DELETE FROM ledger.tile",
        "UPDATE ledger.tile SET idx = 9",
        "DELETE FROM ledger.anchor",
        CHECKPOINT.replace("note)", "note, created_at)").replace("'note')", "'note', now())"),
        "INSERT INTO ledger.body (stream, salt, body) VALUES (1, ''::bytea, '{}')",
        "SELECT ledger.erase(1, ''::bytea, ''::bytea)",
        "SELECT ledger.open_stream('a/b')",
    ],
)
def test_the_sealing_role_may_not(statement: str) -> None:
    happen()
    for made in (TILE, CHECKPOINT, ANCHOR):
        execute("seal", made)

    with pytest.raises(DatabaseError, match="permission denied"):
        execute("seal", statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 FROM ledger.body",
        "SELECT 1 FROM ledger.entry",
        "SELECT ledger.seal(1)",
        "SELECT ledger.append_many(1, '{}', '{}')",
        "UPDATE ledger.body SET body = NULL, salt = NULL",
        TILE,
    ],
)
def test_the_erasing_role_may_only_erase(statement: str) -> None:
    happen()

    with pytest.raises(DatabaseError, match="permission denied"):
        execute("erase", statement)


@pytest.mark.parametrize("table", ["tile", "checkpoint", "anchor"])
@pytest.mark.parametrize("act", ["DELETE FROM", "TRUNCATE"])
@pytest.mark.parametrize("mode", ["origin", "replica"])
def test_a_superuser_is_stopped_by_the_guards(
    superuser_cursor: Any, table: str, act: str, mode: str
) -> None:
    happen()
    for statement in (TILE, CHECKPOINT, ANCHOR):
        execute("seal", statement)
    superuser_cursor.execute(f"SET session_replication_role = {mode}")

    with pytest.raises(psycopg2.Error, match="append-only"):
        superuser_cursor.execute(f"{act} ledger.{table}")


def test_one_size_has_one_root() -> None:
    happen()
    execute("seal", CHECKPOINT)

    with pytest.raises(DatabaseError, match="checkpoint_pkey"):
        execute("seal", CHECKPOINT.replace("22", "33"))


GROW = "UPDATE ledger.tile SET data = %s WHERE level = 1 AND idx = 0"


def test_a_tile_grows_behind_its_old_bytes_up_to_8192() -> None:
    execute("seal", TILE)
    execute("seal", GROW, b"\x11" * 32 + b"\x77" * 8160)

    assert execute("seal", "SELECT octet_length(data) FROM ledger.tile") == 8192


@pytest.mark.parametrize(
    "content",
    [b"\x11" * 31 + b"\x12" + bytes(32), b"\x22" * 64, b"", bytes(8224), b"\x11" * 33],
    ids=["changed", "other", "shorter", "too long", "no hashes"],
)
def test_a_tile_never_changes_otherwise(superuser_cursor: Any, content: bytes) -> None:
    execute("seal", TILE)

    with pytest.raises(DatabaseError):
        execute("seal", GROW, content)
    with pytest.raises(psycopg2.Error):
        superuser_cursor.execute(GROW, [content])


def test_erasing_blanks_one_body_after_a_chained_event() -> None:
    first, second = happen(STREAM, number=1), happen(STREAM, number=2)

    told = erase(first.body_id, erased_event(first.body_id))

    blank, event = Body.objects.get(pk=first.body_id), Entry.objects.get(pk=told)
    assert (blank.salt, blank.body, event.seq) == (None, None, 2)
    assert b'"number":2' in bytes(Body.objects.get(pk=second.body_id).body or b"")


def test_what_waits_is_linked_before_the_erasure_event() -> None:
    first = happen(STREAM)
    event = erased_event(first.body_id)
    with transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute(
            "INSERT INTO ledger.body (stream, salt, body)"
            " SELECT stream, salt, body FROM ledger.body RETURNING id"
        )
        waiting = cursor.fetchone()[0]

    told = erase(first.body_id, event)

    assert Entry.objects.get(pk=waiting).seq == 1
    assert Entry.objects.get(pk=told).seq == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"seq": 1},
        {"seq": "0"},
        {"commitment": "00" * 32},
        {"approved_by": ["accounts.user:a"]},
        {"approved_by": ["accounts.user:a", "accounts.user:a"]},
        {"approved_by": "accounts.user:a accounts.user:b"},
        {"event": "thing.happened"},
    ],
    ids=str,
)
def test_an_event_that_does_not_say_what_is_erased_erases_nothing(
    changed: dict[str, Any],
) -> None:
    receipt = happen(STREAM)

    with pytest.raises(DatabaseError, match="append-only"):
        erase(receipt.body_id, erased_event(receipt.body_id, **changed))

    assert Body.objects.get().body is not None


@pytest.mark.parametrize("event", [b"{}", b"\xff\xfe", b"no json at all", b"1"])
def test_bytes_that_are_no_event_erase_nothing(event: bytes) -> None:
    receipt = happen(STREAM)

    with pytest.raises(DatabaseError):
        erase(receipt.body_id, event)

    assert Body.objects.get().body is not None


def test_an_erasure_event_cannot_be_erased_nor_a_body_twice() -> None:
    receipt = happen(STREAM)
    event = erased_event(receipt.body_id)
    told = erase(receipt.body_id, event)

    with pytest.raises(DatabaseError, match="append-only"):
        erase(told, erased_event(told))
    with pytest.raises(InternalError, match="bytes to erase"):
        erase(receipt.body_id, event)
    with pytest.raises(InternalError, match="bytes to erase"):
        erase(10**6, event)


@pytest.mark.parametrize("role", ["ledger_migrate", "superuser"])
def test_nobody_blanks_a_body_past_erase(superuser_cursor: Any, role: str) -> None:
    receipt = happen(STREAM)
    address = os.environ[
        "MIGRATE_DATABASE_URL" if role == "ledger_migrate" else "SUPERUSER_DATABASE_URL"
    ]
    with closing(psycopg2.connect(address)) as connection, connection.cursor() as cursor:
        if role == "ledger_migrate":
            cursor.execute("SET ROLE ledger_owner")
        cursor.execute(f"SET ledger.erasing = '{receipt.body_id}:{receipt.body_id}'")
        with pytest.raises(psycopg2.Error, match="append-only"):
            cursor.execute("UPDATE ledger.body SET salt = NULL, body = NULL")


def test_two_who_erase_one_body_at_once_leave_one_event() -> None:
    receipt = happen(STREAM)
    event, outcomes = erased_event(receipt.body_id), []

    def work() -> None:
        try:
            outcomes.append(erase(receipt.body_id, event))
        except DatabaseError:
            outcomes.append(0)
        finally:
            connections.close_all()

    together(work, work)

    assert sorted(map(bool, outcomes)) == [False, True]
    (verdict,) = [s for s in verify().streams if s.origin.endswith("tampered")]
    assert verdict.size == 2


def together(*works: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
