"""The page that is made of the numbers."""

from typing import Any

from bench.figures import TARGETS
from bench.table import page, rows, table, warning

NUMBERS: dict[str, Any] = {
    "date": "2026-01-02",
    "machine": {
        "cores": 2,
        "processor": "a processor",
        "memory_gib": 4,
        "load_before": 0.1,
        "load_after": 2.0,
    },
    "versions": {"Python": "3.11"},
    "saves": {
        "create_p50_us": {"plain": 10, "ledger": 15},
        "change_p50_us": {"plain": 11, "ledger": 16},
        "added_us": {"plain": 0, "ledger": 5},
        "ratio": {"auditlog": 0.2},
    },
    "offline": {"microseconds": {"hashes": 5.5}, "ratio": 0.52},
    "one": {
        "p50_ratio": {"append": 1.4},
        "per_second": {"plain": 100, "append": 71},
        "p50_us": {"plain": 9.5, "append": 13.3},
    },
}


def test_each_target_is_met_missed_or_not_measured() -> None:
    verdicts = dict(zip([target.path for target in TARGETS], rows(NUMBERS), strict=True))

    assert verdicts["one.p50_ratio.append"][1:] == ("1.4", "≤ 1.3", "NOT MET")
    assert verdicts["saves.ratio.auditlog"][1:] == ("0.2", "≤ 0.25", "met")
    assert verdicts["proof.p50_ms"][1:] == ("–", "≤ 1 ms", "not measured")


def test_the_table_has_a_line_for_each_target() -> None:
    assert table(NUMBERS).count("\n") == len(TARGETS) + 2


def test_the_page_names_machine_and_date_and_every_arm() -> None:
    text = page(NUMBERS)

    assert "2026-01-02, 2 cores (a processor), 4 GiB" in text
    assert "| ledger | 15 | 16 | 5 |" in text
    assert "| 1 | append | 71 | 13.3 |" in text


def test_the_page_says_what_keeps_a_save_and_many_clients_from_their_targets() -> None:
    text = page(NUMBERS)

    assert "\n\nWhat keeps a save from its targets" in text
    assert "\n\nWhat keeps sixteen clients from theirs" in text


def test_the_page_tells_hashes_from_the_whole_verification() -> None:
    text = page(NUMBERS)

    assert "| offline, hashes only | 5.5 | 0.52 |" in text
    assert "| offline, every body and rule | – | – |" in text


def test_a_busy_machine_is_said_to_decide_nothing() -> None:
    busy = NUMBERS | {"machine": NUMBERS["machine"] | {"load_before": 1.5}}

    assert warning(NUMBERS) == ""
    assert "no verdict here counts" in warning(busy)
    assert warning(busy) in page(busy)
