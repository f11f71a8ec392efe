"""Which kinds of entries the installed code makes, where, and whether that is as on record.

An event type that falls silent leaves no trace in a chain: what was never appended cannot be
missed.  So `update_database` writes down every type, its fields and its doors (the modules that
make it), and verification compares: a type that is gone, that nothing makes any more or whose
fields changed is a finding, whoever edited the code.  It reads the source, so it does not
depend on what a process happened to import.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from django.apps import apps
from django.conf import settings
from django.db import transaction

from ledger import chain, scan
from ledger.events import CataloguedDoor, CataloguedEvent, EventsCatalogued
from ledger.hashing import sha256_hex
from ledger.references import ORGANISATION, origin_of
from ledger.registry import EVENT_NAME
from ledger.segments import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from ledger.chain import Receipt
    from ledger.references import Actor
    from ledger.registry import Record

SUBJECT = f"ledger.stream:{ORGANISATION}"
LEFT_OUT = {"migrations", "node_modules"}
READ_ONLY = {"name", "payload_fields"}  # whoever reads these of a type makes none of it
_Items = tuple[tuple[CataloguedEvent, ...], tuple[CataloguedDoor, ...]]


class Source(NamedTuple):
    """What one module declares and uses: event types by qualified name, names it refers to."""

    declared: dict[str, tuple[str, tuple[str, ...]]]  # qualified class: event, fields
    used: frozenset[str]
    digest: str


def folders() -> tuple[Path, ...]:
    """Return where our own packages lie."""
    base = Path(settings.BASE_DIR)
    found = {Path(app.path) for app in apps.get_app_configs()}
    found.add(base / settings.ROOT_URLCONF.partition(".")[0])
    return tuple(sorted(path for path in found if path.parent == base))


@cache
def items(places: tuple[Path, ...]) -> _Items:
    """Return the event types that the packages at `places` declare, and who makes them.

    Read once for each process: it is the code that the process began with.
    """
    sources = dict(_sources(places))
    declared = {
        name: told for source in sources.values() for name, told in source.declared.items()
    }
    makers: dict[str, set[str]] = {name: set() for name in declared}
    for module, source in sources.items():
        for name in source.used & declared.keys():
            makers[name].add(module)
    events = sorted(
        CataloguedEvent(event=event, fields=fields, doors=tuple(sorted(makers[name])))
        for name, (event, fields) in declared.items()
    )
    doors = sorted({door for found in makers.values() for door in found})
    return tuple(events), tuple(CataloguedDoor(door=d, digest=sources[d].digest) for d in doors)


def _sources(places: tuple[Path, ...]) -> Iterator[tuple[str, Source]]:
    for place in places:
        for path in sorted(place.rglob("*.py")):
            parts = path.relative_to(place.parent).with_suffix("").parts
            if LEFT_OUT.isdisjoint(parts):
                content = path.read_bytes()
                module = ".".join(parts).removesuffix(".__init__")
                yield module, _read(module, content)


def _read(module: str, content: bytes) -> Source:
    reader = _Reader(module)
    reader.visit(ast.parse(content))
    return Source(reader.declared, frozenset(reader.used), sha256_hex(content))


class _Reader(ast.NodeVisitor):
    """Goes through a module; annotations make nothing, so they are passed over."""

    def __init__(self, module: str) -> None:
        self.module = module
        self.bound: dict[str, str] = {}  # name here: qualified name
        self.declared: dict[str, tuple[str, tuple[str, ...]]] = {}
        self.used: set[str] = set()

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self.bound[alias.asname or alias.name] = f"{node.module}.{alias.name}"

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        qualified = f"{self.module}.{node.name}"
        self.bound[node.name] = qualified
        event = _event_of(node)
        if event is None:
            self.generic_visit(node)
            return
        fields = [each.target for each in node.body if isinstance(each, ast.AnnAssign)]
        names = tuple(target.id for target in fields if isinstance(target, ast.Name))
        self.declared[qualified] = (event, names)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for each in node.body:
            self.visit(each)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if node.attr in READ_ONLY:
            return
        if isinstance(node.value, ast.Name) and node.value.id in self.bound:
            self.used.add(f"{self.bound[node.value.id]}.{node.attr}")
        self.visit(node.value)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load) and node.id in self.bound:
            self.used.add(self.bound[node.id])


def _event_of(node: ast.ClassDef) -> str | None:
    """Return the event that a class declares: `class X(Event, name="noun.verbed")`."""
    for keyword in node.keywords:
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
            name = str(keyword.value.value)
            return name if EVENT_NAME.match(name) else None
    return None


def _newest() -> Record | None:
    newest, origin = None, origin_of(settings.LEDGER_SITE, ORGANISATION)
    for found in scan.records({EventsCatalogued.name}, origin=origin):
        newest = found
    return newest


def changes(recorded: Mapping[str, Any]) -> list[str]:
    """Say which of the types on record are gone, silent or of another form now."""
    now = {one.event: one for one in items(folders())[0]}
    found = []
    for then in recorded["events"]:
        event = now.get(then["event"])
        if event is None:
            found.append(f"{then['event']} is no longer declared")
        elif then["doors"] and not event.doors:
            found.append(f"nothing makes {then['event']} any more")
        elif list(event.fields) != then["fields"]:
            found.append(f"{then['event']} has other fields")
    return found


def _other_doors(recorded: Mapping[str, Any]) -> list[str]:
    """Name the modules that make entries and are not as they are on record."""
    then = {one["door"]: one["digest"] for one in recorded["doors"]}
    now = {one.door: one.digest for one in items(folders())[1]}
    return sorted(door for door in then.keys() | now.keys() if then.get(door) != now.get(door))


def judge() -> list[Fault]:
    """Compare the installed code with the newest catalogue on record; nothing before the first.

    What is altered in a way that hides acts is L911; code that makes entries and is another
    than on record is N911: an update that was not finished, or an edit.
    """
    newest = _newest()
    if newest is None:
        return []
    place, changed = f"#{newest.sequence:,}", changes(newest.payload)
    if changed:
        said = f"Event types are not as entry {place} has them: {_listed(changed)}."
        return [Fault(None, "L911", said)]
    other = _other_doors(newest.payload)
    if other:
        said = f"Code that makes entries is not as entry {place} has it: {_listed(other)}."
        return [Fault(None, "N911", said)]
    return []


def _listed(named: list[str]) -> str:
    return ", ".join(named[:8]) + (f" and {len(named) - 8} more" if named[8:] else "")


@transaction.atomic
def record(*, by: Actor | str) -> Receipt | None:
    """Write down the event types and their doors unless they are on record; None if they are.

    The reason of the entry names what is gone or silent since the one before.
    """
    events, doors = items(folders())
    event, newest = EventsCatalogued(events=events, doors=doors), _newest()
    if newest is None:
        reason = "As they were set up."
    elif newest.payload == event.payload():
        return None
    else:
        changed = [*changes(newest.payload), *_other_doors(newest.payload)]
        reason = f"Changed: {_listed(changed)}." if changed else "Other types were added."
    return chain.append(event, actor=by, subject=SUBJECT, reason=reason)
