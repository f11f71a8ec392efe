"""What the regulations ask a person to attest: clauses of the catalogues with statements."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

import ledger

FOLDER = Path(ledger.__file__).parent / "evidence" / "catalogues"
VOCABULARY = "vocabulary"


@dataclass(frozen=True, kw_only=True)
class Clause:
    """A clause, and the statements about it that software cannot see."""

    catalogue: str
    regulation: str
    id: str
    title: str
    text: str
    statements: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"{self.catalogue}/{self.id}"


@cache
def clauses() -> dict[str, Clause]:
    """Return every clause by "catalogue/id", catalogue by catalogue."""
    found = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        if path.stem == VOCABULARY:
            continue
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
        for entry in told["entries"]:
            clause = Clause(
                catalogue=path.stem,
                regulation=told["catalogue"]["name"],
                id=str(entry["id"]),
                title=entry["title"],
                text=entry["text"],
                statements=tuple(str(each) for each in entry.get("procedural") or ()),
            )
            found[clause.key] = clause
    return found


def catalogues() -> dict[str, str]:
    """Return the name of each regulation by the key of its catalogue."""
    return {clause.catalogue: clause.regulation for clause in clauses().values()}
