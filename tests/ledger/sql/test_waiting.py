"""What finds its stream busy: it waits, says so, and is refused where no stream is open."""

from typing import Any

import psycopg2
import pytest
from django.db import IntegrityError, connection, transaction

from ledger import sealer
from ledger.models import Entry
from tests.ledger.events import happen
from tests.ledger.test_sealer import held

pytestmark = pytest.mark.django_db(transaction=True)

SALT, BODY = bytes(16), b'{"a":1}'
NOBODYS = 999


def insert(stream: int) -> list[str]:
    """Insert a body; return what its COMMIT said."""
    raw: Any = connection.connection
    raw.notices.clear()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger.body (stream, salt, body) VALUES (%s, %s, %s)",
            [stream, SALT, BODY],
        )
    return list(raw.notices)


def waiting() -> list[tuple[int, bool]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT stream, since <= clock_timestamp() FROM ledger.pending")
        return list(cursor.fetchall())


def test_a_body_whose_stream_is_busy_waits_since_now_and_says_so() -> None:
    happen("tests.thing:1")
    stream = Entry.objects.get().stream_id
    with held(stream):
        said = insert(stream)
        left = waiting()
    sealer.seal_everything()

    assert said == [f"NOTICE:  ledger:pending:{stream}\n"]
    assert left == [(stream, True)]
    assert Entry.objects.filter(stream=stream).count() == 2
    assert waiting() == []


def test_a_stream_that_nobody_opened_takes_nothing_busy_or_not() -> None:
    happen("tests.thing:1")
    with held(NOBODYS), pytest.raises(IntegrityError, match="never opened") as busy:
        insert(NOBODYS)
    with pytest.raises(IntegrityError, match="never opened"):
        insert(NOBODYS)

    assert isinstance(busy.value.__cause__, psycopg2.errors.CheckViolation)
    assert waiting() == []


def test_what_need_not_wait_says_nothing() -> None:
    happen("tests.thing:1")

    assert insert(Entry.objects.get().stream_id) == []
    assert waiting() == []
