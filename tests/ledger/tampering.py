"""Acts of somebody who can do anything to the database, for the tests of verification."""

from typing import Any

from ledger.hashing import commitment, first_prev, leaf, leaf_hash, origin_id
from ledger.verify import StreamVerdict, Verification, verify
from tests.ledger.events import Thing

STREAM = Thing(ledger_stream="tampered")
ORIGIN = "localhost/ledger/p/tampered"


def tamper(cursor: Any, *statements: str) -> None:
    """Act as a superuser who switches the guards off and leaves them as they were."""
    guarded = {
        "entry": ["deny_row", "deny_truncate"],
        "body": ["deny_row", "deny_truncate", "link_at_commit", "body_check"],
        "stream": ["deny_row", "deny_truncate"],
    }
    for table in guarded:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    for statement in statements:
        cursor.execute(statement)
    for table, triggers in guarded.items():
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
        for trigger in triggers:
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")


def found(verification: Verification | None = None) -> StreamVerdict:
    verification = verification or verify()
    (verdict,) = [s for s in verification.streams if s.origin == ORIGIN]
    return verdict


def where(seq: int) -> str:
    return f"stream = (SELECT id FROM stream WHERE origin = '{ORIGIN}') AND seq = {seq}"


def body_of(seq: int) -> str:
    return f"id = (SELECT body_id FROM entry WHERE {where(seq)})"


def codes(verdict: StreamVerdict) -> set[str]:
    return {fault.code for fault in verdict.faults if fault.code.startswith("L")}


def rewrite(cursor: Any, start: int, *, end: int) -> list[str]:
    """Return what rewrites the entries from `start` on, with hashes that follow."""
    cursor.execute(
        "SELECT e.seq, e.sealed_us, b.salt, b.body, e.hash FROM entry e JOIN body b"
        " ON b.id = e.body_id JOIN stream s ON s.id = e.stream"
        " WHERE s.origin = %s ORDER BY e.seq",
        [ORIGIN],
    )
    rows = cursor.fetchall()
    prev = bytes(rows[start - 1][4]) if start else first_prev(origin_id(ORIGIN))
    statements = []
    for seq, sealed_us, salt, body, _ in rows[start:end]:
        changed = bytes(body).replace(b"as it was", b"as it is!")
        committed = commitment(bytes(salt), changed)
        prev = leaf_hash(leaf(origin_id(ORIGIN), seq, sealed_us, prev, committed))
        hashes = f"commitment = '\\x{committed.hex()}', hash = '\\x{prev.hex()}'"
        statements += [
            f"UPDATE body SET body = '\\x{changed.hex()}' WHERE {body_of(seq)}",
            f"UPDATE entry SET {hashes} WHERE {where(seq)}",
        ]
    return statements


def raw_body(cursor: Any, content: bytes) -> None:
    """Append bytes as the application's role could by SQL, past every workflow."""
    cursor.execute(
        "INSERT INTO ledger.body (stream, salt, body)"
        " SELECT id, %s, %s FROM ledger.stream WHERE origin = %s",
        [bytes(16), content, ORIGIN],
    )
