"""What only somebody outside can find: a witness that remembers.

Rows 11, 13, 18-20, 42, 44 and 56 of the matrix.
Each case also asks a witness without memory, or without the pinned key: it cosigns.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.anchors.add_checkpoint import request_body
from ledger.anchors.witness import Reply, Witness, WitnessError
from ledger.verifier.notes import VKey
from tests.ledger.anchors.histories import ORG, History, history
from tests.ledger.anchors.witnessing import NAME

NOON = 1_790_000_000.0
SEEN = 5  # what the witness cosigned of the honest log
Shown = Callable[[History], tuple[History, int, int]]  # the history, its size, from what size


def witness(folder: Path, log: VKey) -> Witness:
    return Witness(folder, NAME, [log], lambda: NOON)


def ask(asked: Witness, log: History, size: int, old: int) -> Reply:
    return asked.add_checkpoint(request_body(old, log.proof(old, size), log.note(size)))


def suffix_signed_again(log: History) -> tuple[History, int, int]:
    """Row 11: with the stolen key."""
    return log.fork(3, "another", "word", "from", "here", "on"), 8, SEEN


def tail_cut(log: History) -> tuple[History, int, int]:
    """Row 13: what was anchored is gone, and the log goes on shorter."""
    return log.fork(3, "instead"), 4, 3


def two_histories(log: History) -> tuple[History, int, int]:
    """Row 18: another root for the size that was seen."""
    return log.fork(4, "another"), SEEN, SEEN


def new_identity(log: History) -> tuple[History, int, int]:
    """Row 19: a valid log of the same name, with another key."""
    return history(8), 8, 0


def old_backup(log: History) -> tuple[History, int, int]:
    """Row 20: the log as it was."""
    return log, 3, 0


def rotation_without_the_old_key(log: History) -> tuple[History, int, int]:
    """Row 42: the same entries, signed by a key that nobody handed on to."""
    return History(ORG, history(1).key, list(log.leaves)), 8, SEEN


def old_checkpoint_served(log: History) -> tuple[History, int, int]:
    """Row 44."""
    return log, 3, 3


CASES: list[tuple[Shown, int]] = [
    (suffix_signed_again, 422),
    (tail_cut, 409),
    (two_histories, 409),
    (new_identity, 403),
    (old_backup, 409),
    (rotation_without_the_old_key, 403),
    (old_checkpoint_served, 409),
]


@pytest.mark.parametrize(("shown", "status"), CASES)
def test_the_witness_refuses(shown: Shown, status: int, tmp_path: Path) -> None:
    log = history(8)
    asked = witness(tmp_path / "w", log.vkey)
    assert ask(asked, log, SEEN, 0).status == 200

    reply = ask(asked, *shown(log))

    assert reply.status == status
    assert asked.size_of(ORG) == SEEN
    kept = list((tmp_path / "w" / "contradictions").glob("*"))
    assert bool(kept) == (shown is two_histories)  # both checkpoints, as proof
    assert ask(asked, log, 8, SEEN).status == 200  # the honest log goes on
    asked.close()


@pytest.mark.parametrize("shown", [shown for shown, _ in CASES])
def test_without_its_mechanism_nobody_refuses(shown: Shown, tmp_path: Path) -> None:
    """A witness that remembers nothing, and trusts whatever key it is shown."""
    forged, size, _ = shown(history(8))
    asked = witness(tmp_path / "w", forged.vkey)

    assert ask(asked, forged, size, 0).status == 200
    asked.close()


def set_back(folder: Path, kept: dict[Path, bytes]) -> None:
    for path, content in kept.items():
        path.write_bytes(content)


def files_of(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_witness_that_was_set_back_in_part_does_not_work(tmp_path: Path) -> None:
    """Row 56: what it saw of the streams is older than what it counted."""
    log, folder = history(8), tmp_path / "w"
    asked = witness(folder, log.vkey)
    ask(asked, log, 3, 0)
    kept = {p: c for p, c in files_of(folder).items() if p.parent.name == "streams"}
    ask(asked, log, SEEN, 3)
    asked.close()

    set_back(folder, kept)

    with pytest.raises(WitnessError, match="older than its counter"):
        witness(folder, log.vkey)
    forgetful = Path(shutil.copytree(folder, tmp_path / "copy"))
    (forgetful / "count").unlink()  # the mechanism: without it, nothing tells
    again = witness(forgetful, log.vkey)
    assert again.size_of(ORG) == 3
    again.close()


def test_of_two_witnesses_one_still_knows(tmp_path: Path) -> None:
    """Row 56: one restored as a whole cosigns the fork; the other does not."""
    log, first = history(8), tmp_path / "first"
    fork = log.fork(3, "another", "word")
    asked = witness(first, log.vkey)
    ask(asked, log, 3, 0)
    kept = files_of(first)
    other = witness(tmp_path / "second", log.vkey)
    ask(other, log, 3, 0)
    for each in (asked, other):
        assert ask(each, log, SEEN, 3).status == 200
    asked.close()
    set_back(first, kept)

    again = witness(first, log.vkey)

    assert ask(again, fork, SEEN, 3).status == 200
    assert ask(other, fork, SEEN, 3).status == 409
    again.close()
    other.close()
