"""What a superuser's hands can do to the tables of the record, one stroke at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from ledger.hashing import commitment, first_prev, leaf, leaf_hash, origin_id

TABLES = ("stream", "body", "entry", "checkpoint", "tile")
MINE = "stream = (SELECT id FROM stream WHERE origin = %s)"
_ROWS = f"""
SELECT e.body_id, e.sealed_us, b.salt, b.body, e.commitment FROM entry e
JOIN body b ON b.id = e.body_id WHERE e.{MINE} ORDER BY e.seq
"""


@dataclass(frozen=True)
class Kept:
    """An entry as the tables hold it, without its number and hash: those are made anew."""

    body_id: int
    sealed_us: int
    salt: bytes | None
    body: bytes | None
    commitment: bytes


@contextmanager
def unguarded(cursor: Any, *tables: str) -> Iterator[None]:
    """Switch the guards of tables off; afterwards they are exactly as they were."""
    for table in tables or TABLES:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    yield
    for table in tables or TABLES:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
        if table.startswith("annotations_"):
            continue
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
            [table],
        )
        for (guard,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {guard}")


def entries(cursor: Any, origin: str) -> list[Kept]:
    cursor.execute(_ROWS, [origin])
    return [
        Kept(body_id, sealed_us, salt and bytes(salt), body and bytes(body), bytes(committed))
        for body_id, sealed_us, salt, body, committed in cursor.fetchall()
    ]


def edited(kept: Kept) -> Kept:
    """Return an entry that says something else, with the commitment that belongs to it."""
    assert kept.salt
    assert kept.body
    body = kept.body.replace(b"as it was", b"as it is!")
    assert body != kept.body
    return replace(kept, body=body, commitment=commitment(kept.salt, body))


def rewrite(cursor: Any, origin: str, start: int, new: list[Kept]) -> None:
    """Put `new` in the place of all entries from `start` on, with hashes that follow."""
    cursor.execute(f"SELECT hash FROM entry WHERE {MINE} AND seq = %s", [origin, start - 1])
    before = cursor.fetchone()
    prev = bytes(before[0]) if before else first_prev(origin_id(origin))
    with unguarded(cursor):
        cut(cursor, origin, start, bodies=False)
        kept = [each.body_id for each in new]
        for seq, each in enumerate(new, start):
            body_id = each.body_id
            if kept.index(body_id) < seq - start:
                body_id = _another_body(cursor, origin, each)
            cursor.execute(
                "UPDATE body SET salt = %s, body = %s WHERE id = %s",
                [each.salt, each.body, body_id],
            )
            prev = leaf_hash(
                leaf(origin_id(origin), seq, each.sealed_us, prev, each.commitment)
            )
            cursor.execute(
                "INSERT INTO entry SELECT id, %s, %s, %s, %s, %s FROM stream WHERE origin = %s",
                [seq, body_id, each.sealed_us, each.commitment, prev, origin],
            )
        cursor.execute(
            f"DELETE FROM body WHERE {MINE} AND id NOT IN (SELECT body_id FROM entry)",
            [origin],
        )


def _another_body(cursor: Any, origin: str, kept: Kept) -> int:
    cursor.execute(
        "INSERT INTO body (stream, salt, body) SELECT id, %s, %s FROM stream"
        " WHERE origin = %s RETURNING id",
        [kept.salt, kept.body, origin],
    )
    return int(cursor.fetchone()[0])


def cut(cursor: Any, origin: str, start: int, *, bodies: bool = True) -> None:
    """Take the entries from `start` on away; the guards are off."""
    cursor.execute(
        f"DELETE FROM entry WHERE {MINE} AND seq >= %s RETURNING body_id", [origin, start]
    )
    gone = [row[0] for row in cursor.fetchall()]
    if bodies:
        cursor.execute("DELETE FROM body WHERE id = ANY (%s)", [gone])
        cursor.execute(
            "DELETE FROM public.ledger_indexedentry WHERE body_id = ANY (%s)", [gone]
        )


def set_back(cursor: Any, sizes: dict[str, int]) -> None:
    """Make the database what it was when its streams had these sizes."""
    with unguarded(cursor):
        for origin, size in sizes.items():
            cut(cursor, origin, size)
            cursor.execute(f"DELETE FROM checkpoint WHERE {MINE} AND size > %s", [origin, size])
            cursor.execute(f"DELETE FROM tile WHERE {MINE}", [origin])


def change_one(cursor: Any, origin: str, seq: int, change: str, values: list[Any]) -> None:
    """Change columns of one entry's row."""
    with unguarded(cursor, "entry"):
        cursor.execute(
            f"UPDATE entry SET {change} WHERE {MINE} AND seq = %s", [*values, origin, seq]
        )


def change_body(cursor: Any, origin: str, seq: int, change: str, values: list[Any]) -> None:
    """Change the bytes of one entry."""
    place = f"id = (SELECT body_id FROM entry WHERE {MINE} AND seq = %s)"
    with unguarded(cursor, "body"):
        cursor.execute(f"UPDATE body SET {change} WHERE {place}", [*values, origin, seq])
