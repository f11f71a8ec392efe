"""Catalogues: what a regulation asks, clause by clause, and what would show it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml

from ledger.hashing import sha256_hex

FOLDER = Path(__file__).parent / "catalogues"
VOCABULARY = "vocabulary"
Kind = Literal["event", "control", "artifact"]
KINDS: tuple[Kind, ...] = ("event", "control", "artifact")


class UnknownCatalogueError(LookupError):
    """There is no catalogue of this name; the message lists those there are."""

    def __init__(self, key: str) -> None:
        known = ", ".join(names())
        super().__init__(f"There is no catalogue {key[:40]!r}; choose one of {known}.")


@dataclass(frozen=True, kw_only=True)
class Item:
    """One piece of evidence a clause asks for: entries of an event, a control, an artifact."""

    kind: Kind
    name: str
    proves: str


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One paragraph of a regulation; `procedural` is what only a person can say."""

    id: str
    title: str
    text: str
    part: str
    kind: str
    automatable: Literal["full", "partial", "none"]
    evidence: tuple[Item, ...]
    procedural: tuple[str, ...]
    parent: str | None
    level: str | None
    applies_when: str | None
    proposed: str | None
    note: str | None


@dataclass(frozen=True, kw_only=True)
class ControlTerm:
    """How the vocabulary defines a control: its mode and how it decides."""

    mode: str
    priority: str
    method: str


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """The names catalogues may use; `watches` names the controls that guard rare events."""

    events: frozenset[str]
    controls: dict[str, ControlTerm]
    artifacts: frozenset[str]
    watches: dict[str, tuple[str, ...]]

    def knows(self, kind: Kind, name: str) -> bool:
        """Tell whether `name` is defined as an event, a control or an artifact."""
        return name in {"event": self.events, "control": self.controls}.get(
            kind, self.artifacts
        )


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """A regulation as data, with the vocabulary its names come from and the file's hash."""

    key: str
    name: str
    jurisdiction: str
    text_basis: str
    legal_status: str
    sha256: str
    clauses: tuple[Clause, ...]
    vocabulary: Vocabulary

    @property
    def short(self) -> str:
        """The name people use: without what stands in brackets or after a comma."""
        return self.name.partition(" (")[0].partition(",")[0]


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """Return the names of all catalogues, in alphabetical order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != VOCABULARY))


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """Return the names that catalogues may use."""
    raw = _parse((FOLDER / f"{VOCABULARY}.yaml").read_bytes())
    controls = {
        name: ControlTerm(mode=term["mode"], priority=term["priority"], method=term["method"])
        for name, term in raw["controls"].items()
    }
    return Vocabulary(
        events=frozenset(raw["events"]),
        controls=controls,
        artifacts=frozenset(raw["artifacts"]),
        watches={
            name: tuple(term["watched_by"])
            for name, term in raw["events"].items()
            if "watched_by" in term
        },
    )


@lru_cache(maxsize=16)
def load(key: str) -> Catalogue:
    """Return the catalogue called `key`; raise UnknownCatalogueError if there is none."""
    if key not in names():
        raise UnknownCatalogueError(key)
    content = (FOLDER / f"{key}.yaml").read_bytes()
    raw = _parse(content)
    head = raw["catalogue"]
    return Catalogue(
        key=key,
        name=head["name"],
        jurisdiction=head["jurisdiction"],
        text_basis=head["text_basis"],
        legal_status=head["legal_status"],
        sha256=sha256_hex(content),
        clauses=tuple(_clause(entry) for entry in raw["entries"]),
        vocabulary=vocabulary(),
    )


def _parse(content: bytes) -> Any:
    return yaml.load(content, Loader=yaml.CSafeLoader)


def _clause(raw: dict[str, Any]) -> Clause:
    return Clause(
        id=str(raw["id"]),
        title=raw["title"],
        text=raw["text"],
        part=_part(raw),
        kind=raw["kind"],
        automatable=raw["automatable"],
        evidence=tuple(_item(item) for item in raw["evidence"]),
        procedural=tuple(raw["procedural"]),
        parent=raw.get("parent"),
        level=raw.get("level"),
        applies_when=raw.get("applies_when"),
        proposed=raw.get("nprm_2025"),
        note=raw.get("note"),
    )


def _item(raw: dict[str, str]) -> Item:
    kind: Kind = next(kind for kind in KINDS if kind in raw)
    return Item(kind=kind, name=raw[kind], proves=raw["proves"])


def _part(raw: dict[str, Any]) -> str:
    """Return the heading a clause stands under: its subpart, section, phase, topic or group."""
    if "subpart" in raw:
        return f"Subpart {raw['subpart']}"
    if str(raw["id"]).startswith("164."):
        return str(raw["id"])[:7]
    named = next((raw[name] for name in ("phase", "topic", "group") if name in raw), "")
    return str(named).replace("_", " ").capitalize()
