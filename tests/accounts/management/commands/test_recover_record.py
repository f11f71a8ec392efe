"""The command by which two people declare a recovery at the console."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ledger import checkpoints, rollback
from tests.factories import PASSWORD, make_administrator
from tests.ledger.signing import ORIGIN, Database, grow

pytestmark = pytest.mark.django_db(transaction=True)


def call(monkeypatch: pytest.MonkeyPatch, *passwords: str, **given: Any) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{each}\n" for each in passwords)))
    said = io.StringIO()
    call_command("recover_record", stdout=said, **given)
    return said.getvalue()


def test_both_answer_and_are_told_what_is_lost(
    monkeypatch: pytest.MonkeyPatch, superuser_cursor: Any
) -> None:
    people = {"by": make_administrator().email, "approved_by": make_administrator().email}
    Database(superuser_cursor).lose(kept=2, lost=3)

    with pytest.raises(CommandError, match="no open account"):
        call(monkeypatch, PASSWORD, "wrong", reason="The disk died.", **people)
    with pytest.raises(CommandError, match="Say why"):
        call(monkeypatch, PASSWORD, PASSWORD, reason=" ", **people)
    assert rollback.held()
    said = call(monkeypatch, PASSWORD, PASSWORD, reason="The disk died.", **people)

    assert f"{ORIGIN} has 2 entries; 5 were signed, 3 are lost" in said
    assert not rollback.held()


def test_one_person_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = make_administrator().email

    with pytest.raises(CommandError, match="somebody else approves"):
        call(monkeypatch, PASSWORD, PASSWORD, reason="x", by=alone, approved_by=alone)


def test_where_nothing_is_lost_nothing_is_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    people = {"by": make_administrator().email, "approved_by": make_administrator().email}
    grow(1)
    checkpoints.sign_everything()

    with pytest.raises(CommandError, match="nothing is lost"):
        call(monkeypatch, PASSWORD, PASSWORD, reason="To be sure.", **people)
