"""Our own witness: it cosigns what extends what it saw, and never two histories."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.anchors.add_checkpoint import request_body
from ledger.anchors.witness import SIZE_TYPE, Reply, Witness, WitnessError
from ledger.hashing import origin_id
from ledger.verifier.notes import VKey, cosigned_at, parse_note
from tests.ledger.anchors.histories import ORG, PROJECT, History, history
from tests.ledger.anchors.witnessing import NAME

NOON = 1_790_000_000


class Clock:
    def __init__(self) -> None:
        self.now = float(NOON)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def log() -> History:
    return history(8)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def witness(tmp_path: Path, log: History, clock: Clock) -> Iterator[Witness]:
    made = Witness(tmp_path / "w", NAME, [log.vkey], clock)
    yield made
    made.close()


def ask(witness: Witness, log: History, size: int, old: int, proof: object = None) -> Reply:
    sent = log.proof(old, size) if proof is None else proof
    return witness.add_checkpoint(request_body(old, sent, log.note(size)))  # type: ignore[arg-type]


def cosigned(witness: Witness, log: History, size: int, reply: Reply) -> int | None:
    """Return the time of the cosignature in a reply; None if it is none."""
    text = parse_note(log.note(size).encode()).text
    (line,) = parse_note(f"{text}\n{reply.body}".encode()).lines
    return cosigned_at(line, text, witness.vkey)


def test_it_cosigns_a_log_as_it_grows(witness: Witness, log: History, clock: Clock) -> None:
    for old, size in ((0, 3), (3, 5), (5, 8), (8, 8)):
        clock.now += 60
        reply = ask(witness, log, size, old)

        assert reply.status == 200
        assert cosigned(witness, log, size, reply) == clock.now
        assert witness.size_of(ORG) == size


def test_the_example_of_the_specification_is_read() -> None:
    line = (
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlr"
        "DJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    )
    (parsed,) = parse_note(f"text\n\n{line}".encode()).lines

    assert int.from_bytes(parsed.signature[:8], "big") == 1679315147


@pytest.mark.parametrize(
    ("size", "old", "status"),
    [
        pytest.param(8, 0, 409, id="from nothing, though something was seen"),
        pytest.param(8, 4, 409, id="from less than was seen"),
        pytest.param(8, 6, 409, id="from more than was seen"),
        pytest.param(3, 3, 409, id="back to less"),
        pytest.param(3, 5, 400, id="from more than the checkpoint"),
    ],
)
def test_an_old_size_that_is_not_the_one_seen_is_told(
    witness: Witness, log: History, size: int, old: int, status: int
) -> None:
    ask(witness, log, 5, 0)

    reply = ask(witness, log, size, old)

    assert reply.status == status
    if status == 409:
        assert (reply.body, reply.content_type) == ("5\n", SIZE_TYPE)
    assert witness.size_of(ORG) == 5


def test_a_proof_that_does_not_lead_there_is_refused(witness: Witness, log: History) -> None:
    ask(witness, log, 5, 0)
    good = log.proof(5, 8)

    for proof in ([], good[:-1], [*good, good[0]], good[::-1], log.proof(4, 8)):
        assert ask(witness, log, 8, 5, proof).status == 422
    assert ask(witness, log, 5, 5, [log.root()]).status == 422
    assert ask(witness, log, 8, 5, good).status == 200


def test_a_first_checkpoint_with_a_proof_is_refused(witness: Witness, log: History) -> None:
    assert ask(witness, log, 8, 0, [log.root()]).status == 422
    assert witness.size_of(ORG) == 0


@pytest.mark.parametrize("size", [5, 6, 8, 9])
def test_another_history_is_never_cosigned(witness: Witness, log: History, size: int) -> None:
    ask(witness, log, 5, 0)
    other = log.fork(4, *"vwxyz")

    for old in range(size + 1):
        assert ask(witness, other, size, old).status in (409, 422)
    assert witness.size_of(ORG) == 5


def test_two_checkpoints_of_one_size_are_kept_as_proof(
    witness: Witness, log: History, tmp_path: Path
) -> None:
    ask(witness, log, 5, 0)
    other = log.fork(4, "another")

    reply = ask(witness, other, 5, 5)

    kept = sorted((tmp_path / "w" / "contradictions").iterdir())
    assert (reply.status, reply.content_type) == (409, SIZE_TYPE)
    assert [path.read_text() for path in kept] == [log.note(5), other.note(5)]


def test_other_logs_and_keys_are_refused(witness: Witness, log: History) -> None:
    stranger = history(3, "example.org/ledger-2/org")
    thief = History(ORG, leaves=log.leaves)

    assert ask(witness, stranger, 3, 0).status == 404
    assert ask(witness, thief, 3, 0).status == 403
    forged = log.note(3).replace("AAAA", "AAAB").replace("\n3\n", "\n4\n")
    assert witness.add_checkpoint(request_body(0, [], forged)).status == 403


def test_the_key_of_an_organisation_opens_its_projects_and_no_other_site(
    witness: Witness, log: History
) -> None:
    project = History(PROJECT, log.key).grow("a", "b")
    elsewhere = History("example.org/other/p/one", log.key).grow("a")

    assert ask(witness, project, 2, 0).status == 200
    assert ask(witness, elsewhere, 1, 0).status == 404


def test_the_key_of_a_project_opens_that_project_alone(tmp_path: Path) -> None:
    project = history(2, PROJECT)
    witness = Witness(tmp_path, NAME, [project.vkey])
    organisation = History(ORG, project.key).grow("a")

    assert ask(witness, project, 2, 0).status == 200
    assert ask(witness, organisation, 1, 0).status == 404
    witness.close()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n\n",
        b"old -1\n\nnote",
        b"old 01\n\nnote",
        b"old 99999999999999999999\n\n",
        b"new 0\n\n",
        b"old 0\nAAAA\n\n",
        b"old 0\n" + b"A" * 44 + b"\n\n",
        b"old 0\n" + b"\xff\n\n",
        b"x" * 70_000,
    ],
)
def test_what_is_no_request_is_refused(witness: Witness, body: bytes) -> None:
    assert witness.add_checkpoint(body).status == 400


def test_64_lines_of_proof_are_too_many(witness: Witness, log: History) -> None:
    assert ask(witness, log, 8, 0, [log.root()] * 64).status == 400
    assert ask(witness, log, 8, 0, [log.root()] * 63).status == 422


def test_a_checkpoint_of_nothing_is_refused(witness: Witness, log: History) -> None:
    empty = log.note(1).replace("\n1\n", "\n0\n")

    assert witness.add_checkpoint(request_body(0, [], empty)).status == 400


def test_it_remembers_after_a_restart(tmp_path: Path, log: History) -> None:
    first = Witness(tmp_path, NAME, [log.vkey])
    ask(first, log, 5, 0)
    first.close()

    again = Witness(tmp_path, NAME, [log.vkey])

    assert again.vkey == first.vkey
    assert ask(again, log.fork(4, *"abcd"), 8, 5).status == 422
    assert ask(again, log, 8, 5).status == 200
    again.close()


def test_two_do_not_work_in_one_folder(tmp_path: Path, log: History) -> None:
    first = Witness(tmp_path, NAME, [log.vkey])
    with pytest.raises(WitnessError, match="Another witness"):
        Witness(tmp_path, NAME, [log.vkey])
    first.close()


def state_file(folder: Path, origin: str = ORG) -> Path:
    return folder / "streams" / f"{origin_id(origin).hex()}.json"


@pytest.mark.parametrize("lost", [True, False])
def test_a_memory_that_was_set_back_is_refused_at_start(
    tmp_path: Path, log: History, lost: bool
) -> None:
    witness = Witness(tmp_path, NAME, [log.vkey])
    ask(witness, log, 3, 0)
    older = state_file(tmp_path).read_bytes()
    ask(witness, log, 5, 3)
    ask(witness, log, 8, 5)
    witness.close()

    if lost:
        state_file(tmp_path).unlink()
    else:
        state_file(tmp_path).write_bytes(older)

    with pytest.raises(WitnessError, match="older than its counter"):
        Witness(tmp_path, NAME, [log.vkey])


@pytest.mark.parametrize("content", [b"", b"[1]", b'{"origin": "x", "more": 1}', b"\xff"])
def test_a_damaged_memory_is_refused_at_start(
    tmp_path: Path, log: History, content: bytes
) -> None:
    witness = Witness(tmp_path, NAME, [log.vkey])
    ask(witness, log, 3, 0)
    witness.close()
    state_file(tmp_path).write_bytes(content)

    for _ in range(2):  # and it leaves the folder to whoever mends it
        with pytest.raises(WitnessError, match="is damaged"):
            Witness(tmp_path, NAME, [log.vkey])


def test_a_clock_that_went_back_stops_it(witness: Witness, log: History, clock: Clock) -> None:
    ask(witness, log, 3, 0)
    clock.now -= 30
    slightly = ask(witness, log, 4, 3)
    clock.now -= 3600
    far = ask(witness, log, 5, 4)

    assert cosigned(witness, log, 4, slightly) == NOON  # never before the last one
    assert (far.status, witness.size_of(ORG)) == (503, 4)


def test_what_it_cannot_remember_it_does_not_cosign(
    witness: Witness, log: History, tmp_path: Path
) -> None:
    ask(witness, log, 3, 0)
    streams = tmp_path / "w" / "streams"
    shutil.rmtree(streams)
    streams.write_text("no folder any more")

    reply = ask(witness, log, 5, 3)

    assert reply.status == 503
    assert witness.size_of(ORG) == 3


def test_what_is_remembered_is_durable_before_it_signs(
    witness: Witness, log: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def sign(epoch: int, message: bytes) -> bytes:
        seen.append(json.loads(state_file(tmp_path / "w").read_text())["size"])
        raise ZeroDivisionError

    monkeypatch.setattr(witness._keys, "sign", sign)  # noqa: SLF001
    with pytest.raises(ZeroDivisionError):
        ask(witness, log, 5, 0)

    assert seen == [5]


def test_a_witness_is_no_log(tmp_path: Path) -> None:
    with pytest.raises(WitnessError, match="by its own vkey"):
        Witness(tmp_path, NAME, [VKey.for_witness("w", bytes(32))])
