"""Compare the apps' tables with the record, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from ledger.pairs import Kind, Pairs
from ledger.registry import recorded_tables
from ledger.remains import Kept

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from ledger.registry import Record, RecordedTable

SENTENCES: dict[Kind, str] = {
    "rows_without_entry": "The row is there, but no entry says where it comes from.",
    "entries_without_row": "The entry is there, but the row it is about is gone.",
    "mismatched": "The row is not what its newest entry says.",
}
STRANGE = "The entry has other fields than its event: nobody can say what it changed."
NOT_READ = (
    "Its entries cannot be replayed: too many of them have other fields than their event."
)
MAX_LISTED = 500
MAX_STRANGE = 50


@dataclass(frozen=True)
class Disagreement:
    """One row and the record that do not agree, and the entry concerned where there is one."""

    table: str
    ref: str
    kind: Kind
    origin: str | None
    seq: int | None
    sentence: str = ""

    @property
    def message(self) -> str:
        return self.sentence or SENTENCES[self.kind]


@dataclass
class Reconciliation:
    """How many rows and entries disagree, by kind, and the first few hundred of them."""

    rows_without_entry: int = 0
    entries_without_row: int = 0
    mismatched: int = 0
    listed: list[Disagreement] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        return not (self.rows_without_entry or self.entries_without_row or self.mismatched)

    def counts(self) -> dict[str, int]:
        return {
            "rows_without_entry": self.rows_without_entry,
            "entries_without_row": self.entries_without_row,
            "mismatched": self.mismatched,
        }


def reconcile() -> Reconciliation:
    """Compare every table that an app declared; call it inside one snapshot."""
    outcome, kept = Reconciliation(), Kept()
    for table in recorded_tables.values():
        _compare(table, outcome, kept)
    return outcome


def _compare(table: RecordedTable, outcome: Reconciliation, kept: Kept) -> None:
    with Pairs() as pairs:
        strange = _tell(pairs, table, kept)
        outcome.mismatched += len(strange)
        outcome.listed.extend(strange)
        pairs.hold(table.rows())
        wrong = pairs.disagreements()
        listed = dict(islice(wrong, max(0, MAX_LISTED - len(outcome.listed))))
        for kind in listed.values():
            _count(outcome, kind)
        for _, kind in wrong:
            _count(outcome, kind)
    places = _places(table, listed.keys(), kept) if listed else {}
    outcome.listed.extend(
        Disagreement(table.label, ref, kind, *places.get(ref, (None, None)))
        for ref, kind in listed.items()
    )


def _count(outcome: Reconciliation, kind: Kind) -> None:
    setattr(outcome, kind, getattr(outcome, kind) + 1)


def _tell(pairs: Pairs, table: RecordedTable, kept: Kept) -> list[Disagreement]:
    """Replay the entries; an entry of another form than its event's is named and left out.

    Anybody who may append can append such a one, past the workflows; it must not keep the
    others from being compared.
    """
    strange: dict[tuple[str, int], Disagreement] = {}
    while True:
        entries = _Watched(kept.records(table.events), strange.keys())
        try:
            told = table.replay(entries)
            pairs.tell(told.items() if isinstance(told, Mapping) else told)
        except (KeyError, TypeError, ValueError, AttributeError):
            last = entries.last
            if last is None or len(strange) >= MAX_STRANGE:
                stream = None if last is None else last.stream
                seq = None if last is None else last.sequence
                whole = Disagreement(
                    table.label, table.label, "mismatched", stream, seq, NOT_READ
                )
                return [*strange.values(), whole]
            at = (last.stream, last.sequence)
            strange[at] = Disagreement(table.label, last.subject, "mismatched", *at, STRANGE)
        else:
            return list(strange.values())


class _Watched:
    """Passes records on, but for some, and remembers the last one."""

    def __init__(self, records: Iterable[Record], skip: Collection[tuple[str, int]]) -> None:
        self.records, self.skip = records, skip
        self.last: Record | None = None

    def __iter__(self) -> Iterator[Record]:
        for record in self.records:
            if (record.stream, record.sequence) not in self.skip:
                self.last = record
                yield record


def _places(
    table: RecordedTable, refs: Collection[str], kept: Kept
) -> Mapping[str, tuple[str, int]]:
    """Return the newest entry about each of `refs`: by subject, record, or "record/version"."""
    places = {}
    for record in kept.records(table.events):
        sealed = str(record.payload.get("record_id"))
        for ref in (record.subject, sealed, f"{sealed}/{record.payload.get('version')}"):
            if ref in refs:
                places[ref] = (record.stream, record.sequence)
    return places
