"""Checkpoints against the entries, the organisation's records and what the user kept."""

import json
from typing import Any

import pytest

from ledger.verifier.checkpoints import Facts, RootJudge
from ledger.verifier.findings import Findings
from ledger.verifier.hashes import origin_id
from ledger.verifier.notes import (
    Checkpoint,
    Note,
    NoteLine,
    VKey,
    checkpoint_text,
    cosigned_message,
    note_bytes,
    parse_checkpoint,
    parse_note,
)
from ledger.verifier.single_files import read_receipt
from tests.ledger.verifier.world import (
    DATA,
    ORG,
    P1,
    PRIVATE,
    PUBLIC,
    World,
    faults,
    signed,
    vkey,
)

WITNESS = VKey.for_witness("witness.example/w1", PUBLIC[1])


def stored(world: World, name: str, content: bytes) -> None:
    world.also = lambda files: files.update({world.p1.folder + name: content})


def reference(size: int, root: bytes, *epochs: int, origin: str = P1) -> Any:
    note = parse_note(signed(origin, checkpoint_text(Checkpoint(origin, size, root)), *epochs))
    return note, parse_checkpoint(note)


def told(**brought: Any) -> dict[str, set[tuple[str, int | None]]]:
    return faults(World().verify(**brought))


@pytest.mark.parametrize("name", ["checkpoint", "checkpoints/6"])
def test_a_checkpoint_has_its_form_and_its_place(name: str) -> None:
    world = World()
    stored(world, name, b"x")
    assert faults(world.verify()) == {P1: {("L401", None)}}
    stored(world, name, world.org.note(5))
    assert faults(world.verify()) == {P1: {("L403", None)}}


def test_a_checkpoint_has_the_size_of_its_place() -> None:
    world = World()
    stored(world, "checkpoint", world.p1.note(6))
    report = world.verify()
    assert faults(report) == {P1: {("L403", None), ("L407", None)}}
    assert report.streams[1].completeness == "failed"
    world = World()
    stored(world, "checkpoints/6", world.p1.note(12))
    assert faults(world.verify()) == {P1: {("L403", None)}}


def test_a_tail_has_a_checkpoint() -> None:
    world = World()
    world.p1.sizes = [6, 10]
    world.org.entries[4].pay(size=10)
    world.without_anchor()
    report = world.verify()
    assert faults(report) == {P1: {("L407", None)}}
    assert [s.integrity for s in report.streams] == ["ok", "ok"]
    assert [s.completeness for s in report.streams] == ["ok", "failed"]


@pytest.mark.parametrize("size", [6, 12])
def test_a_root_is_that_of_the_entries(size: int) -> None:
    world = World()
    world.p1.roots[size] = bytes(32)
    world.follow = False
    report = world.verify()
    assert faults(report) == {P1: {("L404", 0 if size == 6 else 6)}}
    assert report.streams[1].completeness == ("ok" if size == 6 else "unknown")


def test_a_root_is_right_or_not() -> None:
    roots, findings = RootJudge(Facts(P1, 7, {5: b"a", 7: b"c"}), "L404", "It"), Findings()
    asked = [(5, b"a"), (6, b"b"), (7, b"x"), (7, b"c"), (8, b"d")]
    assert [roots.judge(*one, findings) for one in asked] == [True, False, False, True, False]
    assert [f[:2] for f in findings.all()] == [(5, "L404"), (5, "L404"), (7, "L406")]


def test_the_manifest_gives_the_root() -> None:
    world = World()
    world.told = lambda m: m["streams"][1].update(root="0" * 64)
    report = world.verify()
    assert faults(report) == {P1: {("L404", 0)}}
    assert report.streams[1].completeness == "unknown"


def test_a_checkpoint_beyond_the_entries_is_found() -> None:
    world = World()
    world.p1.sizes = [6, 12, 20]
    world.p1.roots[20] = bytes(32)
    assert ("L406", 12) in faults(world.verify())[P1]


