"""Bundles that somebody forged, in front of the offline verifier.

The forger holds the log's key unless a case says otherwise: what then is left is what the
receiver brings.  Each case also runs without what finds it, and then nobody does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest

from ledger.verifier.bundle import Brought, verify_bundle
from ledger.verifier.notes import VKey, parse_checkpoint, parse_note
from ledger.verifier.report import Report
from ledger.verifier.single_files import read_receipt
from tests.ledger.verifier import bundle_edits as edits
from tests.ledger.verifier.bundle_edits import PROJECT, VECTORS, Files
from tests.tamper import bundle_switches, forgeries

Forge = Callable[[], Files]


@dataclass(frozen=True)
class Case:
    """A forgery: row, codes, first bad entry of the project, and what finds it.

    Any one of the rules in `by` finds it alone; without all of them nobody does.
    """

    row: int
    forge: Forge
    codes: str
    first: int | None
    by: str
    brings: str = ""  # "reference" or "receipt": without it nobody notices either

    def __str__(self) -> str:
        return f"{self.row}-{self.forge.__name__}"

    @property
    def rules(self) -> frozenset[str]:
        return frozenset(self.by.split(", "))


CASES = [
    Case(4, forgeries.signed_for_another, "L604", 11, "signatures"),
    Case(8, forgeries.body_changed_signed, "L301", 0, "commitments"),
    Case(10, forgeries.suffix_signed_again, "L405", 6, "references", "reference"),
    Case(11, forgeries.suffix_signed_again, "L405", 6, "references", "reference"),
    Case(11, forgeries.suffix_signed_again, "L704", 8, "receipts", "receipt"),
    Case(12, forgeries.middle_removed, "L202", 8, "chain"),
    Case(12, forgeries.middle_removed_closed_up, "L406", 11, "references", "reference"),
    Case(13, forgeries.tail_cut, "L406", 9, "references", "reference"),
    Case(14, forgeries.tail_cut, "L406", 9, "receipts", "late receipt"),
    Case(15, forgeries.inserted_before, "L405", 6, "references", "reference"),
    Case(16, forgeries.reordered, "L405", 6, "references", "reference"),
    Case(19, forgeries.new_identity, "L402", None, "pinned key"),
    Case(43, forgeries.time_set_back, "L204", 8, "chain"),
    Case(44, forgeries.old_checkpoint_edited, "L402 L404", 6, "signed notes, roots"),
    Case(44, forgeries.tail_cut, "L406", 9, "references", "reference"),
    Case(45, forgeries.weaker_algorithm, "L501", None, "algorithms"),
    Case(46, forgeries.body_changed, "L107 L301", 0, "manifest note, commitments"),
    Case(46, forgeries.file_removed, "L105 L111", None, "listed files, blobs"),
    Case(46, forgeries.file_added, "L106", None, "unlisted files"),
    Case(47, forgeries.part_sold_as_whole, "L408", None, "recorded streams"),
    Case(48, forgeries.listed_by_another, "L107", None, "manifest note"),
    Case(51, forgeries.repeated_key, "L303", 8, "canonical form"),
    Case(52, forgeries.blanked, "L305", 8, "erasures"),
]


def receipt(seq: int) -> Any:
    """Return the receipt that whoever caused an entry of the honest stream has kept."""
    if seq == 6:
        return read_receipt((VECTORS / "receipt-p1-6.json").read_bytes())
    files = forgeries.honest()
    row = next(r for r in forgeries.manifest_of(files)["streams"] if r["origin"] == PROJECT)
    leaves = files[f"streams/{row['id']}/tile/entries/000.p/{row['size']}"]
    leaf = leaves[108 * seq + 2 : 108 * (seq + 1)]
    return read_receipt(
        edits.canonical(
            {
                "checkpoint": None,
                "commitment": leaf[74:].hex(),
                "hash": edits.digest(b"\x00" + leaf).hex(),
                "origin": PROJECT,
                "prev": leaf[42:74].hex(),
                "proof": None,
                "schema": "ledger.receipt/1",
                "sealed_us": int.from_bytes(leaf[34:42]),
                "seq": seq,
            }
        )
    )


def verified(files: Files, brings: str = "", key: str = edits.TRUSTED) -> Report:
    """Verify with the organisation's key and what the receiver kept."""
    notes = [parse_note((VECTORS / f"reference-p1-{n}.note").read_bytes()) for n in (6, 12)]
    receipts = {"receipt": [8], "late receipt": [10]}.get(brings, [])
    brought = Brought(
        [VKey.parse(key)],
        [(note, parse_checkpoint(note)) for note in notes] if brings == "reference" else [],
        [receipt(seq) for seq in receipts],
        [],
        [],
    )
    return verify_bundle(BytesIO(edits.zipped(files)), brought)


def codes(report: Report) -> set[str]:
    every = [report.bundle, *(stream.findings for stream in report.streams)]
    return {c for found in every if found for c in found.codes() if c.startswith("L")}


@pytest.mark.parametrize("brings", ["", "reference", "receipt", "late receipt"])
def test_the_honest_bundle_is_good(brings: str) -> None:
    report = verified(forgeries.honest(), brings)

    assert (report.exit_code(), codes(report)) == (0, set())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_forgery_is_found_where_it_was_made(case: Case) -> None:
    report = verified(case.forge(), case.brings)

    first = {s.origin: s.findings.first_bad_seq for s in report.streams}.get(PROJECT)
    assert report.exit_code() == 1
    assert first == case.first, [s.findings.all() for s in report.streams]
    assert set(case.codes.split()) <= codes(report)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_without_its_mechanism_nobody_notices(case: Case) -> None:
    files = case.forge()

    with bundle_switches.off(case.rules):
        assert codes(verified(files, case.brings)) == set()
    for rule in case.rules:  # and each of them alone is enough
        with bundle_switches.off(case.rules - {rule}):
            assert codes(verified(files, case.brings)), rule
    if case.brings:  # whoever brings nothing is told nothing
        assert codes(verified(files)) == set()


def test_a_new_identity_passes_before_whoever_brings_its_key() -> None:
    """Row 19: the key that somebody trusts is what pins the log."""
    with forgeries.other_key() as vkey:
        pass

    report = verified(forgeries.new_identity(), key=vkey)
    assert (report.exit_code(), codes(report)) == (0, set())
