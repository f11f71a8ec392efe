"""What apps declare to the ledger: events, controls, recorded tables and human names."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal, Protocol, TypeVar, dataclass_transform

EVENT_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+\Z")

event_types: dict[str, type[Event]] = {}
controls: dict[str, Control] = {}
recorded_tables: dict[str, RecordedTable] = {}
name_resolvers: dict[str, NameResolver] = {}
stream_finders: list[StreamFinder] = []


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Event:
    """A kind of thing that can happen; its fields are the entry's payload.

    A published event type never changes its fields: a new meaning is a new type.
    """

    name: ClassVar[str]
    payload_fields: ClassVar[tuple[str, ...]]
    calls: ClassVar[str | None]
    urgent: ClassVar[bool]

    def __init_subclass__(
        cls, *, name: str, calls: str | None = None, urgent: bool = False
    ) -> None:
        """Declare the event `name`; the field `calls` says what its subject is called.

        What is `urgent` does not wait a minute: a checkpoint covers it within seconds.
        """
        if not EVENT_NAME.match(name):
            raise TypeError(f"{name!r} is not the name of an event: write 'noun.verbed'.")
        if name in event_types:
            raise TypeError(f"Event type {name!r} is declared twice.")
        if "name" in cls.__annotations__:
            raise TypeError(f"Event type {name!r} cannot have a field called 'name'.")
        cls.name = name
        made = dataclass(frozen=True, kw_only=True)(cls)
        made.payload_fields = tuple(field.name for field in fields(made))  # type: ignore[arg-type]  # the decorator has just made it one
        if calls is not None and calls not in made.payload_fields:
            raise TypeError(f"Event type {name!r} has no field {calls!r} to name its subject.")
        made.calls = calls
        made.urgent = urgent
        event_types[name] = made

    def payload(self) -> dict[str, Any]:
        """Return the fields as the ledger stores them."""
        written = {}
        for name in self.payload_fields:
            value = getattr(self, name)
            written[name] = value if type(value) in _ATOMS else _plain(value)
        return written


_ATOMS = frozenset({str, int, bool, type(None)})  # what nearly every field holds


def _plain(value: Any) -> Any:
    """Return `value` with every dataclass in it as a dict and every tuple as a list."""
    if type(value) in _ATOMS:
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


class Record(Protocol):
    """An entry as controls, pages and replays read it.

    `sequence` is its position in `stream` (an origin), `at` the time the server gave the act,
    `sealed_at` the time it was chained, `hash` 64 hexadecimal digits.
    """

    @property
    def sequence(self) -> int: ...
    @property
    def stream(self) -> str: ...
    @property
    def event(self) -> str: ...
    @property
    def actor(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def sealed_at(self) -> datetime: ...
    @property
    def payload(self) -> dict[str, Any]: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def role(self) -> str | None: ...
    @property
    def origin(self) -> dict[str, Any]: ...
    @property
    def hash(self) -> str: ...


@dataclass(frozen=True)
class Finding:
    """One entry that breaks a control, and why; `stream` is the origin it stands in."""

    sequence: int
    reason: str
    stream: str | None = None


@dataclass(frozen=True, kw_only=True)
class Observation:
    """What a probe tried on the running system, expected and saw.

    `result` is pass, fail, no_data or error; `examined` counts what was looked at, and
    `details` breaks that down.
    """

    target: str
    attempted: str
    expected: str
    observed: str
    result: Literal["pass", "fail", "no_data", "error"]
    examined: int = 1
    details: Mapping[str, int] = field(default_factory=dict)


Mode = Literal["query", "probe", "platform", "freshness"]
Check = TypeVar("Check", bound=Callable[..., Iterator[Any]])


@dataclass(frozen=True)
class Control:
    """A named check; mode query reads entries and nothing else, a probe acts and observes.

    A query that finds none of the events it `judges` has no data, which is never a pass.
    """

    name: str
    mode: Mode
    title: str
    check: Callable[..., Iterator[Any]]
    judges: frozenset[str] = frozenset()

    @property
    def statement(self) -> str:
        """The control in one sentence: the first line of its docstring."""
        return (self.check.__doc__ or "").partition("\n")[0]


def control(
    name: str, *, mode: Mode = "query", title: str, judges: Collection[str] = ()
) -> Callable[[Check], Check]:
    """Declare the decorated function as the control called `name`; a query judges events."""

    def register(check: Check) -> Check:
        if name in controls:
            raise TypeError(f"Control {name!r} is declared twice.")
        controls[name] = Control(name, mode, title, check, frozenset(judges))
        return check

    return register


Rows = Callable[[], Iterable[tuple[str, str]]]
Replay = Callable[[Iterable[Record]], Mapping[str, str] | Iterable[tuple[str, str]]]


@dataclass(frozen=True)
class RecordedTable:
    """A table that must agree with the record: what it holds, and what entries say it holds."""

    label: str
    rows: Rows
    replay: Replay
    events: frozenset[str]


def recorded(label: str, *, rows: Rows, replay: Replay, events: frozenset[str]) -> None:
    """Declare that a table must agree with the record; reconciliation compares both ways.

    `rows` lists (reference, SHA-256 in hexadecimal) of what the table holds now.  `replay`
    folds the entries of `events`, in order, to the same: to a mapping, which stays in memory,
    or for a table that grows to one pair after the other, of which the last one counts.
    """
    if label in recorded_tables:
        raise TypeError(f"The recorded table {label!r} is declared twice.")
    recorded_tables[label] = RecordedTable(label, rows, replay, events)


Scrub = Callable[[str, Mapping[str, Any]], None]
scrubbers: dict[str, Scrub] = {}


def erasable(event: str, *, scrub: Scrub) -> None:
    """Declare that entries of `event` can be erased although a table rests on them.

    `scrub(subject, payload)` replaces by "withheld" whatever free text the table copied from
    the entry; what is kept of the entry then replays to the same row.
    """
    if event in scrubbers:
        raise TypeError(f"How {event!r} is erased is declared twice.")
    scrubbers[event] = scrub


PeriodFinder = Callable[[str, str | None], int]
period_finders: list[PeriodFinder] = []


def kept_longer(finder: PeriodFinder) -> None:
    """Declare who knows, for a retention class and a project, how many years are chosen."""
    if period_finders:
        raise TypeError("Who knows the periods is declared twice.")
    period_finders.append(finder)


NameResolver = Callable[[Collection[str]], Mapping[str, str]]


def names(prefix: str, resolver: NameResolver) -> None:
    """Declare who knows the human names of references that begin with `prefix` and a colon."""
    if prefix in name_resolvers:
        raise TypeError(f"The names of {prefix!r} are declared twice.")
    name_resolvers[prefix] = resolver


StreamAccess = Callable[[Any, str], Collection[str]]
stream_access: list[StreamAccess] = []


def streams_visible(access: StreamAccess) -> None:
    """Declare who knows, for a person and a permission, the keys of the streams it opens.

    It answers for all streams at once what `user.has_perm(permission, stream)` says for one.
    """
    if stream_access:
        raise TypeError("Access to the streams is declared twice.")
    stream_access.append(access)


def name_of(refs: Collection[str]) -> dict[str, str]:
    """Return a human name for each reference; the reference itself where nobody knows one."""
    named = {ref: ref for ref in refs}
    for prefix in {ref.partition(":")[0] for ref in refs}:
        resolver = name_resolvers.get(prefix)
        if resolver:
            named.update(resolver([ref for ref in refs if ref.partition(":")[0] == prefix]))
    return named


StreamFinder = Callable[[str], str | None]


def streams_named(finder: StreamFinder) -> None:
    """Declare who knows the stream's key for a human name, such as a project's slug."""
    stream_finders.append(finder)


def stream_named(name: str) -> str | None:
    """Return the key of the stream that people call `name`; None if nobody knows it."""
    return next((key for finder in stream_finders if (key := finder(name))), None)


class BlobStore(Protocol):
    """Whoever keeps files that entries name by their SHA-256, in lower-case hexadecimal."""

    def size(self, digest: str) -> int | None:
        """Return how many bytes the file has; None if it is not kept here."""
        ...

    def read(self, digest: str) -> bytes:
        """Return the file's bytes, checked against their digest."""
        ...


blob_stores: list[BlobStore] = []


def blobs(store: BlobStore) -> None:
    """Declare who keeps files that entries name, so that a bundle can carry them."""
    blob_stores.append(store)
