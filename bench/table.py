"""Write what `bench.json` says as a page: python -m bench.table > docs/benchmark.md."""

import json
import sys
from pathlib import Path
from typing import Any

from bench.figures import TARGETS, find

RESULT = Path("bench.json")


def rows(numbers: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """Return what, measured, target and verdict of each target."""
    found = []
    for target in TARGETS:
        value = find(numbers, target.path)
        unit = f" {target.unit}" if target.unit else ""
        bound = f"{'≥' if target.at_least else '≤'} {target.bound:g}{unit}"
        if value is None:
            found.append((target.what, "–", bound, "not measured"))
        else:
            verdict = "met" if target.met(value) else "NOT MET"
            found.append((target.what, f"{value:g}{unit}", bound, verdict))
    return found


def table(numbers: dict[str, Any]) -> str:
    """Return the targets as a Markdown table."""
    lines = ["| what | measured | target | |", "|---|---|---|---|"]
    lines += [f"| {' | '.join(row)} |" for row in rows(numbers)]
    return "\n".join(lines) + "\n"


def warning(numbers: dict[str, Any]) -> str:
    """Return a sentence for a machine that was busy before the run began, else nothing."""
    machine = numbers["machine"]
    if machine["load_before"] <= machine["cores"] / 4:
        return ""
    return (
        f"Others kept the machine busy (load {machine['load_before']} on {machine['cores']}"
        " cores before the run): no verdict here counts, met or not.\n"
    )


def page(numbers: dict[str, Any]) -> str:
    """Return the page: machine, date, versions, targets, and every arm's own figures."""
    saves = numbers["saves"]
    lines = [
        "# Benchmark",
        "",
        _introduction(numbers),
        warning(numbers),
        "",
        table(numbers),
        "A save through Django, µs (p50); “adds” is the mean of creating and changing:",
        "",
        "| kept by | create | change | adds |",
        "|---|---|---|---|",
    ]
    for name in saves["added_us"]:
        figures = (saves[key][name] for key in ("create_p50_us", "change_p50_us", "added_us"))
        lines.append(f"| {name} | {' | '.join(map(str, figures))} |")
    lines += ["", "Transactions per second, and p50 in microseconds:", ""]
    lines += ["| clients | arm | per second | p50 |", "|---|---|---|---|"]
    for key, label in CLIENTS.items():
        for arm, rate in numbers.get(key, {}).get("per_second", {}).items():
            lines.append(f"| {label} | {arm} | {rate} | {numbers[key]['p50_us'][arm]:g} |")
    return "\n".join(lines) + "\n"


def _introduction(numbers: dict[str, Any]) -> str:
    machine = numbers["machine"]
    versions = ", ".join(f"{name} {value}" for name, value in numbers["versions"].items())
    return (
        f"{numbers['date']}, {machine['cores']} cores ({machine['processor']}),"
        f" {machine['memory_gib']} GiB; {versions}. Load average before and after:"
        f" {machine['load_before']}, {machine['load_after']}. Every arm commits durably"
        " (fsync on), all in one run, in turn; ratios are medians over rounds and are what"
        " travels to another machine."
    )


CLIENTS = {
    "one": "1",
    "four": "4",
    "sixteen": "16",
    "slow_one": "1, 3 ms commits",
    "slow": "16, 3 ms commits",
}

if __name__ == "__main__":
    sys.stdout.write(page(json.loads(RESULT.read_text())))
