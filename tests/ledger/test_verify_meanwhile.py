"""Fault 43: people work on while the record is verified; it is judged as of one moment."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connections

import ledger
from accounts.records.people import person_rows, replay_people
from ledger.registry import recorded_tables
from ledger.verify import verify
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)
TABLE = "tests.people_who_come_meanwhile"


def come() -> None:
    """Give somebody an account, and commit, as another request would."""

    def elsewhere() -> None:
        make_user()
        connections.close_all()

    person = threading.Thread(target=elsewhere)
    person.start()
    person.join()


def rows() -> Iterator[tuple[str, str]]:
    """Yield every account, once somebody came after the entries had been read."""
    come()
    yield from person_rows()


@pytest.fixture
def compared() -> Iterator[None]:
    events = recorded_tables["accounts.user"].events
    ledger.recorded(TABLE, rows=rows, replay=replay_people, events=events)
    yield
    del recorded_tables[TABLE]


@pytest.mark.usefixtures("compared")
def test_what_is_done_between_two_looks_is_no_disagreement() -> None:
    make_user()

    said = verify().reconciliation

    assert said.agrees, said.counts()
    assert sum(1 for _ in person_rows()) >= 2
