"""What the signer remembers: durable, its own, and one signer at a time."""

import multiprocessing
from pathlib import Path

import pytest

from ledger import signer_state
from ledger.signer_state import BusyError, Epoch, KeyHistory, SignerState, StateError
from ledger.signing_keys import UnsafePlaceError

ORG = "example.org/ledger/org"
PROJECT = "example.org/ledger/p/one"
FIRST = KeyHistory((Epoch(0, bytes(32), None),))
ROTATED = KeyHistory((*FIRST.epochs, Epoch(1, b"\x01" * 32, 4)), Epoch(2, b"\x02" * 32, None))


def state(tmp_path: Path) -> SignerState:
    return SignerState(tmp_path / "signer", ORG)


def test_nothing_is_remembered_at_first(tmp_path: Path) -> None:
    new = state(tmp_path)

    assert (new.note(PROJECT), new.notes(), new.history(), new.succession(1)) == (
        None,
        [],
        None,
        None,
    )
    assert not new.folder.exists()


def test_notes_and_keys_are_read_back(tmp_path: Path) -> None:
    for origin in (PROJECT, ORG):
        state(tmp_path).keep_note(origin, f"{origin}\n")
    state(tmp_path).keep_history(ROTATED)
    state(tmp_path).keep_succession(1, "handed on\n")

    again = state(tmp_path)
    assert again.note(PROJECT) == f"{PROJECT}\n"
    assert sorted(again.notes()) == sorted([f"{PROJECT}\n", f"{ORG}\n"])
    assert (again.history(), again.succession(1)) == (ROTATED, "handed on\n")


def test_the_key_in_force_is_the_newest_that_began_before(tmp_path: Path) -> None:
    assert [ROTATED.at(size).number for size in (1, 4, 5, 99)] == [0, 0, 1, 1]


def test_keys_are_read_once_by_who_works_alone_and_each_time_by_others(tmp_path: Path) -> None:
    one, other = state(tmp_path), state(tmp_path)
    one.keep_history(FIRST)
    with one.alone():
        first = one.history()
        again = one.history()
        one.keep_history(ROTATED)
        changed = one.history()
    other.keep_history(FIRST)

    assert first is again
    assert (first, changed) == (FIRST, ROTATED)
    assert one.history() == FIRST
    assert one.history() is not one.history()


def test_the_folder_of_another_site_is_refused(tmp_path: Path) -> None:
    state(tmp_path).keep_history(FIRST)

    with pytest.raises(StateError, match="LEDGER_SITE"):
        SignerState(tmp_path / "signer", "example.com/ledger/org").history()


@pytest.mark.parametrize(
    "damage",
    [b"", b"{}", b"[]", b"\xff", b'{"coming":null,"epochs":[],"org":"x","schema":"other"}'],
)
def test_damage_is_named(tmp_path: Path, damage: bytes) -> None:
    state(tmp_path).keep_history(FIRST)
    (tmp_path / "signer" / "keys.json").write_bytes(damage)

    with pytest.raises(StateError, match="damaged"):
        state(tmp_path).history()


def test_a_memory_that_others_could_change_is_refused(tmp_path: Path) -> None:
    state(tmp_path).keep_note(ORG, "note\n")
    (note,) = (tmp_path / "signer" / "streams").iterdir()
    note.chmod(0o666)

    with pytest.raises(UnsafePlaceError, match="chmod 600"):
        state(tmp_path).note(ORG)


def test_a_note_that_is_given_up_is_kept_aside(tmp_path: Path) -> None:
    remembered = state(tmp_path)
    remembered.keep_note(ORG, "old\n")

    remembered.give_up(ORG, 7)
    remembered.keep_note(ORG, "new\n")

    (lost,) = (tmp_path / "signer" / "lost").iterdir()
    assert (lost.read_text(), lost.name.endswith(".7.note")) == ("old\n", True)


def _hold(folder: Path, holding: object, release: object) -> None:
    with SignerState(folder, ORG).alone():
        holding.set()  # type: ignore[attr-defined]
        release.wait(30)  # type: ignore[attr-defined]


def test_two_signers_never_work_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signer_state, "WAIT_SECONDS", 0.1)
    processes = multiprocessing.get_context("spawn")
    holding, release = processes.Event(), processes.Event()
    mine = state(tmp_path)
    other = processes.Process(target=_hold, args=(mine.folder, holding, release))
    other.start()
    assert holding.wait(30)

    with pytest.raises(BusyError, match="Another signer"), mine.alone():
        pytest.fail("two at once")
    other.kill()  # whoever dies lets go
    other.join()

    with mine.alone(), mine.alone():
        pass
    with mine.alone():
        pass
