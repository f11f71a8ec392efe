"""What each piece of evidence gave: entries of an event, a control, an artifact."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ledger.evidence.reading import SAMPLES, Reading, second
from ledger.registry import controls, event_types

if TYPE_CHECKING:
    from ledger.evidence.catalogue import Item, Vocabulary
    from ledger.registry import Control, Finding, Record

# The artifacts that are reports, and the catalogues whose reports they are.
REPORTS = {
    "report.part11": frozenset({"21cfr11"}),
    "report.hipaa": frozenset({"hipaa_security", "hipaa_privacy_breach"}),
}
NO_DATA: dict[str, Any] = {"result": "no_data", "count": 0, "entries": []}
WORST_FIRST = (
    "fail",
    "error",
    "pass",
    "no_data",
    "not_applicable",
)  # an empty table fails nothing
SHOWN = 3
OVER_ENTRIES = frozenset({"query", "freshness"})  # asked of the entries up to the head

Found = dict[str, Any]


class Results:
    """The results of one report; each name is looked at once, however often it is asked."""

    def __init__(self, reading: Reading, vocabulary: Vocabulary) -> None:
        self.reading = reading
        self.vocabulary = vocabulary
        self._known: dict[tuple[str, str], Found] = {}

    def of(self, item: Item) -> Found:
        """Return the result of one item of a clause, with what the clause says it proves."""
        return self.named(item.kind, item.name) | {"proves": item.proves}

    def named(self, kind: str, name: str) -> Found:
        """Return the result of an event, a control or an artifact."""
        if (kind, name) not in self._known:
            find = {"event": self._event, "control": self._control}.get(kind, self._artifact)
            self._known[(kind, name)] = {kind: name} | find(name)
        return self._known[(kind, name)]

    def _event(self, name: str) -> Found:
        entries = self.reading.within(name)
        if entries:
            return {"result": "pass", "built": True} | self._facts(entries)
        for watch in self.vocabulary.watches.get(name, ()):
            watched = self.named("control", watch)
            if watched["result"] == "pass":
                kept = ("result", "count", "first", "last", "entries")
                facts = {key: watched[key] for key in kept if key in watched}
                return facts | {"built": True, "watched_by": watch}
        return NO_DATA | {"built": name in event_types}

    def _facts(self, entries: Sequence[Record]) -> Found:
        return {
            "count": len(entries),
            "first": second(entries[0].at),
            "last": second(entries[-1].at),
            "entries": self.reading.sample(entries),
        }

    def _control(self, name: str) -> Found:
        term = self.vocabulary.controls[name]
        declared = controls.get(name)
        head = {"mode": term.mode, "method": term.method, "built": declared is not None}
        if declared is None:
            return head | NO_DATA
        find = partial(self._query, declared) if term.mode in OVER_ENTRIES else self._probed
        return head | find(name)

    def _query(self, control: Control, _name: str) -> Found:
        """Run a query over everything up to the head; what it finds counts in the period."""
        entries = self.reading.entries
        judged = self.reading.within(*control.judges)
        try:
            findings = list(control.check(entries))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            return self._unread(control, error)
        inside = {(e.stream, e.sequence): e for e in self.reading.period}
        broken = [f for f in findings if self._place(f) in inside]
        if broken:
            return {
                "result": "fail",
                "count": max(len(judged), len(broken)),
                "observed": self._sentence(control, broken, len(judged)),
                "last": self.reading.generated_at,
                "entries": [self._ref(finding) for finding in broken[:SAMPLES]],
            }
        if not judged:
            return dict(NO_DATA)
        return {"result": "pass"} | self._facts(judged)

    def _unread(self, control: Control, error: Exception) -> Found:
        """Return an error: an entry no control can read is a fault of one of the two."""
        return {
            "result": "error",
            "count": 0,
            "observed": f"{control.title}: the control met an entry that it cannot read"
            f" ({type(error).__name__}).",
            "last": self.reading.generated_at,
            "entries": [],
        }

    def _place(self, finding: Finding) -> tuple[str, int]:
        return finding.stream or self.reading.head.stream, finding.sequence

    def _ref(self, finding: Finding) -> str:
        stream, sequence = self._place(finding)
        return f"{self.reading.stream_names[stream]}:{sequence}"

    def _sentence(self, control: Control, broken: Sequence[Finding], judged: int) -> str:
        shown = "; ".join(f"{self._ref(f)} {f.reason}" for f in broken[:SHOWN])
        more = f" and {len(broken) - SHOWN} more" if len(broken) > SHOWN else ""
        count = f"{len(broken)} of {max(judged, len(broken))}"
        return f"{control.title}: not so in {count}: {shown}{more}."

    def _probed(self, name: str) -> Found:
        entries = [e for e in self.reading.probes() if e.payload["control"] == name]
        if not entries:
            return dict(NO_DATA)
        result = min((e.payload["result"] for e in entries), key=WORST_FIRST.index)
        examined = sum(e.payload["examined"] for e in entries)
        found: Found = {"result": result} | self._facts(entries) | {"count": examined}
        if result in {"fail", "error"}:
            bad = [e for e in entries if e.payload["result"] == result][:SHOWN]
            told = (entry.payload for entry in bad)
            tried = (f"{p['attempted']} ({p['target']}): {p['observed']}." for p in told)
            found["observed"] = " ".join(tried)
            found["entries"] = [self.reading.ref(entry) for entry in bad]
        elif result == "no_data" or not examined:
            return NO_DATA | {"entries": found["entries"]}
        return found

    def _artifact(self, name: str) -> Found:
        wanted = REPORTS.get(name)
        if wanted is None:
            return NO_DATA | {"built": False}
        reports = self.reading.within("report.generated")
        made = [entry for entry in reports if entry.payload["catalogue"] in wanted]
        if not made:
            return NO_DATA | {"built": True}
        facts = self._facts(made) | {"sha256": made[-1].payload["report_sha256"]}
        return {"result": "pass", "built": True} | facts
