"""The record of real work, changed behind the application's back; verify_ledger finds where."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from annotations.models import Signature
from ledger import checkpoints
from tests.annotations.flow import make_item, reviewed, signed, submitted
from tests.annotations.imaged import make_real_series

pytestmark = pytest.mark.django_db(transaction=True)
Act = Callable[[Any, int], None]
ENTRY = 4  # the entry of the project's stream that is attacked
GUARDED = ("body", "entry")
GUARDS = ("deny_row", "deny_truncate")


@pytest.fixture
def told() -> Signature:
    """Return the signature of a reading of real images: everything before it is on record."""
    signature = signed(reviewed(submitted(make_item(series=make_real_series(slices=1)))))
    checkpoints.sign_everything()
    return signature


def verify() -> tuple[int, dict[str, Any]]:
    """Return exit code and JSON of verify_ledger."""
    printed = StringIO()
    try:
        call_command("verify_ledger", json=True, stdout=printed)
    except SystemExit as end:
        return int(end.code or 0), json.loads(printed.getvalue())
    return 0, json.loads(printed.getvalue())


def stream_of(result: dict[str, Any], signature: Signature) -> dict[str, Any]:
    project = str(signature.item.project_id)
    return next(dict(s) for s in result["streams"] if s["origin"].endswith(project))


def stream_id(superuser: Any, signature: Signature) -> int:
    superuser.execute(
        "SELECT id FROM ledger.stream WHERE origin LIKE %s", [f"%{signature.item.project_id}"]
    )
    return int(superuser.fetchone()[0])


def behind_the_guards(superuser: Any, *statements: tuple[str, list[Any]]) -> None:
    """Do what only a superuser can: guards off, the act, guards on as they were."""
    for how in ("DISABLE", None, "ENABLE ALWAYS"):
        if how is None:
            for statement, parameters in statements:
                superuser.execute(statement, parameters)
            continue
        for table in GUARDED:
            for guard in GUARDS:
                superuser.execute(f"ALTER TABLE ledger.{table} {how} TRIGGER {guard}")


BODY_OF = "(SELECT body_id FROM ledger.entry WHERE stream = %s AND seq = %s)"


def edit(superuser: Any, stream: int) -> None:
    change = f"UPDATE ledger.body SET body = set_byte(body, 20, 120) WHERE id = {BODY_OF}"
    behind_the_guards(superuser, (change, [stream, ENTRY]))


def delete(superuser: Any, stream: int) -> None:
    removal = "DELETE FROM ledger.entry WHERE stream = %s AND seq = %s"
    behind_the_guards(superuser, (removal, [stream, ENTRY]))


def reorder(superuser: Any, stream: int) -> None:
    move = "UPDATE ledger.entry SET seq = %s WHERE stream = %s AND seq = %s"
    behind_the_guards(
        superuser,
        (move, [999, stream, ENTRY]),
        (move, [ENTRY, stream, ENTRY + 1]),
        (move, [ENTRY + 1, stream, 999]),
    )


@pytest.mark.parametrize("act", [edit, delete, reorder])
def test_superuser_who_changes_an_entry_is_found_at_that_entry(
    told: Signature, superuser_cursor: Any, act: Act
) -> None:
    before, _ = verify()

    act(superuser_cursor, stream_id(superuser_cursor, told))
    after, result = verify()

    assert (before, after) == (0, 1)
    assert stream_of(result, told)["first_bad_seq"] == ENTRY
    assert "failed" in {stream_of(result, told)[v] for v in ("integrity", "completeness")}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger.body SET body = body",
        "DELETE FROM ledger.entry",
        "TRUNCATE ledger.entry",
        "ALTER TABLE ledger.entry DISABLE TRIGGER ALL",
        "INSERT INTO ledger.entry SELECT * FROM ledger.entry",
        "SET session_replication_role = replica",
        "UPDATE annotations_revision SET content_hash = repeat('0', 64)",
        "DELETE FROM annotations_signature",
    ],
)
def test_application_is_refused_by_the_database(told: Signature, statement: str) -> None:
    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert verify()[0] == 0


@pytest.mark.parametrize(
    ("table", "change", "kind"),
    [
        ("annotations_item", "state = 'rejected'", "mismatched"),
        ("annotations_revision", "retired = true", "mismatched"),
        ("annotations_instance", "pixel_sha256 = repeat('0', 64)", "mismatched"),
        ("annotations_signature", "printed_name = 'Somebody Else'", "mismatched"),
        ("annotations_signature", None, "entries_without_row"),
        ("annotations_revision", None, "entries_without_row"),
    ],
)
def test_row_changed_outside_the_record_is_named(
    told: Signature, superuser_cursor: Any, table: str, change: str | None, kind: str
) -> None:
    before, _ = verify()

    superuser_cursor.execute("SET session_replication_role = replica")
    superuser_cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    superuser_cursor.execute(
        f"UPDATE {table} SET {change}" if change else f"DELETE FROM {table}"
    )
    superuser_cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
    after, result = verify()

    assert (before, after) == (0, 1)
    assert result["reconciliation"][kind] >= 1
    label = table.replace("annotations_", "annotations.")
    assert any(label in json.dumps(f) for f in result["reconciliation_findings"])
