"""run_witness: a process of its own that remembers, whatever kills it."""

import signal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from ledger.anchors.base import AnchorError
from ledger.anchors.witness import Witness
from tests.ledger.anchors.histories import ORG, history
from tests.ledger.anchors.witnessing import NAME, STEPS, as_a_process, submit


def test_it_cosigns_prints_its_vkey_and_ends_when_told(tmp_path: Path) -> None:
    log = history(6)
    with as_a_process(tmp_path, [log.vkey]) as witness:
        assert submit(witness.url, log.head(6), 0).status == 200
        assert witness.vkey.name == NAME
        assert witness.process is not None
        witness.process.send_signal(signal.SIGTERM)
        assert witness.process.wait(20) == 0


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_it_never_cosigns_two_histories(tmp_path: Path, step: str) -> None:
    log = history(3)
    with as_a_process(tmp_path, [log.vkey]) as witness:
        assert submit(witness.url, log.head(3), 0).status == 200
    log.grow("four", "five")
    other = log.fork(4, "another five")

    with as_a_process(tmp_path, [log.vkey], dying=step) as witness:
        with pytest.raises(AnchorError):
            submit(witness.url, log.head(5), 3)  # dies, and answers nothing
        assert witness.process is not None
        assert witness.process.wait(20) == -signal.SIGKILL

    remembered = 3 if step == "before" else 5
    with as_a_process(tmp_path, [log.vkey]) as witness:
        conflict = submit(witness.url, other.head(5), 5)
        assert conflict.status == 409
        assert conflict.body == f"{remembered}\n".encode()
        assert submit(witness.url, log.head(5), remembered).status == 200
        assert submit(witness.url, other.head(5), 5).status == 409
    restarted = Witness(tmp_path, NAME, [log.vkey])
    assert restarted.size_of(ORG) == 5
    restarted.close()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"listen": "8090"}, "--listen is HOST:PORT"),
        ({"listen": "127.0.0.1:70000"}, "--listen is HOST:PORT"),
        ({"listen": "192.0.2.1:8090"}, "Cannot listen at"),
        ({"log": ["nonsense"]}, "This is no vkey"),
        ({"name": "two words"}, "A vkey is made of a name"),
    ],
)
def test_wrong_arguments_are_named(tmp_path: Path, changed: dict[str, Any], said: str) -> None:
    options: dict[str, Any] = {"dir": str(tmp_path), "listen": "127.0.0.1:0", "name": NAME}
    options |= {"log": [str(history(1).vkey)], **changed}

    with pytest.raises(CommandError, match=said):
        call_command("run_witness", **options)


def test_a_second_one_in_the_folder_is_refused(tmp_path: Path) -> None:
    log = history(1)
    first = Witness(tmp_path, NAME, [log.vkey])
    with pytest.raises(CommandError, match="Another witness works"):
        call_command(
            "run_witness",
            dir=str(tmp_path),
            listen="127.0.0.1:0",
            name=NAME,
            log=[str(log.vkey)],
        )
    first.close()
