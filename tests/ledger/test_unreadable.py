"""A page that PostgreSQL cannot read: the first entry in it is named, nothing is verified."""

from typing import Any

import pytest
from django.db import DataError, InternalError, OperationalError, connection, transaction

import ledger
from ledger import runs, unreadable
from ledger.models import VerificationRun
from ledger.unreadable import UnreadableError
from tests.ledger.events import ACTOR, ThingHappened, happen

pytestmark = pytest.mark.django_db(transaction=True)


def damage(cursor: Any) -> None:
    """Take away the pieces of every body that is too long for its row."""
    cursor.execute("CREATE EXTENSION pg_surgery")
    cursor.execute(
        "SELECT reltoastrelid::regclass FROM pg_class WHERE oid = 'ledger.body'::regclass"
    )
    (pieces,) = cursor.fetchone()
    cursor.execute(f"SELECT heap_force_kill('{pieces}', array_agg(ctid)) FROM {pieces}")


@pytest.fixture
def damaged(superuser_cursor: Any) -> None:
    for number in range(5):
        happen(number=number)
    with transaction.atomic():
        long = ThingHappened(text="long " * 2000)
        ledger.append(long, actor=ACTOR, subject="tests.thing:1")
    happen(number=6)
    damage(superuser_cursor)
    connection.close()


@pytest.mark.usefixtures("damaged")
def test_a_verification_names_the_entry_and_is_interrupted() -> None:
    run = runs.start(by="system:tests")

    with pytest.raises(UnreadableError, match=r"Entry #5 of localhost/ledger/org .*XX001"):
        runs.carry_out(run)

    run.refresh_from_db()
    assert run.status == VerificationRun.Status.INTERRUPTED


def test_a_server_that_is_gone_is_no_damage() -> None:
    happen()
    gone = OperationalError("server closed the connection unexpectedly")

    with pytest.raises(OperationalError):
        unreadable.refuse(gone)


def test_damage_beside_the_entries_is_named_as_such(superuser_cursor: Any) -> None:
    happen()
    with pytest.raises(InternalError) as caught, connection.cursor() as cursor:
        cursor.execute("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'XX001'; END $$")

    with pytest.raises(UnreadableError, match="A table beside the entries"):
        unreadable.refuse(caught.value)


def test_any_other_error_is_told_as_it_is() -> None:
    happen()
    with pytest.raises(DataError, match="division") as caught, connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")

    with pytest.raises(type(caught.value)):
        unreadable.refuse(caught.value)