def test_every_checkpoint_is_recorded() -> None:
    for at, size in ((3, 6), (4, 12)):
        world = World()
        world.org.entries[at].pay(size=7)
        world.without_anchor()
        found = faults(world.verify())
        assert found[P1] == {("L408", None)}
        assert size
        world.org.entries[1].kind = 2  # what a hidden body says is not known
        world.manifest["withheld"].insert(
            0,
            {
                "commitment": world.org.leaves()[1][-32:].hex(),
                "origin": ORG,
                "reason": "x",
                "seq": 1,
            },
        )
        assert P1 not in faults(world.verify())


def test_every_record_agrees_with_the_entries() -> None:
    for at, good in ((3, 0), (4, 6)):
        world = World()
        world.follow = False
        world.org.entries[at].pay(root="0" * 64)
        assert faults(world.verify())[P1] == {("L405", good)}
    world = World()
    world.org.entries.append(world.org.entries[4])
    world.org.entries[5].sealed_us += 1
    world.org.sizes = [4, 5, 6]
    world.org.entries[5].pay(size=13)
    report = world.verify()
    assert ("L406", 12) in faults(report)[P1]
    assert report.streams[1].completeness == "failed"


@pytest.mark.parametrize(
    "fields",
    [
        {"root": "x"},
        {"root": None},
        {"size": 0},
        {"size": True},
        {"size": -1},
        {"size": "6"},
        {"origin": "x"},
        {"origin": 1},
        {"origin": ORG},
        {"origin": "example.net/ledger/p/p1"},
        {"key_id": "x"},
        {"key_id": 1},
        {"key_id": "0" * 7},
        {"key_id": "G" * 8},
        {"key_id": "X" * 8},
        {"key_id": "A" * 8},
    ],
    ids=str,
)
def test_a_record_has_its_form(fields: dict[str, Any]) -> None:
    world = World()
    world.follow = False
    world.org.entries[3].pay(**fields)
    found = faults(world.verify())
    assert found[ORG] == {("L304", 3)}
    assert found[P1] == {("L408", None)}


def left_out(world: World, size: int, root: bytes, **more: Any) -> None:
    """List p/p2, which is not included, and record a checkpoint of it."""
    listed = {"included": False, "reason": "x", "origin": "example.org/ledger/p/p2"}
    listed |= {"id": "68dcaeb38c7dd1dbe6bd1dc1d9a1a5b8", "size": size, "root": root.hex()}
    world.told = lambda m: m["streams"].append(listed | more)


def recorded(world: World, size: int) -> None:
    entry = world.org.entries[4]
    entry.pay(origin="example.org/ledger/p/p2", size=size, root="11" * 32)
    entry.pay(key_id=vkey("example.org/ledger/p/p2").key_id.hex())
    world.p1.sizes = [6]
    world.p1.entries = world.p1.entries[:6]
    world.without_anchor()


def test_every_recorded_stream_is_listed() -> None:
    world = World()
    recorded(world, 5)
    report = world.verify()
    assert faults(report)[ORG] == {("L408", None)}
    assert report.streams[0].completeness == "failed"
    assert report.streams[0].integrity == "ok"


def test_a_stream_that_is_left_out_is_listed_with_its_newest_head() -> None:
    own = {"id": origin_id("example.org/ledger/p/p2").hex()}
    for size, root, expected in (
        (5, b"\x11" * 32, set()),
        (6, b"\x11" * 32, {("L405", 4)}),
        (5, b"\x12" * 32, {("L405", 4)}),
    ):
        world = World()
        recorded(world, 5)
        left_out(world, size, root, **own)
        found = faults(world.verify())
        assert found.get(ORG, set()) == expected
    world = World()
    left_out(world, 5, bytes(32), **own)
    assert faults(world.verify()) == {ORG: {("L408", None)}}


