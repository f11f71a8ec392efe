"""Appending against inserting the same bytes: alone, by many clients, slowly, in bulk."""

import time
from statistics import median
from typing import Any

from django.db import connection, transaction

from bench import arms, bodies
from bench.clients import Clients
from bench.figures import percentile

BULK = 1000
WARMING_UP = 0.3


def interleaved(
    clients: Clients, count: int, names: tuple[str, ...], seconds: float, rounds: int
) -> dict[str, Any]:
    """Return p50 and rate of each arm over `rounds`, arms in turn, and ratios to the first."""
    runs: dict[str, list[Any]] = {name: [] for name in names}
    for name in names:
        clients.run(name, count, WARMING_UP)
    for number in range(rounds):
        for name in names if number % 2 else reversed(names):  # nobody is always first
            runs[name].append(clients.run(name, count, seconds))
    p50 = {name: [median(run.seconds) for run in done] for name, done in runs.items()}
    rate = {name: [run.rate for run in done] for name, done in runs.items()}
    first = names[0]
    return {
        "rounds": rounds,
        "transactions": {name: sum(len(run.seconds) for run in runs[name]) for name in names},
        "p50_us": {name: round(median(p50[name]) * 1e6, 1) for name in names},
        "p99_us": {
            name: round(percentile([s for run in runs[name] for s in run.seconds], 99) * 1e6)
            for name in names
        },
        "per_second": {name: round(median(rate[name])) for name in names},
        "p50_ratio": {name: ratio(p50[name], p50[first]) for name in names[1:]},
        "rate_ratio": {name: ratio(rate[name], rate[first]) for name in names[1:]},
    }


def ratio(ours: list[float], theirs: list[float]) -> float:
    """Return the median over rounds of ours / theirs of the same round."""
    return round(median(a / b for a, b in zip(ours, theirs, strict=True)), 3)


def bulk(rounds: int = 15) -> dict[str, Any]:
    """Time BULK rows in one transaction: into the plain table, and by `append_many`."""
    number = arms.stream()
    statements = {
        "plain": "INSERT INTO bench_plain (stream, salt, body) SELECT %s, u.salt, u.body"
        " FROM unnest(%s::bytea[], %s::bytea[]) AS u (salt, body)",
        "append_many": "SELECT ledger.append_many(%s, %s::bytea[], %s::bytea[])",
    }
    seconds: dict[str, list[float]] = {name: [] for name in statements}
    for _ in range(rounds + 1):
        for name, statement in statements.items():
            given = [bodies.salt() for _ in range(BULK)], [bodies.body() for _ in range(BULK)]
            began = time.perf_counter()
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement, [number, *given])
            seconds[name].append(time.perf_counter() - began)
    kept = {name: done[1:] for name, done in seconds.items()}  # the first one warms up
    return {
        "rounds": rounds,
        "ms": {name: round(median(done) * 1000, 2) for name, done in kept.items()},
        "ratio": ratio(kept["append_many"], kept["plain"]),
    }
