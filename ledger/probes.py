"""What the ledger tries on itself: to write over it, to switch it off, to lose something."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.db import DatabaseError, connection, transaction

from ledger import runs
from ledger.evidence import planted
from ledger.models import VerificationRun
from ledger.references import key_of
from ledger.registry import Observation, RecordedTable, control, recorded_tables
from ledger.scan import records

PATIENCE = 60.0  # seconds to wait for a verification that runs already
TABLES = ("entry", "body", "stream")
COLUMNS = {"entry": "sealed_us", "body": "stream", "stream": "origin"}
GUARDS = {"deny_row", "deny_truncate", "body_check", "link_at_commit"}


def attacks() -> Iterator[tuple[str, str, str]]:
    """Yield control, what is attempted and the statement, for each way to alter the record."""
    for table in TABLES:
        column = COLUMNS[table]
        update = f"UPDATE ledger.{table} SET {column} = {column}"  # noqa: S608  names are ours
        delete = f"DELETE FROM ledger.{table}"  # noqa: S608
        yield "append_only_enforced", f"UPDATE {table}", update
        yield "append_only_enforced", f"DELETE {table}", delete
        yield "append_only_enforced", f"TRUNCATE {table}", f"TRUNCATE ledger.{table} CASCADE"
        drop = f"DROP TRIGGER deny_row ON ledger.{table}"
        yield "append_only_enforced", f"Remove the guard of {table}", drop
        disable = f"ALTER TABLE ledger.{table} DISABLE TRIGGER ALL"
        yield "audit_always_on", f"Switch the triggers of {table} off", disable
    replica = "SET LOCAL session_replication_role = replica"
    yield "audit_always_on", "Work as a replica, where triggers sleep", replica
    owner = "SET LOCAL ROLE ledger_owner"
    yield "audit_always_on", "Become the owner of the record", owner


def attack(attempted: str, statement: str) -> Observation:
    """Try one statement as the application's own role; whatever it does is rolled back."""
    expected = "refused"
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        role = f"database role {cursor.fetchone()[0]}"
        try:
            with transaction.atomic():
                cursor.execute("SET LOCAL lock_timeout = '2s'")
                cursor.execute(statement)
                transaction.set_rollback(True)
        except DatabaseError as error:
            said = str(error).partition("\n")[0]
            # Only a refusal for want of the right to do it counts: 42501.
            refused = getattr(error.__cause__, "pgcode", None) == "42501"
            return Observation(
                target=role,
                attempted=attempted,
                expected=expected,
                observed=f"refused: {said}" if refused else f"another error: {said}",
                result="pass" if refused else "error",
            )
    return Observation(
        target=role, attempted=attempted, expected=expected, observed="done", result="fail"
    )


@control("append_only_enforced", mode="probe", title="Nobody can write over the record")
def append_only_enforced() -> Iterator[Observation]:
    """As the application's own role, UPDATE, DELETE, TRUNCATE and DROP TRIGGER are refused."""
    for name, attempted, statement in attacks():
        if name == "append_only_enforced":
            yield attack(attempted, statement)


@control("audit_always_on", mode="probe", title="Recording cannot be switched off")
def audit_always_on() -> Iterator[Observation]:
    """All guards are in place and always on, and the application cannot switch them off."""
    for name, attempted, statement in attacks():
        if name == "audit_always_on":
            yield attack(attempted, statement)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname, t.tgenabled = 'A' FROM pg_trigger t"
            " JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE c.relnamespace = 'ledger'::regnamespace AND NOT t.tgisinternal"
        )
        found = cursor.fetchall()
    asleep = sorted({name for name, is_on in found if not is_on})
    absent = sorted(GUARDS - {name for name, _ in found})
    wrong = [*(f"{name} is off" for name in asleep), *(f"{name} is gone" for name in absent)]
    yield Observation(
        target="database triggers of the record",
        attempted="Look for a guard that is off or gone",
        expected="every guard always on",
        observed=", ".join(wrong) or f"{len(found)} triggers, all always on",
        result="fail" if wrong else "pass",
        examined=len(found) or 1,
    )


@control("chain_verify", mode="probe", title="Every entry is there and as it was sealed")
def chain_verify() -> Iterator[Observation]:
    """Every commitment, hash and link is recomputed and held against the heads on record."""
    run = _start()
    verification = runs.carry_out(run)
    for stream in verification.streams:
        verdicts = {stream.integrity, stream.completeness}
        first = "" if stream.first_bad_seq is None else f", first at {stream.first_bad_seq}"
        yield Observation(
            target=f"stream {key_of(stream.origin)}",
            attempted="Recompute every hash from the stored bytes",
            expected="integrity ok, completeness ok",
            observed=f"{stream.size:,} entries: integrity {stream.integrity}, completeness"
            f" {stream.completeness}{first}",
            result="fail"
            if "failed" in verdicts
            else "no_data"  # nothing is there, or nobody vouches that all of it is
            if "unknown" in verdicts or not stream.size
            else "pass",
            examined=stream.size,
        )


def _start() -> VerificationRun:
    """Begin a verification, after the one that somebody else may have under way."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return runs.start(by="system:run_probes")
        except runs.AlreadyRunningError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


@control("ledger_completeness", mode="probe", title="Rows and entries agree, both ways")
def ledger_completeness() -> Iterator[Observation]:
    """Each recorded table is compared with what its entries say it must hold."""
    for table in recorded_tables.values():
        yield _compare(table)


def _compare(table: RecordedTable) -> Observation:
    with transaction.atomic():
        said = dict(table.replay(records(table.events)))
        rows = dict(table.rows())
    both = said.keys() & rows.keys()
    details = {
        "rows": len(rows),
        "entries": len(both),
        "rows_without_entry": len(rows.keys() - said.keys()),
        "entries_without_row": len(said.keys() - rows.keys()),
        "mismatched": sum(said[ref] != rows[ref] for ref in both),
    }
    wrong = sum(
        details[kind] for kind in ("rows_without_entry", "entries_without_row", "mismatched")
    )
    seen = f"rows {len(rows):,}, with their entry {len(both):,}, disagreements {wrong:,}"
    nothing = not rows and not said
    return Observation(
        target=table.label,
        attempted="Compare each row with its entries",
        expected="no disagreement",
        observed="no rows and no entries" if nothing else seen,
        result="fail" if wrong else "no_data" if nothing else "pass",
        examined=len(rows.keys() | said.keys()),
        details={} if nothing else details,
    )


@control("tamper_canary", mode="probe", title="An altered copy is found")
def tamper_canary() -> Iterator[Observation]:
    """On a copy of a stream, each planted fault is reported at the entry where it lies."""
    yield from planted.faults()
