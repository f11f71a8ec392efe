"""The targets, and the arithmetic from measurements to a verdict on each."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True)
class Target:
    """One line of the table: what is measured, where in `bench.json`, and what is aimed at."""

    what: str
    path: str
    bound: float
    at_least: bool = False
    unit: str = ""

    def met(self, value: float) -> bool:
        return value >= self.bound if self.at_least else value <= self.bound


TARGETS = (
    Target(
        "append p50 / plain INSERT of the same bytes, 1 client", "one.p50_ratio.append", 1.30
    ),
    Target(
        "appends per second / plain, 16 clients",
        "sixteen.rate_ratio.append",
        0.70,
        at_least=True,
    ),
    Target("the same with 3 ms commits", "slow.rate_ratio.append", 0.80, at_least=True),
    Target("bulk, 1,000 a transaction, time / plain", "bulk.ratio", 2.0),
    Target("time added to a save / django-simple-history", "saves.ratio.simple_history", 0.45),
    Target("time added to a save / django-auditlog", "saves.ratio.auditlog", 0.25),
    Target("time added to a save / django-pghistory", "saves.ratio.pghistory", 1.0),
    Target("seal lag p99, 1 client", "lag.one.p99_ms", 1.0, unit="ms"),
    Target("seal lag p99, 16 clients", "lag.sixteen.p99_ms", 25.0, unit="ms"),
    Target("pending 100 ms after traffic stops", "lag.sixteen.pending_after_100_ms", 0),
    Target(
        "offline verification, hashes only / hashlib limit", "offline.ratio", 0.9, at_least=True
    ),
    Target("offline verifier's memory", "offline.memory_mib", 64, unit="MiB"),
    Target(
        "verification in place, hashes only / hashlib limit, 1 worker",
        "database.one",
        0.35,
        at_least=True,
    ),
    Target("the same, a worker for each core", "database.many", 0.6, at_least=True),
    Target("memory of a verifying worker", "database.memory_mib", 64, unit="MiB"),
    Target("storage / plain row", "storage.ratio", 1.45),
    Target("inclusion proof at a million entries, p50", "proof.p50_ms", 1.0, unit="ms"),
    Target("checkpoint after 1,000 more entries", "checkpoint.p50_ms", 10.0, unit="ms"),
)


def percentile(values: Sequence[float], number: int) -> float:
    """Return the given percentile (1 to 99) of two values or more."""
    return quantiles(values, n=100, method="inclusive")[number - 1]


def added(arm: Sequence[float], plain: Sequence[float]) -> float:
    """Return what the medians of an arm take longer than the plain one's."""
    return median(arm) - median(plain)


def find(numbers: object, path: str) -> float | None:
    """Return the number at a dotted path; None where it was not measured."""
    for name in path.split("."):
        if not isinstance(numbers, dict) or name not in numbers:
            return None
        numbers = numbers[name]
    return float(numbers) if isinstance(numbers, int | float) else None
