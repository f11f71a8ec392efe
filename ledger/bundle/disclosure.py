"""Decide, entry by entry, whether its body is shown; where it is not, say why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ledger.bundle.reading import parsed, rows, told
from ledger.bundle.scope import (
    ABOUT_THE_RECORD,
    ELSEWHERE,
    OTHER_RECORD,
    OUTSIDE_PERIOD,
    PASSKEYS,
    SIGNATURE,
    calling_events,
    event_of,
    marks_of,
    references_in,
    sealed_record,
    signed_items,
)

if TYPE_CHECKING:
    from ledger.bundle.heads import Head
    from ledger.bundle.reading import Row
    from ledger.bundle.scope import Scope


@dataclass
class Disclosure:
    """What is shown of one stream.

    `needed` are sealed records (record, version) that a shown signature is about; `concerned`
    are references of whoever acts in what is shown, whose naming and passkeys are shown too.
    """

    scope: Scope
    marks: list[bytes] = field(default_factory=list)
    needed: set[tuple[str, int]] = field(default_factory=set)
    concerned: set[str] = field(default_factory=set)
    otherwise: str = OTHER_RECORD

    def is_meant(self, row: Row) -> bool:
        """Tell whether the entry is what was asked for."""
        body = row.body or b""
        if self.marks and not any(mark in body for mark in self.marks):
            return False
        return self.scope.in_period(row.sealed_us)

    def reason(self, row: Row) -> str | None:
        """Return why the body is withheld; None if it is shown, or was erased."""
        if row.body is None or self.is_meant(row):
            return None
        event = event_of(row.body)
        if event in ABOUT_THE_RECORD or self._names_somebody(event, row):
            return None
        if self.needed and sealed_record(row.body) in self.needed:
            return None
        return OUTSIDE_PERIOD if not self.scope.in_period(row.sealed_us) else self.otherwise

    def _names_somebody(self, event: str, row: Row) -> bool:
        if not self.concerned or (event not in PASSKEYS and event not in calling_events()):
            return False
        return parsed(row).get("subject") in self.concerned

    def prepare(self, stream: int, size: int, known: set[str]) -> int:
        """Go through what was asked for once, for what has to be shown with it.

        Returns how many entries that is.
        """
        found = 0
        for row in rows(stream, size, marks=self.marks or None):
            if row.body is None or not self.is_meant(row):
                continue
            found += 1
            self.concerned |= references_in(row.body) & known
            if event_of(row.body) == SIGNATURE:
                self.needed.update(signed_items(row.body))
        return found


def of_scope(scope: Scope) -> Disclosure:
    """Return what is shown of the stream that was asked for."""
    return Disclosure(scope, marks_of(scope.record) if scope.record else [])


def of_organisation(scope: Scope, concerned: set[str]) -> Disclosure:
    """Return what is shown of the organisation's stream beside a project's.

    That is what mentions the project (nothing, for one record), what is about the record
    itself, and how those concerned are called.
    """
    nothing = [b"\0"]  # no canonical body holds this byte
    marks = nothing if scope.record else [scope.key.encode()]
    return Disclosure(scope, marks, concerned=set(concerned), otherwise=ELSEWHERE)


def names_told(*heads: Head) -> dict[str, str]:
    """Return what people, devices and projects are called, as the record says it."""
    fields = calling_events()
    called = {}
    for head in heads:
        for _, written in told(head.stream.pk, head.size, *fields):
            name = written["payload"].get(fields[written["event"]])
            if isinstance(name, str):
                called[str(written["subject"])] = name
    return called
