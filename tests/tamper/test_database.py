"""Acts against the database, found by verify_ledger; and by nobody without its checks."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from ledger.verify import verify
from tests.tamper import acts, switches
from tests.tamper.acts import LATE, Case
from tests.tamper.world import ORG, World, superuser

HALF = 22  # entries that the first checkpoint covers
SIZE = HALF + 6  # those of the honest record
ROOTS = "checkpoints heads"  # the checks that compare roots
EDITED = "L203 L404 L405"


def case(
    row: int, act: acts.Act, codes: str, first: int | None, by: str, *, org: bool = False
) -> Case:
    found, checks = frozenset(codes.split()), frozenset(by.split())
    return Case(row, act, found, first, checks, org)


CASES = [
    case(4, acts.another_signs, "L604 L603", SIZE, "signatures rows"),
    case(4, acts.signature_replayed, "L603", SIZE, "signatures"),
    case(5, acts.owner_switches_guard_off, "L301", LATE, "commitments guards"),
    case(7, acts.superuser_edits_the_catalogue, "L901", None, "guards", org=True),
    case(8, acts.payload_changed, "L301", LATE, "commitments"),
    case(9, acts.payload_and_hash_changed, EDITED, LATE, f"chain {ROOTS}"),
    case(10, acts.suffix_hashed_again, "L404 L405", HALF, ROOTS),
    case(12, acts.middle_removed, "L202", LATE, "chain"),
    case(12, acts.middle_removed_bytes_left, "L202 L205", LATE, "chain bodies"),
    case(12, acts.middle_removed_and_closed_up, "L406", SIZE - 1, ROOTS),
    case(13, acts.tail_cut, "L406", LATE, "heads"),
    case(15, acts.backdated_insert, "L404 L405", HALF, ROOTS),
    case(16, acts.reordered, EDITED, LATE, f"chain {ROOTS}"),
    case(16, acts.reordered_and_hashed_again, "L404 L405", HALF, ROOTS),
    case(17, acts.duplicated, "L404 L405", HALF, ROOTS),
    case(20, acts.old_backup_restored, "L406", HALF, "heads checkpoints"),
    case(21, acts.edited_backup_restored, "L405", HALF, "heads"),
    case(43, acts.clock_set_back, "L204 L404 L405", LATE, f"chain {ROOTS}"),
    case(51, acts.repeated_key, "L303", SIZE, "form"),
    case(51, acts.number_in_another_form, "L303", SIZE, "form"),
    case(52, acts.blanked_without_a_word, "L305", LATE, "erasures"),
    case(52, acts.erased_by_one, "L305 L307", LATE, "erasures"),
    case(57, acts.migration_rewrites_payloads, "L301", LATE, "commitments"),
]
ROWS = [
    (22, acts.row_edited, "mismatched"),
    (23, acts.row_deleted, "entries_without_row"),
    (24, acts.row_without_entry, "rows_without_entry"),
    (31, acts.person_deleted, "entries_without_row"),
    (31, acts.person_renamed, "mismatched"),
    (32, acts.name_given_to_another, "mismatched"),
    (32, acts.name_given_again, "rows_without_entry"),
]


def told() -> tuple[int, dict[str, Any]]:
    """Return exit code and JSON of verify_ledger."""
    printed = StringIO()
    try:
        call_command("verify_ledger", json=True, stdout=printed)
    except SystemExit as end:
        return int(end.code or 0), json.loads(printed.getvalue())
    return 0, json.loads(printed.getvalue())


def anything() -> set[str]:
    """Return every code that is found anywhere, and that rows differ."""
    verification = verify()
    found = {code for stream in verification.streams for code in stream.codes}
    return found if verification.reconciliation.agrees else {*found, "rows"}


def do(act: acts.Act, world: World) -> None:
    with superuser() as cursor:
        act(world, cursor)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_act_is_found_where_it_was_done(case: Case, world: World) -> None:
    assert verify().status == "ok"

    do(case.act, world)
    code, said = told()

    origin = ORG if case.on_organisation else world.origin
    [stream] = [each for each in said["streams"] if each["origin"] == origin]
    assert code == 1
    assert stream["first_bad_seq"] == case.first, stream["findings"]
    assert case.codes <= {finding["code"] for finding in stream["findings"]}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_without_its_mechanism_nobody_notices(case: Case, world: World) -> None:
    do(case.act, world)

    with switches.off(case.by):
        assert anything() == set()
    for check in case.by:  # and each of them alone is enough
        with switches.off(case.by - {check}):
            assert anything() != set(), check


@pytest.mark.parametrize(("row", "act", "kind"), ROWS)
def test_a_row_outside_the_record_is_named(
    row: int, act: acts.Act, kind: str, world: World
) -> None:
    assert verify().status == "ok"

    do(act, world)
    code, said = told()

    assert (code, said["reconciliation"][kind] >= 1) == (1, True), said["reconciliation"]
    with switches.off(["rows"]):
        assert anything() == set()


def test_no_check_is_without_a_case() -> None:
    assert {check for case in CASES for check in case.by} | {"rows"} == switches.ALL
