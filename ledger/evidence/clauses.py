"""A regulation clause by clause: status, evidence, attestations, and why there is a gap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger.evidence import status
from ledger.evidence.reading import Reading, second
from ledger.hashing import sha256_hex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.evidence.catalogue import Catalogue, Clause
    from ledger.evidence.results import Results
    from ledger.registry import Record

Section = dict[str, Any]


def statement_hash(statement: str) -> str:
    """Return what an attestation binds: the SHA-256 of the statement's UTF-8 bytes."""
    return sha256_hex(statement.encode())


def regulation(catalogue: Catalogue, reading: Reading, results: Results) -> Section:
    """Return the regulation as the report prints it, with its clauses in catalogue order."""
    said = _Attestations(catalogue.key, reading)
    clauses = [_clause(clause, said, results) for clause in catalogue.clauses]
    found = [clause["status"] for clause in clauses]
    return {
        "key": catalogue.key,
        "name": catalogue.name,
        "short": catalogue.short,
        "jurisdiction": catalogue.jurisdiction,
        "text_basis": catalogue.text_basis,
        "legal_status": catalogue.legal_status,
        "catalogue_sha256": catalogue.sha256,
        "counts": {name: found.count(name) for name in status.STATUSES},
        "clauses": clauses,
    }


def _clause(clause: Clause, said: _Attestations, results: Results) -> Section:
    void = said.void(clause)
    evidence = [] if void else [results.of(item) for item in clause.evidence]
    attested = [] if void else [said.state(clause, text) for text in clause.procedural]
    found = (
        "not_applicable"
        if void
        else status.status_of(
            clause.automatable,
            [item["result"] for item in evidence],
            [row["state"] for row in attested],
        )
    )
    optional = {
        "parent": clause.parent,
        "level": clause.level,
        "applies_when": clause.applies_when,
        "proposed": clause.proposed,
        "note": clause.note,
        "not_applicable": void,
    }
    return {
        "id": clause.id,
        "title": clause.title,
        "text": clause.text,
        "part": clause.part,
        "kind": clause.kind,
        "automatable": clause.automatable,
        "status": found,
        "why": status.why(found, evidence, attested),
        "remedy": status.remedy(evidence, attested),
        "evidence": evidence,
        "attestations": attested,
    } | {name: value for name, value in optional.items() if value is not None}


class _Attestations:
    """What people said about the clauses of one catalogue, the newest word each."""

    def __init__(self, catalogue: str, reading: Reading) -> None:
        self.reading = reading
        self.newest: dict[tuple[str, str, str], Record] = {}
        for entry in reading.ever("attestation.recorded"):
            told = entry.payload
            if told["catalogue"] == catalogue:
                key = (told["clause_id"], told["answer"], told["statement_hash"])
                self.newest[key] = entry

    def state(self, clause: Clause, statement: str) -> Section:
        """Return whether a person vouches for the statement now, and who."""
        entry = self.newest.get((clause.id, "attested", statement_hash(statement)))
        if entry is None:
            return {"statement": statement, "state": "missing"}
        facts = self._said(entry) | {"expires": f"{entry.payload['expires']}T23:59:59Z"}
        state = "current" if self._holds(entry) else "expired"
        return {"statement": statement, "state": state} | facts

    def void(self, clause: Clause) -> Section | None:
        """Return who declared that the clause does not apply and why; None if it applies."""
        applies = statement_hash(clause.text)
        entry = self.newest.get((clause.id, "not_applicable", applies))
        if entry is None or not self._holds(entry):
            return None
        return self._said(entry) | {"reason": entry.reason or ""}

    def _holds(self, entry: Record) -> bool:
        expires: str = entry.payload["expires"]
        return self.reading.generated_at[:10] <= expires

    def _said(self, entry: Record) -> Section:
        told = entry.payload
        return {
            "by": {"name": told["attestor"], "role": told["attestor_role"]},
            "at": second(entry.at),
            "entry": self.reading.ref(entry),
        }


def statuses(regulations: Sequence[Section]) -> dict[str, str]:
    """Return the status of each clause by its id, as the next report compares them."""
    return {
        clause["id"]: clause["status"] for part in regulations for clause in part["clauses"]
    }
