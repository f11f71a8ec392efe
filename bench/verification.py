"""Verification against nothing but the hashing: of a bundle, and of the database in place."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import active_children
from pathlib import Path
from statistics import median
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from bench import arms, bodies
from bench.memory import most_held
from ledger import hashing
from ledger.bundle.scope import Scope
from ledger.bundle.writing import Order, drawn_up
from ledger.models import Stream
from ledger.segments import SEGMENT, Checked, Segment
from ledger.verifier import build
from ledger.workers import checking

IN_PLACE = 32  # segments, of 8,192 entries each, at most
FULL = 2  # segments in which every body is parsed too
IN_BUNDLE = 60_000  # entries of the bundle
ROUNDS = 5


def limit(entries: int) -> float:
    """Return the seconds that the hashes of this many entries take in one plain loop.

    Commitment, leaf and inner nodes of entries that are in memory, with the joining of what is
    hashed; no reading, no comparing, no JSON.
    """
    ready = [(bodies.salt(), bodies.body()) for _ in range(min(entries, 5000))]
    digest, head = hashlib.sha256, b"\x00" + hashing.VERSION + bytes(16)
    above, done, level = bytes(32), 0, []
    began = time.perf_counter()
    while done < entries:
        for salt, body in ready[: entries - done]:
            committed = digest(b"\x02" + salt + body).digest()
            place = done.to_bytes(8, "big")
            above = digest(head + place + place + above + committed).digest()
            level.append(above)
            done += 1
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [digest(b"\x01" + left + right).digest() for left, right in pairs]
    return time.perf_counter() - began


def files_limit(bundle: Path) -> float:
    """Return the seconds that SHA-256 over each file of a bundle takes, each in memory.

    The manifest lists these digests: whoever verifies a bundle computes them as well.
    """
    spent = 0.0
    with zipfile.ZipFile(bundle) as archive:
        for member in archive.infolist():
            content = archive.read(member)
            began = time.perf_counter()
            hashlib.sha256(content).digest()
            spent += time.perf_counter() - began
    return spent


def database(size: int) -> dict[str, Any]:
    """Time the segments of the benchmark's stream, in worker processes that are warm already.

    `one` and `many` are shares of one core's hashing; `full` parses every body as well.
    """
    cores = os.cpu_count() or 1
    stream = Stream.objects.get(pk=arms.stream())
    count = min(IN_PLACE, size // SEGMENT)
    starts = range(0, count * SEGMENT, SEGMENT)
    segments = {
        name: [
            Segment(stream.pk, stream.origin, start, start + SEGMENT, hashes_only=name == "one")
            for start in starts
        ]
        for name in ("one", "full")
    }
    entries = count * SEGMENT
    done: dict[str, list[float]] = {"limit": [], "one": [], "many": [], "full": []}
    with _workers(1) as one, _workers(cores) as many:
        _sound(one(segments["full"][:2]) + many(segments["one"][: 2 * cores]), stream)
        for _ in range(ROUNDS):
            done["limit"].append(limit(entries) / entries)
            for name, work in (("one", one), ("many", many)):
                began = time.perf_counter()
                _sound(work(segments["one"]), stream)
                done[name].append((time.perf_counter() - began) / entries)
            began = time.perf_counter()
            _sound(one(segments["full"][:FULL]), stream)
            done["full"].append((time.perf_counter() - began) / (FULL * SEGMENT))
        memory = max(most_held(process.pid) for process in active_children())
    return {
        "entries": entries,
        "workers": cores,
        "microseconds": {name: round(median(times) * 1e6, 2) for name, times in done.items()},
        **{name: _share(done["limit"], done[name]) for name in ("one", "many", "full")},
        "memory_mib": round(memory, 1),
    }


def _share(limits: list[float], times: list[float]) -> float:
    return round(median(a / b for a, b in zip(limits, times, strict=True)), 3)


def _sound(checked: list[Checked], stream: Stream) -> None:
    faults = [fault for found in checked for fault in found.faults]
    if faults:
        raise RuntimeError(f"{stream.origin} does not verify: {faults[:3]}")


@contextmanager
def _workers(count: int) -> Iterator[Any]:
    """Yield what checks segments in `count` processes, in order, as verification does."""
    with checking(connection.get_connection_params(), count, None) as check:
        yield lambda segments: list(check(segments))


def offline(folder: Path) -> dict[str, Any]:
    """Time verify.py on a bundle, on one core; starting it is not counted.

    `hashes` is `--hashes-only`; `whole` parses every body and applies every rule.  `limit` is
    that of the chain and the tree (`chain`) and of the files' digests together.
    """
    key = "offline"
    _fill(key, IN_BUNDLE)
    program, place = folder / "verify.py", folder / "bundle.zip"
    program.write_bytes(build.verify_py())
    order = Order(scope=Scope(key=key), created_at=timezone.now())
    with drawn_up(place, order, lambda *_: None) as (draft, _):
        shutil.copyfile(draft.path, place)  # a draft has no name that another process can open
    done: dict[str, list[float]] = {"limit": [], "chain": [], "hashes": [], "whole": []}
    memory = 0.0
    for _ in range(ROUNDS):
        done["chain"].append(limit(IN_BUNDLE))
        done["limit"].append(done["chain"][-1] + files_limit(place))
        for name, more in (("hashes", ["--hashes-only"]), ("whole", [])):
            seconds, used = _verify(program, place, more)
            done[name].append(seconds)
            memory = max(memory, used)
    return {
        "entries": IN_BUNDLE,
        "bundle_bytes": place.stat().st_size,
        "microseconds": {
            name: round(median(times) / IN_BUNDLE * 1e6, 2) for name, times in done.items()
        },
        "ratio": _share(done["limit"], done["hashes"]),
        "ratio_to_chain": _share(done["chain"], done["hashes"]),
        "whole": _share(done["limit"], done["whole"]),
        "memory_mib": round(memory, 1),
    }


def _fill(key: str, size: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger.open_stream(%s)", [f"localhost/ledger/p/{key}"])
        (stream,) = cursor.fetchone()
    for _ in range(0, size, 1000):
        given = [bodies.salt() for _ in range(1000)], [bodies.body() for _ in range(1000)]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT ledger.append_many(%s, %s::bytea[], %s::bytea[])", [stream, *given]
            )


def _verify(program: Path, bundle: Path, more: list[str]) -> tuple[float, float]:
    """Return the verifier's seconds and its memory in MiB; raises unless integrity is good."""
    command = [sys.executable, "-m", "bench.memory", str(program), str(bundle), "--json", *more]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    report = json.loads(ended.stdout)
    if any(stream["integrity"] != "ok" for stream in report["streams"]):
        raise RuntimeError(f"The bundle does not verify: {report}")
    return report["seconds"], float(ended.stderr.split()[-1])
