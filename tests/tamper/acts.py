"""Acts against the database, and what verify_ledger has to say to each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from tests.tamper import hands
from tests.tamper.world import ORG, World

LATE = 24  # an entry behind the first checkpoint, before the last
Act = Callable[[World, Any], None]  # the cursor is a superuser's


@dataclass(frozen=True)
class Case:
    """An act: its row in the matrix, what is found, where first, and which checks find it.

    Any one of `by` finds it alone; without all of them nobody does.  `first` counts from the
    size of the project's stream if it is negative (-1: the entry after the last).
    """

    row: int
    act: Act
    codes: frozenset[str]
    first: int | None
    by: frozenset[str]
    on_organisation: bool = False

    def __str__(self) -> str:
        return f"{self.row}-{self.act.__name__}"


def owner_switches_guard_off(world: World, cursor: Any) -> None:
    new = hands.edited(hands.entries(cursor, world.origin)[LATE])
    cursor.execute("SET ROLE ledger_owner")
    cursor.execute("ALTER TABLE body DISABLE TRIGGER deny_row")
    cursor.execute("UPDATE body SET body = %s WHERE id = %s", [new.body, new.body_id])
    cursor.execute("RESET ROLE")


def superuser_edits_the_catalogue(world: World, cursor: Any) -> None:
    cursor.execute("UPDATE pg_trigger SET tgenabled = 'D' WHERE tgname = 'deny_row'")


def payload_changed(world: World, cursor: Any) -> None:
    new = hands.edited(hands.entries(cursor, world.origin)[LATE])
    hands.change_body(cursor, world.origin, LATE, "body = %s", [new.body])


def migration_rewrites_payloads(world: World, cursor: Any) -> None:
    """Do it as whoever migrates, and leave every guard as it was."""
    kept = hands.entries(cursor, world.origin)
    cursor.execute("SET ROLE ledger_owner")
    cursor.execute("ALTER TABLE body DISABLE TRIGGER deny_row")
    for new in map(hands.edited, kept[LATE:]):
        cursor.execute("UPDATE body SET body = %s WHERE id = %s", [new.body, new.body_id])
    cursor.execute("ALTER TABLE body ENABLE ALWAYS TRIGGER deny_row")
    cursor.execute("RESET ROLE")


def payload_and_hash_changed(world: World, cursor: Any) -> None:
    kept = hands.entries(cursor, world.origin)
    cursor.execute(
        f"SELECT hash FROM entry WHERE {hands.MINE} AND seq > %s ORDER BY seq",
        [world.origin, LATE],
    )
    later = [bytes(row[0]) for row in cursor.fetchall()]
    hands.rewrite(cursor, world.origin, LATE, [hands.edited(kept[LATE]), *kept[LATE + 1 :]])
    for seq, old in enumerate(later, LATE + 1):
        hands.change_one(cursor, world.origin, seq, "hash = %s", [old])


def suffix_hashed_again(world: World, cursor: Any) -> None:
    kept = hands.entries(cursor, world.origin)
    hands.rewrite(cursor, world.origin, LATE, [hands.edited(kept[LATE]), *kept[LATE + 1 :]])


def middle_removed(world: World, cursor: Any) -> None:
    with hands.unguarded(cursor):
        cursor.execute(
            f"DELETE FROM entry WHERE {hands.MINE} AND seq = %s RETURNING body_id",
            [world.origin, LATE],
        )
        cursor.execute("DELETE FROM body WHERE id = %s", [cursor.fetchone()[0]])


def middle_removed_bytes_left(world: World, cursor: Any) -> None:
    with hands.unguarded(cursor):
        cursor.execute(
            f"DELETE FROM entry WHERE {hands.MINE} AND seq = %s", [world.origin, LATE]
        )


def middle_removed_and_closed_up(world: World, cursor: Any) -> None:
    kept = hands.entries(cursor, world.origin)
    hands.rewrite(cursor, world.origin, LATE, kept[LATE + 1 :])


def tail_cut(world: World, cursor: Any) -> None:
    with hands.unguarded(cursor):
        hands.cut(cursor, world.origin, LATE)
        cursor.execute(
            f"DELETE FROM checkpoint WHERE {hands.MINE} AND size > %s", [world.origin, LATE]
        )


def backdated_insert(world: World, cursor: Any) -> None:
    kept = hands.entries(cursor, world.origin)
    new = hands.edited(replace(kept[LATE], sealed_us=kept[LATE - 1].sealed_us + 1))
    hands.rewrite(cursor, world.origin, LATE, [new, *kept[LATE:]])


def reordered(world: World, cursor: Any) -> None:
    for old, new in ((LATE, 999), (LATE + 1, LATE), (999, LATE + 1)):
        hands.change_one(cursor, world.origin, old, "seq = %s", [new])


def reordered_and_hashed_again(world: World, cursor: Any) -> None:
    kept = hands.entries(cursor, world.origin)
    first, second = kept[LATE], kept[LATE + 1]
    swapped = [
        replace(second, sealed_us=first.sealed_us),
        replace(first, sealed_us=second.sealed_us),
    ]
    hands.rewrite(cursor, world.origin, LATE, [*swapped, *kept[LATE + 2 :]])


def duplicated(world: World, cursor: Any) -> None:
    kept = hands.entries(cursor, world.origin)
    hands.rewrite(cursor, world.origin, LATE, [kept[LATE], *kept[LATE:]])


def old_backup_restored(world: World, cursor: Any) -> None:
    hands.set_back(cursor, {world.origin: world.half, ORG: 12})


def edited_backup_restored(world: World, cursor: Any) -> None:
    suffix_hashed_again(world, cursor)
    with hands.unguarded(cursor):
        hands.cut(cursor, ORG, 13)
        cursor.execute(f"DELETE FROM checkpoint WHERE {hands.MINE} AND size > 13", [ORG])
        cursor.execute(
            f"DELETE FROM checkpoint WHERE {hands.MINE} AND size > %s",
            [world.origin, world.half],
        )


def clock_set_back(world: World, cursor: Any) -> None:
    kept = hands.entries(cursor, world.origin)
    early = replace(kept[LATE], sealed_us=kept[LATE].sealed_us - 3_600_000_000)
    hands.rewrite(cursor, world.origin, LATE, [early, *kept[LATE + 1 :]])


def another_signs(world: World, cursor: Any) -> None:
    """Act as the application that lets one person apply a signature in another's name."""
    body = _signature(world, cursor)
    other = body.replace(b'"actor":"accounts.user:', b'"actor":"accounts.user:0')
    _by_the_application(world, other)


