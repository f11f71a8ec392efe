"""What the mutants came to: for each module, and in total."""

from collections import Counter
from collections.abc import Mapping

FOUND = ("killed", "timeout")  # a test failed, or ran into the limit that only a mutant reaches
COLUMNS = ("mutants", "killed", "timeout", "survived", "untested", "words")


def score(counts: Mapping[str, int]) -> float:
    """Return the share of mutants that were found, in percent; 100 where there are none."""
    every = sum(counts[name] for name in counts if name != "words")
    return 100 * sum(counts.get(name, 0) for name in FOUND) / every if every else 100.0


def table(modules: Mapping[str, Counter[str]]) -> str:
    """Return the lines to print: modules in their order, the total last."""
    total: Counter[str] = sum(modules.values(), Counter())
    rows = [_row(name, counts) for name, counts in [*modules.items(), ("total", total)]]
    head = "".join(f"{column:>10}" for column in COLUMNS)
    return "\n".join([f"{'module':<16}{head}{'score':>10}", *rows])


def _row(name: str, counts: Counter[str]) -> str:
    every = sum(counts[each] for each in counts if each != "words")
    shown = [every, *(counts[column] for column in COLUMNS[1:])]
    cells = "".join(f"{number:>10,}" for number in shown)
    return f"{name:<16}{cells}{score(counts):>9.1f}%"
