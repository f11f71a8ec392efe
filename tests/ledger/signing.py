"""What the tests of the signer share: deaths at a chosen step, older databases, other hands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings

from ledger import checkpoints, recovery, rollback
from ledger.models import Checkpoint, Stream
from ledger.notes import Signer
from ledger.rollback import Contradiction, RolledBackError
from ledger.signer_state import SignerState
from ledger.verifier.notes import Checkpoint as Head
from ledger.verifier.notes import Note, VKey, parse_checkpoint, parse_note, signers
from tests.ledger.events import Thing, happen

ORG = "localhost/ledger/org"
PROJECT = Thing(ledger_stream="one")
ORIGIN = "localhost/ledger/p/one"
STEPS = {  # what a signer does, in its order: dying before each
    "sign": (Signer, "sign"),
    "remember": (SignerState, "keep_note"),
    "record": (checkpoints, "_record"),
    "publish": (checkpoints, "_insert"),
}
TABLES = (
    "ledger.stream",
    "ledger.body",
    "ledger.pending",
    "ledger.entry",
    "ledger.tile",
    "ledger.checkpoint",
    "public.ledger_indexedentry",
)


class DiedError(BaseException):
    """The process ended here: nothing catches it."""


@contextmanager
def dying_in(owner: object, name: str) -> Iterator[None]:
    """Let this process die where it would call that function."""

    def die(*args: Any, **kwargs: Any) -> None:
        raise DiedError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, die)
        yield


@contextmanager
def dying_before(step: str) -> Iterator[None]:
    """Let the signer of this process die just before a step."""
    with dying_in(*STEPS[step]):
        yield


def grow(entries: int = 1, thing: Thing = PROJECT) -> None:
    for number in range(entries):
        happen(thing, number=number)


@dataclass(frozen=True)
class Person:
    """Somebody, as the record names them."""

    ledger_ref: str


DECLARES, APPROVES = Person("tests.person:declares"), Person("tests.person:approves")


def recover(*, reason: str) -> list[Contradiction]:
    """Declare a recovery as two people."""
    return recovery.recover(by=DECLARES, approved_by=APPROVES, reason=reason)


def head_of(note: str) -> Head:
    return parse_checkpoint(parse_note(note.encode()))


def published() -> list[Head]:
    return [head_of(row.note) for row in Checkpoint.objects.all()]


def remembered(origin: str) -> str | None:
    return SignerState(settings.SIGNER_DIR, ORG).note(origin)


def signed_by(note: str, *vkeys: str) -> list[str]:
    parsed: Note = parse_note(note.encode())
    return [str(key) for key in signers(parsed, [VKey.parse(key) for key in vkeys])]


def stream(origin: str = ORIGIN) -> Stream:
    return Stream.objects.get(origin=origin)


class Database:
    """Copies of the record's tables, and the power to set the database back to one."""

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor
        self.copies = 0

    def copy(self) -> int:
        self.cursor.execute(f"CREATE SCHEMA copy_{self.copies}")
        for table in TABLES:
            name = table.partition(".")[2]
            self.cursor.execute(f"CREATE TABLE copy_{self.copies}.{name} AS TABLE {table}")
        self.copies += 1
        return self.copies - 1

    def set_back(self, copy: int) -> None:
        for table in TABLES:
            name = table.partition(".")[2]
            self.cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            self.cursor.execute(f"DELETE FROM {table}")
            identity = "OVERRIDING SYSTEM VALUE " if name == "body" else ""
            self.cursor.execute(f"INSERT INTO {table} {identity}TABLE copy_{copy}.{name}")
            self.cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
        rollback.forget()

    def lose(self, *, kept: int, lost: int) -> None:
        """Grow, sign, and go back to before the last `lost` entries; the signer notices."""
        grow(kept)
        older = self.copy()
        grow(lost)
        checkpoints.sign_everything()
        self.set_back(older)
        with pytest.raises(RolledBackError):
            checkpoints.sign_everything()
