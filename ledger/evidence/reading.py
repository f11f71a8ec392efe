"""What a report reads: the entries of its streams up to its head, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ledger.canonical_json import CanonicalError, parse
from ledger.references import ORGANISATION, key_of

if TYPE_CHECKING:
    from ledger.registry import Record

SAMPLES = 3
SIGNED = ("items", "signer", "printed_name", "time_zone", "meaning")


def second(moment: datetime) -> str:
    """Return a time as reports print it: UTC, whole seconds, Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def manifest_of(entry: Record) -> dict[str, Any]:
    """Return the manifest of a signature (formats.md, "Signatures"); empty if it is none."""
    try:
        manifest = parse(entry.payload["manifest"].encode())
        told = all(manifest[name] for name in SIGNED)
        named = all(
            {"record_id", "version", "content_hash"} <= i.keys() for i in manifest["items"]
        )
    except (AttributeError, CanonicalError, KeyError, TypeError):
        return {}
    return manifest if told and named else {}


class Reading:
    """The entries a report is a function of, in order of time, and how to find among them.

    `head` is the `report.requested` entry: it names the catalogue, the period (days, both
    included, UTC) and how far each stream is read.
    """

    def __init__(self, entries: Iterable[Record], head: Record) -> None:
        self.head = head
        self.sizes = {head.stream: head.sequence + 1} | {
            place["stream"]: place["size"] for place in head.payload["positions"]
        }
        read = (e for e in entries if e.sequence < self.sizes.get(e.stream, 0))
        self.entries = sorted(read, key=lambda e: (e.sealed_at, e.stream, e.sequence))

    @cached_property
    def period(self) -> list[Record]:
        """The entries of the period, in order of time."""
        since, until = self.head.payload["period_from"], self.head.payload["period_to"]
        return [e for e in self.entries if since <= e.at.date().isoformat() <= until]

    @cached_property
    def _by_event(self) -> dict[str, list[Record]]:
        found: dict[str, list[Record]] = defaultdict(list)
        for entry in self.entries:
            found[entry.event].append(entry)
        return found

    @cached_property
    def _in_period(self) -> dict[str, list[Record]]:
        found: dict[str, list[Record]] = defaultdict(list)
        for entry in self.period:
            found[entry.event].append(entry)
        return found

    def ever(self, *events: str) -> list[Record]:
        """Return the entries of these events since the beginning, in order of time."""
        return self._merged(self._by_event, events)

    def within(self, *events: str) -> list[Record]:
        """Return the entries of these events in the period, in order of time."""
        return self._merged(self._in_period, events)

    @staticmethod
    def _merged(found: dict[str, list[Record]], events: tuple[str, ...]) -> list[Record]:
        entries = [entry for event in events for entry in found.get(event, ())]
        if len(events) > 1:
            entries.sort(key=lambda e: (e.sealed_at, e.stream, e.sequence))
        return entries

    @cached_property
    def stream_names(self) -> dict[str, str]:
        """How each stream is called in the report: "org", or the project's short name."""
        keys = {origin: key_of(origin) for origin in self.sizes}
        return {origin: self._slugs.get(key, key) for origin, key in keys.items()}

    @cached_property
    def _slugs(self) -> dict[str, str]:
        """Short names of projects by their keys; "org" is the organisation's own."""
        made = self._by_event.get("project.created", ())
        slugs = {entry.payload["project_id"]: entry.payload["slug"] for entry in made}
        return {key: slug for key, slug in slugs.items() if slug != ORGANISATION}

    def ref(self, entry: Record) -> str:
        """Return how the report names an entry: stream, colon, sequence number."""
        return f"{self.stream_names[entry.stream]}:{entry.sequence}"

    def sample(self, entries: Sequence[Record]) -> list[str]:
        """Return the first, the last and one between, as references."""
        places = sorted({0, len(entries) // 2, len(entries) - 1}) if entries else []
        return [self.ref(entries[place]) for place in places][:SAMPLES]

    @cached_property
    def printed_names(self) -> dict[str, str]:
        """The printed name that each person had when the account was made."""
        return {
            entry.subject: entry.payload["printed_name"]
            for entry in self._by_event.get("user.created", ())
        }

    def name(self, ref: str) -> str:
        """Return a person's printed name; a job as "System: import"; else the reference."""
        if ref.startswith("system:"):
            return f"System: {ref.partition(':')[2]}"
        return self.printed_names.get(ref, ref)

    def scope(self, ref: str) -> str:
        """Return the short name of the project a role or device belongs to."""
        return self._slugs.get(ref.rpartition(":")[2], ref)

    def probes(self) -> Iterator[Record]:
        """Yield the newest result in the period of each thing that was tried."""
        newest: dict[tuple[str, str, str], Record] = {}
        for entry in self.within("control.probed"):
            said = entry.payload
            newest[(said["control"], said["target"], said["attempted"])] = entry
        yield from newest.values()

    @property
    def generated_at(self) -> str:
        """The time against which freshness is measured: when the head was sealed."""
        return second(self.head.sealed_at)