def signature_replayed(world: World, cursor: Any) -> None:
    _by_the_application(world, _signature(world, cursor))


def _signature(world: World, cursor: Any) -> bytes:
    bodies = (kept.body or b"" for kept in hands.entries(cursor, world.origin))
    return next(body for body in bodies if b'"event":"signature.applied"' in body)


def repeated_key(world: World, cursor: Any) -> None:
    kept = hands.entries(cursor, world.origin)[LATE].body or b""
    _by_the_application(world, kept.replace(b'{"actor"', b'{"actor":"a:1","actor"', 1))


def number_in_another_form(world: World, cursor: Any) -> None:
    kept = hands.entries(cursor, world.origin)[LATE].body or b""
    _by_the_application(world, kept.replace(b'"number":8', b'"number":8.0', 1))


def _by_the_application(world: World, body: bytes) -> None:
    """Append bytes as the application's role can by SQL, past every workflow."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger.body (stream, salt, body)"
            " SELECT id, %s, %s FROM ledger.stream WHERE origin = %s",
            [bytes(16), body, world.origin],
        )


def blanked_without_a_word(world: World, cursor: Any) -> None:
    hands.change_body(cursor, world.origin, LATE, "salt = NULL, body = NULL", [])


def erased_by_one(world: World, cursor: Any) -> None:
    """Erase with an entry that names the same person twice."""
    kept = hands.entries(cursor, world.origin)
    honest = kept[world.half - 1].body or b""
    said = honest.replace(b"accounts.user:2", b"accounts.user:1")
    old = kept[world.erased].commitment.hex().encode()
    said = said.replace(old, kept[LATE].commitment.hex().encode())
    said = said.replace(b'"seq":%d' % world.erased, b'"seq":%d' % LATE)
    _by_the_application(world, said)
    blanked_without_a_word(world, cursor)


def row_edited(world: World, cursor: Any) -> None:
    with hands.unguarded(cursor, "annotations_item"):
        cursor.execute("UPDATE annotations_item SET state = 'rejected'")


def row_deleted(world: World, cursor: Any) -> None:
    with hands.unguarded(cursor, "annotations_signature"):
        cursor.execute("DELETE FROM annotations_signature")


def row_without_entry(world: World, cursor: Any) -> None:
    with hands.unguarded(cursor, "annotations_item"):
        cursor.execute(
            "CREATE TEMPORARY TABLE another AS TABLE annotations_item;"
            " UPDATE another SET id = gen_random_uuid(), annotator_id ="
            " (SELECT id FROM accounts_user u WHERE u.id <> another.annotator_id LIMIT 1);"
            " INSERT INTO annotations_item TABLE another"
        )


def person_deleted(world: World, cursor: Any) -> None:
    """Delete the person who signed, past every key that protects them."""
    with hands.unguarded(cursor, "accounts_user"):
        cursor.execute(
            "DELETE FROM accounts_user"
            " WHERE id IN (SELECT signer_id FROM annotations_signature)"
        )


def person_renamed(world: World, cursor: Any) -> None:
    with hands.unguarded(cursor, "accounts_user"):
        cursor.execute(
            "UPDATE accounts_user SET printed_name = 'Somebody Else'"
            " WHERE id IN (SELECT signer_id FROM annotations_signature)"
        )


def name_given_to_another(world: World, cursor: Any) -> None:
    """Let somebody else sign in under the name of the person who signed."""
    with hands.unguarded(cursor, "accounts_user"):
        cursor.execute(
            "UPDATE accounts_user SET email = 'gone@example.org', identifier = 'gone'"
            " WHERE id IN (SELECT signer_id FROM annotations_signature)"
        )


def name_given_again(world: World, cursor: Any) -> None:
    """Take the name off the books, and give a new account of the same name."""
    with hands.unguarded(cursor, "accounts_user"):
        cursor.execute(
            "CREATE TEMPORARY TABLE another AS SELECT * FROM accounts_user LIMIT 1;"
            " UPDATE accounts_user SET identifier = 'gone', email = 'gone@example.org'"
            " WHERE id = (SELECT id FROM another);"
            " UPDATE another SET id = gen_random_uuid();"
            " INSERT INTO accounts_user TABLE another"
        )
