"""Print what a person waits for: sealed saves and the worklist, over HTTP, and the memory used.

python -m tests.load.measure [--saves 200] [--pages 100]
"""

import argparse
import json
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.faults.harness import Site, site
from tests.load.client import Person

CORNERS = [["10", "20"], ["110.5", "20"], ["140.25", "90"], ["80", "150.125"], ["12", "88"]]
VIEWED = {"window": ["40", "400"], "zoom": "1.5", "frames_seen": [0], "milliseconds": 41_000}
START_SECONDS = 30.0


@contextmanager
def served(here: Site) -> Iterator[tuple[int, int]]:
    """Serve the site as `make demo` does; yield port and process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--workers", "2", "--threads", "4"]
    process = here.begin(*command, "--log-level", "error")
    try:
        _wait(port, process)
        yield port, process.pid
    finally:
        process.terminate()
        process.communicate(timeout=30)


def _wait(port: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if Person(port).ask("GET", "/health/")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"The server does not answer: {process.communicate()[1]}")


def save(person: Person, item: str, instance: str) -> float:
    """Submit one polygon; return the seconds until the server said it is sealed."""
    mark = {
        "instance_uid": None,
        "tracking_id": "Lesion 1",
        "label": "4147007",
        "kind": "polygon",
        "instance": instance,
        "frame": 0,
        "points": CORNERS,
    }
    content = {
        "version": 1,
        "annotations": [mark],
        "nothing_to_mark": False,
        "viewed": VIEWED,
        "reason": None,
    }
    status, answer = person.send("POST", f"/api/items/{item}/submit/", content)
    if status != 201:
        raise RuntimeError(f"A save was answered with {status}: {answer}")
    return person.seconds


def page(person: Person, path: str) -> float:
    """Fetch a page; return the seconds until it was here."""
    status, _ = person.ask("GET", path)
    if status != 200:
        raise RuntimeError(f"{path} was answered with {status}.")
    return person.seconds


def summary(seconds: list[float]) -> dict[str, float]:
    """Return count, median and 95th percentile in milliseconds; the first five warm up."""
    kept = sorted(value * 1000 for value in seconds[5:])
    cuts = statistics.quantiles(kept, n=20)
    return {"n": len(kept), "p50_ms": round(cuts[9], 1), "p95_ms": round(cuts[18], 1)}


def memory(roots: list[int]) -> int:
    """Return the proportional set size, in MiB, of these processes and all below them."""
    waiting, total = list(roots), 0
    while waiting:
        pid = waiting.pop()
        proc = Path(f"/proc/{pid}")
        for line in (proc / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
        waiting += map(int, (proc / f"task/{pid}/children").read_text().split())
    return total // 1024


def measure(here: Site, saves: int, pages: int) -> dict[str, Any]:
    """Return the figures of one run on this machine."""
    prepared = here.run("-m", "tests.load.prepare", str(saves))
    if prepared.returncode:
        raise RuntimeError(prepared.stderr)
    made = json.loads(prepared.stdout)
    postmaster = (here.server.cluster / "postmaster.pid").read_text().split()[0]
    with served(here) as (port, pid):
        person = Person(port)
        person.sign_in(made["email"], made["password"])
        worklist = f"/projects/{made['slug']}/worklist/"
        lists = [page(person, worklist) for _ in range(pages)]
        done = [save(person, *item) for item in made["items"]]
        return {
            "save": summary(done),
            "worklist": summary(lists),
            "memory_mib": memory([pid, int(postmaster)]),
        }


def main(arguments: list[str]) -> int:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--saves", type=int, default=200)
    parser.add_argument("--pages", type=int, default=100)
    given = parser.parse_args(arguments)
    with site() as here:
        sys.stdout.write(json.dumps(measure(here, given.saves, given.pages), indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
