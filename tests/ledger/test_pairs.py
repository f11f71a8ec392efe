"""Pairs from both sides, compared on disk as a dict would, in memory that does not grow."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.pairs import Kind, Pairs

REFS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=3)
PAIRS = st.lists(st.tuples(REFS, st.sampled_from(["x", "y"])), max_size=12)
MEASURED = """
import sys
from ledger.pairs import Pairs
count = int(sys.argv[1])
with Pairs() as pairs:
    pairs.tell((f"app.thing:{n * 7919 % count:08}", f"{n:064x}") for n in range(count))
    pairs.hold((f"app.thing:{n:08}", f"{n:064x}") for n in range(count))
    found = sum(1 for _ in pairs.disagreements())
used = open("/proc/self/status").read().split("VmHWM:")[1].split()[0]
print(found, int(used) // 1024)
"""


def compared(told: list[tuple[str, str]], held: dict[str, str]) -> dict[str, Kind]:
    """Compare in memory."""
    said, wrong = dict(told), dict[str, Kind]()
    for ref, digest in held.items():
        if ref not in said:
            wrong[ref] = "rows_without_entry"
        elif said.pop(ref) != digest:
            wrong[ref] = "mismatched"
    return wrong | dict.fromkeys(said, "entries_without_row")


@given(PAIRS, PAIRS.map(dict))
def test_what_disagrees_is_what_a_dict_would_say_in_order(
    told: list[tuple[str, str]], held: dict[str, str]
) -> None:
    with Pairs() as pairs:
        pairs.tell(told)
        pairs.hold(held.items())

        assert list(pairs.disagreements()) == sorted(compared(told, held).items())


def test_what_was_told_before_an_error_does_not_count() -> None:
    def broken() -> Iterator[tuple[str, str]]:
        yield "a", "x"
        raise KeyError("b")

    with Pairs() as pairs:
        with pytest.raises(KeyError):
            pairs.tell(broken())
        pairs.tell([("b", "x")])
        pairs.hold([("b", "x")])

        assert list(pairs.disagreements()) == []


def test_a_row_that_is_there_twice_is_explained_once() -> None:
    with Pairs() as pairs:
        pairs.tell([("a", "x")])
        pairs.hold([("a", "x"), ("a", "x")])

        assert list(pairs.disagreements()) == [("a", "rows_without_entry")]


@pytest.mark.parametrize("pair", [(1, "x"), ("a", None), ("a", b"x")])
def test_what_is_no_text_is_refused(pair: tuple[str, str]) -> None:
    with Pairs() as pairs, pytest.raises(TypeError, match="no text"):
        pairs.tell([pair])


def test_memory_does_not_grow_with_the_pairs() -> None:
    used = []
    for count in (20_000, 200_000):
        command = [sys.executable, "-c", MEASURED, str(count)]
        ended = subprocess.run(command, capture_output=True, check=True, text=True)
        found, megabytes = map(int, ended.stdout.split())
        assert found > count // 2
        used.append(megabytes)
    assert used[1] - used[0] <= 16, used
