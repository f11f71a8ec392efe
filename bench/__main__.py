"""Measure everything in one run on one server: python -m bench [--quick] [--entries N].

Exits with 1 when what was acknowledged is not what the record holds, or it does not verify.
"""

import argparse
import json
import os
import signal
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.server import bench
from bench.table import RESULT, table, warning

MILLION = 1_000_000
PACKAGES = (
    "django",
    "psycopg2-binary",
    "django-simple-history",
    "django-auditlog",
    "django-pghistory",
)


def main(arguments: list[str]) -> int:
    """Measure, write `bench.json`, print the table; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=MILLION, help="for storage and proofs")
    parser.add_argument(
        "--quick", action="store_true", help="a few rounds: to try the benchmark"
    )
    given = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the server goes with us
    with bench() as server:
        os.environ.update(server.environment)
        import django

        django.setup()
        from bench import stages  # models load once Django is set up

        numbers = stages.measure(server, 1 if given.quick else 8, given.entries)
        numbers = {**_about(load), **numbers}
    RESULT.write_text(json.dumps(numbers, indent=1) + "\n")
    sys.stdout.write(table(numbers) + warning(numbers))
    return 0


def _about(load: float) -> dict[str, Any]:
    from bench import bookkeeping

    names = {name: version(name) for name in PACKAGES}
    with Path("/proc/cpuinfo").open() as file:
        processor = next(
            (line.split(":")[1].strip() for line in file if "model name" in line), ""
        )
    return {
        "date": time.strftime("%Y-%m-%d"),
        "machine": {
            "cores": os.cpu_count(),
            "processor": processor,
            "memory_gib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30,
            "load_before": round(load, 1),
            "load_after": round(os.getloadavg()[0], 1),
        },
        "versions": {
            "Python": sys.version.split()[0],
            "PostgreSQL": bookkeeping.postgresql(),
            **names,
        },
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
