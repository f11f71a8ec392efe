"""Run the mutants of the verifier against its tests; print the scores.

`python -m mutation [PATTERN]…` for those whose name has a pattern (`ledger.verifier.tree.*`);
the results of all others stay as they are.  Exit code 0 from 95 % on, 1 below.
"""

import contextlib
import io
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import libcst
import pytest
from mutmut import __main__ as mutmut
from mutmut.configuration import config
from mutmut.mutation import file_mutation, trampoline
from mutmut.mutation.data import SourceFileMutationData
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files
from mutmut.workers.isolation import ForkRunner

from mutation.prose import only_words_differ
from mutation.scores import score, table
from mutation.session import Loop, Session

LEAST = 95.0  # percent
CHILDREN = int(os.environ.get("MUTATION_CHILDREN", "2"))
ROOT = Path.cwd()
_every_mutation = file_mutation.create_mutations
_UNTESTED = "no tests"


def _logic(filename: str, code: str, *lines: set[int] | None) -> tuple[Any, ...]:
    """Return what mutmut makes of a file, without what changes words alone."""
    module, mutations, *ignored = _every_mutation(filename, code, *lines)
    kept = [each for each in mutations if not _is_words(module, each)]
    return module, kept, *ignored


def _is_words(module: libcst.Module, mutation: file_mutation.Mutation) -> bool:
    before, after = mutation.original_node, mutation.mutated_node
    return only_words_differ(module.code_for_node(before), module.code_for_node(after))


def _prepare() -> None:
    """Write the mutants, and let Python find those instead of the verifier."""
    file_mutation.create_mutations = _logic
    Path("mutants").mkdir(exist_ok=True)
    with contextlib.redirect_stdout(io.StringIO()):  # a line for each file
        mutmut.copy_src_dir()
        mutmut.copy_also_copy_files()
        mutmut.setup_source_paths()
        mutmut.create_mutants(CHILDREN)


def _run(patterns: list[str]) -> bool:
    """Run the mutants; tell whether it came to an end."""

    def work(items: list[pytest.Item]) -> None:
        runner = ForkRunner(CHILDREN, Session(items, ROOT / "mutants"))
        mutmut.get_mutant_runner = lambda _children: runner
        seconds_of = mutmut.estimated_worst_case_time

        def place(name: str) -> tuple[int, str, float]:
            """Go module by module, in the order of the patterns; what is found fast first."""
            asked = [n for n, pattern in enumerate(patterns) if fnmatch(name, pattern)]
            return min(asked, default=0), name.rpartition(".")[0], seconds_of(name)

        mutmut.estimated_worst_case_time = place
        mutmut.print_stats = _now_and_then(mutmut.print_stats)
        # Asked at each call of the verifier: the environment would be slow to look into.
        trampoline.get_mutant_under_test = lambda: trampoline._mutant_under_test or ""  # noqa: SLF001
        os.chdir(ROOT)
        mutmut._run(patterns, CHILDREN)  # noqa: SLF001  meant to be called

    loop = Loop(work)
    os.chdir("mutants")
    told = [*config().pytest_add_cli_args, *config().pytest_add_cli_args_test_selection]
    pytest.main(["--rootdir=.", *told], plugins=[loop])
    os.chdir(ROOT)
    return loop.done


def _now_and_then(show: Callable[..., None]) -> Callable[..., None]:
    """Count thousands of results every few seconds, not after each of them."""
    last = 0.0

    def shown(*results: Any, **how: Any) -> None:
        nonlocal last
        if how or time.monotonic() > last + 5:
            last = time.monotonic()
            show(*results, **how)

    return shown


def _counts(path: Path) -> Counter[str]:
    data = SourceFileMutationData(path=path)
    data.load()
    statuses = [status_by_exit_code[code] for code in data.exit_code_by_key.values()]
    counts = Counter("untested" if each == _UNTESTED else each for each in statuses)
    code = path.read_text()
    module, mutations, *_ = _every_mutation(str(path), code)
    inside = [each for each in mutations if each.contained_by_top_level_function]
    counts["words"] = sum(_is_words(module, each) for each in inside)
    return counts


def main() -> int:
    """Run, print, and tell whether the score is high enough."""
    _prepare()
    if not _run(sys.argv[1:]):
        return 1
    modules = {path.stem: _counts(path) for path in sorted(walk_mutatable_files())}
    print(table(modules))
    return 0 if score(sum(modules.values(), Counter())) >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
