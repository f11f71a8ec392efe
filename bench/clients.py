"""Clients as the site has them: two processes with threads, each with its connection."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

PROCESSES = 2
THREADS = 8


@dataclass(frozen=True)
class Run:
    """What some clients did: seconds of each transaction, and how many in a second."""

    seconds: list[float]
    rate: float


class Clients:
    """The processes, which wait for work."""

    def __init__(self, pipes: list[Any]) -> None:
        self.pipes = pipes
        self.acknowledged = 0  # appends whose COMMIT was answered

    def run(self, arm: str, clients: int, seconds: float) -> Run:
        """Let this many clients do the steps of an arm for so long, at once."""
        used = self.pipes[: min(clients, PROCESSES)]
        for pipe in used:
            pipe.send((arm, clients // len(used), seconds))
        done = [time_ for pipe in used for time_ in pipe.recv()]
        if arm != "plain":
            self.acknowledged += len(done)
        return Run(done, len(done) / seconds)


@contextmanager
def clients() -> Iterator[Clients]:
    """Start the processes on the database of the environment; end them afterwards."""
    context = get_context("spawn")
    pairs = [context.Pipe() for _ in range(PROCESSES)]
    processes = [
        context.Process(target=_serve, args=(theirs,), daemon=True) for _, theirs in pairs
    ]
    for process, (_, theirs) in zip(processes, pairs, strict=True):
        process.start()
        theirs.close()  # so that a process that dies is noticed
    for ours, _ in pairs:
        ours.recv()
    try:
        yield Clients([ours for ours, _ in pairs])
    finally:
        for ours, _ in pairs:
            ours.send(None)
        for process in processes:
            process.join(30)


def _serve(pipe: Any) -> None:
    import django

    django.setup()
    from bench.arms import ARMS
    from ledger import sealer

    sealer.run_in_background()
    kept = threading.local()

    def work(arm: str, start: threading.Barrier, seconds: float) -> list[float]:
        steps = kept.__dict__.setdefault("steps", {})
        if arm not in steps:
            steps[arm] = ARMS[arm]()
        step, done = steps[arm], []
        start.wait()
        begun = now = time.perf_counter()
        while now < begun + seconds:
            step()
            then, now = now, time.perf_counter()
            done.append(now - then)
        return done

    with ThreadPoolExecutor(THREADS) as pool:
        pipe.send("ready")
        for arm, threads, seconds in iter(pipe.recv, None):
            start = threading.Barrier(threads)
            futures = [pool.submit(work, arm, start, seconds) for _ in range(threads)]
            pipe.send([time_ for future in futures for time_ in future.result()])
