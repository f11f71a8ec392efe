"""verify_ledger: its JSON and its exit codes, on which other people's scripts rely."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ledger import checkpoints
from ledger.models import IndexedEntry
from tests.ledger.events import happen
from tests.ledger.tampering import ORIGIN, STREAM, tamper, where

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[4]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would, against the database of this test."""
    return python("manage.py", *arguments, **environment)


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python beside the test, against its database."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_good_record_exits_0_with_the_published_json() -> None:
    happen(STREAM)
    run("sign_checkpoint")
    outcome = run("verify_ledger", "--json")

    result = json.loads(outcome.stdout)
    assert outcome.returncode == 0
    assert set(result) == {"streams", "reconciliation", "reconciliation_findings", "seconds"}
    assert result["reconciliation"] == {
        "rows_without_entry": 0,
        "entries_without_row": 0,
        "mismatched": 0,
    }
    stream, organisation = result["streams"]
    assert organisation["integrity"] == organisation["completeness"] == "ok"
    assert set(stream) == {
        "origin",
        "size",
        "root",
        "integrity",
        "completeness",
        "first_bad_seq",
        "findings",
    }
    assert (stream["origin"], stream["size"]) == (ORIGIN, 1)
    assert (stream["integrity"], stream["completeness"]) == ("ok", "ok")
    assert stream["findings"] == []


def test_a_record_that_nobody_signed_exits_3() -> None:
    happen(STREAM)

    elsewhere = {"LEDGER_JOBS": "0"}  # else a command signs what it wrote when it ends
    outcome = run("verify_ledger", "--json", **elsewhere)
    told = run("verify_ledger", **elsewhere)
    signed = run("verify_ledger"), run("verify_ledger")

    (stream,) = json.loads(outcome.stdout)["streams"]
    assert [each.returncode for each in signed] == [3, 0]
    assert (outcome.returncode, told.returncode) == (3, 3)
    assert (stream["integrity"], stream["completeness"]) == ("ok", "unknown")
    assert "nobody vouches for the end" in told.stdout


def test_a_checkpoint_and_a_key_kept_outside_hold_the_record(tmp_path: Path) -> None:
    happen(STREAM)
    note = run("sign_checkpoint", "--stream", ORIGIN).stdout
    kept = tmp_path / "kept.note"
    kept.write_text(note)
    key = checkpoints.vkey("localhost/ledger/org")

    good = run("verify_ledger", "--checkpoint", str(kept), "--key", key)
    kept.write_text(note.replace("\n1\n", "\n2\n"))
    edited = run("verify_ledger", "--checkpoint", str(kept))

    assert good.returncode == 0, good.stdout
    assert edited.returncode == 1
    assert "L402" in edited.stdout


def test_a_tampered_record_exits_1_and_names_the_entry(superuser_cursor: Any) -> None:
    happen(STREAM)
    happen(STREAM)
    superuser_cursor.execute("SET search_path = ledger")
    tamper(superuser_cursor, f"UPDATE entry SET hash = sha256('x') WHERE {where(1)}")

    outcome, told = run("verify_ledger", "--json"), run("verify_ledger")

    assert (outcome.returncode, told.returncode) == (1, 1)
    assert json.loads(outcome.stdout)["streams"][0]["first_bad_seq"] == 1
    assert "L203 entry #1:" in told.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--stream", "nowhere/ledger/org"], "There is no stream"),
        (["--checkpoint", "some.note"], "cannot be read"),
        (["--checkpoint", "manage.py"], "signature line"),
        (["--key", "nonsense"], "This is no vkey"),
        (["--workers", "0"], "--workers is 1 to"),
        (["--nonsense"], "unrecognized"),
    ],
)
def test_wrong_usage_exits_2_with_a_word(arguments: list[str], says: str) -> None:
    outcome = run("verify_ledger", *arguments)

    assert outcome.returncode == 2
    assert says in outcome.stderr


def test_the_index_is_rebuilt_as_it_was() -> None:
    for number in range(3):
        happen(STREAM, number=number)
    before = list(IndexedEntry.objects.order_by("pk").values())
    IndexedEntry.objects.all().delete()

    outcome = run("rebuild_index")

    assert outcome.stdout == "3 entries indexed.\n"
    assert list(IndexedEntry.objects.order_by("pk").values()) == before


def test_roles_are_made_again_without_harm() -> None:
    outcome = run("create_database_roles")

    assert outcome.returncode == 0, outcome.stderr
    assert "ledger_owner" in outcome.stdout


def test_guards_are_recorded_at_set_up_and_never_again_by_it(superuser_cursor: Any) -> None:
    first = run("record_guards", "--first")
    superuser_cursor.execute("GRANT UPDATE ON ledger.body TO ledger_app")
    second = run("record_guards", "--first")

    assert "entry #0 of localhost/ledger/org" in first.stdout
    assert (second.returncode, second.stdout) == (0, "")
    assert "L901" in run("verify_ledger").stdout
