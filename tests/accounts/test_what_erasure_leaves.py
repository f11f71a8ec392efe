"""After an erasure: nothing of it in a dump or a file, and everything else still verifies."""

import os
import subprocess
from contextlib import closing, suppress
from pathlib import Path
from time import sleep
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction

import ledger
from accounts import carrying_out, erasure, roles
from accounts import holds as legal
from accounts.models import Role
from config.postgres_server import find_programs
from ledger.erasure import Target
from ledger.events import EntryErased
from ledger.reconcile import reconcile
from ledger.verify import verify
from tests.accounts.erasing import (
    CANARY,
    DUTY,
    Office,
    approved,
    confirmed,
    erased,
    note,
    prepare,
    seq_of,
)
from tests.factories import make_administrator, make_user
from tests.ledger.bundle.made import checked, checked_by_itself, codes, make

pytestmark = pytest.mark.django_db(transaction=True)


def dump() -> bytes:
    """Return what pg_dump writes of the whole database, as the superuser."""
    program = find_programs() / "pg_dump"
    address = os.environ["SUPERUSER_DATABASE_URL"]
    done = subprocess.run([program, "--dbname", address], capture_output=True, check=True)
    return done.stdout


def holds(content: bytes) -> bool:
    """Tell whether the canary is in it, as text or as bytea is written."""
    return CANARY.encode() in content or CANARY.encode().hex().encode() in content


def in_files() -> list[Path]:
    folder = Path(settings.DATA_DIR)
    return [p for p in folder.rglob("*") if p.is_file() and holds(p.read_bytes())]


def erase_in_organisation(office: Office, *positions: int) -> None:
    office.project, office.asking = None, make_administrator()  # type: ignore[assignment]
    request = prepare(office, *positions)
    for act, by in ((erasure.ask, office.asking), (erasure.approve, office.approving)):
        act(request, by=by, confirmation=confirmed(request, by))
    carrying_out.carry_out(request, by=office.approving)


def test_a_dump_and_the_data_folder_hold_nothing_of_it(superuser_cursor: Any) -> None:
    office, person = Office(), make_user()
    roles.grant(
        person, role=Role.REVIEWER, project=office.project, by=roles.SETUP, reason=CANARY
    )
    seq = seq_of(note(office.project))
    (granted,) = (e for e in ledger.about(person.ledger_ref) if e.reason == CANARY)
    assert holds(dump())

    erased(office, seq)
    erase_in_organisation(office, granted.sequence)

    assert not holds(dump())
    assert in_files() == []
    assert reconcile().agrees


def test_the_sweep_ends_old_versions_on_disk(superuser_cursor: Any) -> None:
    office = Office()
    erased(office, seq_of(note(office.project)))

    with closing(psycopg2.connect(os.environ["DATABASE_URL"])) as reader:
        reader.set_session(isolation_level="REPEATABLE READ")
        with reader.cursor() as cursor:
            cursor.execute("SELECT now()")  # a view of everything as it is now
            erased(office, seq_of(note(office.project)))
            with pytest.raises(CommandError, match="a transaction that still runs"):
                call_command("carry_out_erasures", "--sweep")
    _swept()

    superuser_cursor.execute("CHECKPOINT")
    superuser_cursor.execute("SELECT pg_read_binary_file(pg_relation_filepath('ledger.body'))")
    assert not holds(bytes(superuser_cursor.fetchone()[0]))


def _swept() -> None:
    """Sweep until nothing of the tests before runs any more."""
    for _ in range(100):
        with suppress(CommandError):
            call_command("carry_out_erasures", "--sweep")
            return
        sleep(0.1)
    pytest.fail("old versions stayed")


def test_an_honest_erasure_verifies_from_a_bundle_by_itself(tmp_path: Path) -> None:
    office = Office()
    first, second = seq_of(note(office.project)), seq_of(note(office.project))
    erased(office, first, second)

    place = tmp_path / "bundle.zip"
    made = make(place, office.project)
    code, said = checked_by_itself(place, made, tmp_path)

    assert (code, codes(said)) == (0, set())
    assert not holds(place.read_bytes())


def test_a_faked_erasure_is_found(superuser_cursor: Any) -> None:
    office = Office()
    seq = seq_of(note(office.project))
    superuser_cursor.execute("ALTER TABLE ledger.body DISABLE TRIGGER deny_row")
    superuser_cursor.execute(
        "UPDATE ledger.body SET salt = NULL, body = NULL FROM ledger.entry e, ledger.stream s"
        " WHERE e.body_id = body.id AND s.id = e.stream AND s.origin LIKE %s AND e.seq = %s",
        [f"%{office.stream}", seq],
    )
    superuser_cursor.execute("ALTER TABLE ledger.body ENABLE ALWAYS TRIGGER deny_row")

    (stream,) = (s for s in verify().streams if s.origin.endswith(office.stream))

    assert (stream.integrity, stream.first_bad_seq) == ("failed", seq)
    assert "L305" in {fault.code for fault in stream.faults}


@pytest.mark.parametrize(
    "approvers", [["accounts.user:1", "accounts.user:1"], [], ["accounts.user:1", "tests:2"]]
)
def test_an_erasure_event_that_the_application_forges_is_found(
    approvers: list[str], tmp_path: Path
) -> None:
    office = Office()
    (target,) = ledger.erasure_targets(office.stream, positions=[seq_of(note(office.project))])
    forge(office, target, approvers)

    place = tmp_path / "bundle.zip"
    code, said = checked(place, make(place, office.project))

    assert (code, codes(said)) == (1, {"L307"})


@transaction.atomic
def forge(office: Office, target: Target, approvers: list[str]) -> None:
    event = EntryErased(
        seq=target.seq, commitment=target.commitment, basis=DUTY, approved_by=tuple(approvers)
    )
    ledger.append(event, actor=office.asking, subject=target)


def test_interrupted_erasures_are_finished_by_a_command() -> None:
    office = Office()
    request = approved(office, seq_of(note(office.project)))

    call_command("carry_out_erasures")

    request.refresh_from_db()
    assert request.state == "carried_out"
    assert not list(carrying_out.unfinished())


def test_the_command_says_what_a_hold_refuses() -> None:
    office = Office()
    approved(office, seq_of(note(office.project)))
    scope = legal.Scope(covers="stream")
    legal.place(office.project, scope=scope, by=office.asking, reason="claim 7")

    with pytest.raises(CommandError, match="1 approved erasures are refused"):
        call_command("carry_out_erasures")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger.body WHERE body IS NULL")
        assert cursor.fetchone()[0] == 0


def test_free_text_of_a_role_goes_and_the_tables_still_agree() -> None:
    office = Office()
    person = make_user()
    held = roles.grant(
        person, role=Role.REVIEWER, project=office.project, by=roles.SETUP, reason=CANARY
    )
    (granted,) = [e for e in ledger.about(person.ledger_ref) if e.event == "user.role_granted"]
    office.project = None  # type: ignore[assignment]  # the organisation's stream
    office.asking = make_administrator()

    request = prepare(office, granted.sequence)
    erasure.ask(request, by=office.asking, confirmation=confirmed(request, office.asking))
    erasure.approve(
        request, by=office.approving, confirmation=confirmed(request, office.approving)
    )
    carrying_out.carry_out(request, by=office.approving)

    held.refresh_from_db()
    assert held.reason == "withheld"
    assert reconcile().agrees
    remains = [e for e in ledger.about(request.ledger_ref) if e.event == "ledger.remains_kept"]
    assert CANARY not in str(remains[0].payload)
