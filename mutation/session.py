"""One pytest session for all mutants: collected once, its tests run in a fork for each mutant.

Starting pytest anew for each mutant would take a hundred times longer than most of the tests.
"""

import os
import resource
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType

import pytest
from _pytest.runner import runtestprotocol
from mutmut.runners.harness import ListAllTestsResult, TestRunner
from mutmut.state import state

TIMEOUT = 36  # an exit code that stands for "timeout" in mutmut.stats
MEMORY = 4 << 30  # bytes: a mutant that never ends must not take the machine with it
LEAST_SECONDS = 1.0  # of processor time for one test
TIMES = 10  # as long as without a mutant
# Seconds of tests for one mutant, then it lives.  All of them take about as long.
ENOUGH = float(os.environ.get("MUTATION_SECONDS", "30"))


class Session(TestRunner):  # type: ignore[misc]  # mutmut is not in the usual environment
    """Runs tests of a session that has been collected, those that promise most first."""

    def __init__(self, items: list[pytest.Item], folder: Path) -> None:
        self.items = {item.nodeid: item for item in items}
        self.folder = folder
        self.killers = folder / "killers"  # lines: function, test that found a mutant of it
        self.killers.touch()
        self.good: set[str] = set()  # passed while they were timed

    def run_stats(self, *, tests: Iterable[str]) -> int:
        """Run tests (all, if none are named); note how long each takes and what it calls."""
        known = state()
        for name in list(tests) or self.items:
            known._stats.clear()  # noqa: SLF001  where the mutated functions write
            started = time.process_time()
            if self._failed(name):
                return 1
            self.good.add(name)
            known.duration_by_test[name] = time.process_time() - started
            for function in known._stats:  # noqa: SLF001
                known.tests_by_mangled_function_name[function].add(name)
        return 0

    def run_tests(self, *, mutant_name: str | None, tests: Iterable[str]) -> int:
        """Return 0 if all pass, 1 if one fails; a mutant that times out ends the process."""
        if mutant_name:
            return self._run_mutant(mutant_name.rpartition("__mutmut_")[0], tests)
        return int(any(map(self._failed, (set(tests) or set(self.items)) - self.good)))

    def _run_mutant(self, function: str, tests: Iterable[str]) -> int:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        signal.signal(signal.SIGPROF, _timed_out)
        for name in self._promising(function, tests):
            limit = LEAST_SECONDS + TIMES * state().duration_by_test[name]
            signal.setitimer(signal.ITIMER_PROF, limit)
            if self._failed(name):
                signal.setitimer(signal.ITIMER_PROF, 0)
                with self.killers.open("a") as file:
                    file.write(f"{function} {name}\n")
                return 1
        return 0

    def _promising(self, function: str, tests: Iterable[str]) -> list[str]:
        """Return first what has found other mutants of the function, then of its module."""
        known: Counter[str] = Counter()
        module = function.rpartition(".")[0]
        for line in self.killers.read_text().splitlines():
            where, _, name = line.partition(" ")
            known[name] += 100 * (where == function) + where.startswith(module + ".")
        own = f"/test_{module.rpartition('.')[2]}"
        time_of = state().duration_by_test
        every = sorted(tests, key=lambda name: (-known[name], own not in name, time_of[name]))
        chosen, spent = every[:1], 0.0
        for name in every[1:]:
            if spent + time_of[name] < ENOUGH:
                spent += time_of[name]
                chosen.append(name)
        return chosen

    def run_forced_fail(self) -> int:
        """Run tests while every function of the verifier raises: the first must fail."""
        return int(any(map(self._failed, self.items)))

    def list_all_tests(self) -> ListAllTestsResult:
        """Return the names of all tests."""
        return ListAllTestsResult(ids=set(self.items))

    def _failed(self, name: str) -> bool:
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            reports = runtestprotocol(self.items[name], log=False, nextitem=None)
        finally:
            os.chdir(before)
        return any(report.failed for report in reports)


class Loop:
    """A plugin that does something else with the collected tests than running each once."""

    def __init__(self, work: Callable[[list[pytest.Item]], None]) -> None:
        self.work = work
        self.done = False

    def pytest_configure(self) -> None:
        from hypothesis import HealthCheck, Phase, settings  # after pytest has seen its plugin

        # Few examples, the same for each mutant; the one that fails need not be a small one.
        settings.register_profile(
            "mutation",
            deadline=None,
            database=None,
            derandomize=True,
            max_examples=30,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        settings.load_profile("mutation")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.work(session.items)
        self.done = True
        return True


def _timed_out(_number: int, _frame: FrameType | None) -> None:
    os._exit(TIMEOUT)
