"""What a run says: times in milliseconds, memory in MiB, and how busy the machine was."""

import os
import statistics
from pathlib import Path

WARMING_UP = 5  # answers left out: a fresh server loads templates and plans with the first


def summary(seconds: list[float], *, skip: int = WARMING_UP) -> dict[str, float]:
    """Return count, median and 95th percentile in milliseconds, without the first `skip`."""
    kept = sorted(value * 1000 for value in seconds[skip:])
    cuts = statistics.quantiles(kept, n=20)
    return {"n": len(kept), "p50_ms": round(cuts[9], 1), "p95_ms": round(cuts[18], 1)}


def busy() -> float:
    """Return the machine's load average over one minute; figures above 2 cores mean little."""
    return round(os.getloadavg()[0], 1)


def memory(roots: list[int]) -> int:
    """Return the proportional set size, in MiB, of these processes and all below them."""
    waiting, total = list(roots), 0
    while waiting:
        proc = Path(f"/proc/{waiting.pop()}")
        try:
            for line in (proc / "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
            waiting += map(int, (proc / f"task/{proc.name}/children").read_text().split())
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
    return total // 1024