def test_a_reference_agrees_with_the_entries() -> None:
    p1 = World().p1
    six, twelve = p1.root(6), p1.root(12)
    assert told(references=[reference(6, six, 0), reference(12, twelve, 0)]) == {}
    other = reference(12, bytes(32), 0)
    assert told(references=[other]) == {P1: {("L405", 0)}}
    assert told(references=[other, reference(6, six, 0)]) == {P1: {("L405", 6)}}
    assert told(references=[reference(13, twelve, 0)]) == {P1: {("L406", 12)}}
    assert told(references=[reference(12, twelve, 1)]) == {P1: {("L402", None)}}
    elsewhere = reference(1, bytes(32), 0, origin="example.org/ledger/p/p2")
    assert told(references=[elsewhere]) == {ORG: {("L408", None)}}


def test_a_receipt_agrees_with_the_entry() -> None:
    for name in ("receipt-p1-6.json", "receipt-p1-6-early.json"):
        told_receipt = json.loads((DATA / name).read_text())
        good = read_receipt((DATA / name).read_bytes())
        assert told(receipts=[good]) == {}
        other = good._replace(hash=bytes(32), proof=[], checkpoint=None)
        assert told(receipts=[other]) == {P1: {("L704", 6)}}
        far = other._replace(seq=12)
        assert told(receipts=[far]) == {P1: {("L406", 12)}}
        assert told(receipts=[far._replace(seq=1 << 50)]) == {P1: {("L406", 12)}}
        assert told(receipts=[far._replace(origin="example.org/ledger/p/p2")]) == {
            "": {("L704", 12)}
        }
        assert told_receipt["seq"] == 6


def test_the_checkpoint_of_a_receipt_agrees_too() -> None:
    good = read_receipt((DATA / "receipt-p1-6.json").read_bytes())
    note, checkpoint = reference(12, bytes(32), 0)
    forged = good._replace(note=note, checkpoint=checkpoint)
    assert told(receipts=[forged]) == {P1: {("L702", 6), ("L405", 0)}}
    note, checkpoint = reference(12, World().p1.root(12), 1)
    assert told(receipts=[good._replace(note=note)]) == {P1: {("L402", None)}}
    note, checkpoint = reference(13, bytes(32), 0)
    found = told(receipts=[good._replace(note=note, checkpoint=checkpoint)])
    assert found == {P1: {("L702", 6), ("L406", 12)}}
    note, checkpoint = reference(5, bytes(32), 0, origin=ORG)
    found = told(receipts=[good._replace(note=note, checkpoint=checkpoint)])
    assert found == {P1: {("L403", None)}}


def cosigned(world: World, time: int = 1_790_000_600) -> None:
    """Let the witness cosign the newest checkpoints of all streams."""

    def also(files: dict[str, bytes]) -> None:
        for stream in world.streams.values():
            note = parse_note(files[stream.folder + "checkpoint"])
            signature = PRIVATE[1].sign(cosigned_message(time, note.text))
            line = NoteLine(WITNESS.name, WITNESS.key_id, time.to_bytes(8, "big") + signature)
            files[stream.folder + "checkpoint"] = note_bytes(
                Note(note.text, [*note.lines, line])
            )

    world.also = also


def test_one_of_the_witnesses_cosigned_the_newest_checkpoint() -> None:
    world = World()
    cosigned(world)
    stranger = VKey.for_witness("witness.example/w2", PUBLIC[1])
    assert faults(world.verify(witnesses=[WITNESS])) == {}
    assert faults(world.verify(witnesses=[stranger, WITNESS])) == {}
    report = world.verify(witnesses=[stranger])
    assert faults(report) == {P1: {("L409", None)}, ORG: {("L409", None)}}
    assert [(s.integrity, s.completeness) for s in report.streams] == [("ok", "failed")] * 2
    assert ("L409", None) in faults(World().verify(witnesses=[WITNESS]))[P1]
