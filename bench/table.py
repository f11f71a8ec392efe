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
    return "\n".join([*lines, "", ON_WRITING, *_verification(numbers)]) + "\n"


def _verification(numbers: dict[str, Any]) -> list[str]:
    """Return what an entry takes, as far as measured, and what each figure is."""
    lines = ["", "Verification, µs for an entry and share of its limit:", ""]
    lines += ["| what | µs | share |", "|---|---|---|"]
    for label, time, share in VERIFIED:
        figures = (find(numbers, path) if path else None for path in (time, share))
        shown = ("–" if figure is None else f"{figure:g}" for figure in figures)
        lines.append(f"| {label} | {' | '.join(shown)} |")
    return [*lines, "", ON_VERIFICATION]


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

_US = "microseconds"
VERIFIED = (  # label, path of the time, path of the share
    ("hashlib limit of a bundle: chain, tree, files", f"offline.{_US}.limit", ""),
    ("the same, of chain and tree alone", f"offline.{_US}.chain", ""),
    ("offline, hashes only", f"offline.{_US}.hashes", "offline.ratio"),
    ("the same against chain and tree alone", "", "offline.ratio_to_chain"),
    ("offline, every body and rule", f"offline.{_US}.whole", "offline.whole"),
    ("hashlib limit in place: chain and tree", f"database.{_US}.limit", ""),
    ("in place, hashes only, 1 worker", f"database.{_US}.one", "database.one"),
    ("in place, hashes only, a worker for each core", f"database.{_US}.many", "database.many"),
    ("in place, every body, 1 worker", f"database.{_US}.full", "database.full"),
)
ON_WRITING = """\
What keeps a save from its targets, in processor time of client and server, counted on a busy
machine: one more plain INSERT of the same bytes through Django, in the same transaction,
takes 0.13 of what django-simple-history adds, 0.09 of django-auditlog's and 0.47 of django-
pghistory's, whose trigger never leaves the server. Linked at COMMIT, but without envelope and
search index, it takes 0.48, 0.34 and 1.7: more than each target, before any Python of ours.
It is two inserts with three indexes, one more answer to wait for, and a deferred trigger.

What keeps sixteen clients from theirs: on two cores the processor decides, not the disk, and
97 of 100 bodies find their stream busy and leave a row that waits, so that nobody holds a
lock across a flush. Of what that adds to a transaction in the server, two fifths are the call
of the deferred trigger, a third the waiting row with its index, a quarter the NOTICE that it
waits.

What a checkpoint takes: one call signs two notes, the project's and the organisation's, with an
entry in between; each note is flushed, and then its folder, before it leaves. Four flushes of
files and two of the log, 14 statements, two signatures, two consistency proofs.

What a proof takes, of 0.73 ms on a busy machine: 0.5 for one statement that fetches all its
tiles (an empty one takes 0.1; 0.2 are the server's, most of it for putting the two tiles of
level 0 together from 256 entries each), the rest for 255 hashes of a tile not seen before.
Tiles of level 0 stored as rows would save some 0.15 ms, for 32 bytes an entry."""
ON_VERIFICATION = """\
The limit is one plain loop over entries in memory: commitment, leaf and tree node of each, with
the joining of what is hashed. Offline it takes in one SHA-256 over each file too, whose digests
the manifest lists; two thirds of those bytes are the copy for people. “Hashes only” is what
`--hashes-only` does and throughput is measured with. Parsing every body strictly and holding it
to the form of an event costs several times the hashes, in Python, and stands beside it.

What keeps “hashes only” from the limit of a bundle, in processor time of one entry, counted on
a busy machine: all hashes 2.9 µs; the archive's checksums and reading it 0.8, which no verifier
can leave out and which alone put 0.9 out of reach; looking for events that a rule needs 0.4;
leaves by columns, the archive's directory and three small files for 256 entries 1.4. In place,
counted likewise: psycopg2 hands a row over in 0.6 µs, our comparison takes 0.4 besides the
hashes' 1.8, and PostgreSQL, which needs a core too, finds and sends it in 2.5 to 3; with a
worker for each core, workers and server share the cores."""

if __name__ == "__main__":
    sys.stdout.write(page(json.loads(RESULT.read_text())))
