"""Keys: which are listed, handed on, in force, and which the user's own key vouches for."""

from collections.abc import Callable
from typing import Any

import pytest

from ledger.verifier.notes import VKey, parse_note
from ledger.verifier.strict_json import JsonError, dumps
from ledger.verifier.trust import Epoch, Trust, read_keys
from tests.ledger.verifier.world import (
    ORG,
    P1,
    PUBLIC,
    World,
    faults,
    rotated,
    signed,
    succession,
    vkey,
)


def keys(change: Callable[[Any], Any]) -> Callable[[World], Any]:
    return lambda world: change(world.keys)


def one(number: int, **fields: Any) -> Callable[[World], Any]:
    return lambda world: world.keys["keys"][number].update(fields)


@pytest.mark.parametrize(
    "change",
    [
        keys(lambda k: k.update(more=1)),
        keys(lambda k: k.update(schema="ledger.keys/2")),
        keys(lambda k: k.update(org=P1)),
        keys(lambda k: k.update(keys=[])),
        keys(lambda k: k.update(keys={})),
        keys(lambda k: k["keys"].append(1)),
        keys(lambda k: k["keys"].reverse()),
        keys(lambda k: k["keys"].append(dict(k["keys"][1], epoch=2))),
        keys(lambda k: k["keys"].append(dict(k["keys"][1], epoch=2, rotated_seq=5))),
        one(0, rotated_seq=0),
        one(0, more=1),
        one(0, epoch=False),
        one(1, epoch=True),
        one(1, epoch=2),
        one(1, rotated_seq=None),
        one(1, rotated_seq="4"),
        one(1, vkey=1),
        one(1, vkey="x"),
        one(1, vkey=str(vkey(P1, 1))),
        one(1, vkey=str(VKey.for_witness(ORG, PUBLIC[1]))),
    ],
)
def test_keys_of_another_form_are_found(change: Callable[[World], Any]) -> None:
    world = rotated()
    change(world)
    found = faults(world.verify())
    assert ("L501", None) in found[""]
    assert found.keys() > {""}


@pytest.mark.parametrize(
    "note",
    [
        None,
        b"x",
        succession(1, 0),
        succession(1, 1),
        succession(1, 0)[:-3] + b"AA==\n",
        signed(ORG, "ledger/v1 key succession\nexample.org/ledger/org\n1\n", 0, 1),
        signed(ORG, parse_note(succession(1, 0)).text.replace("\n1\n", "\n2\n"), 0, 1),
        signed(P1, parse_note(succession(1, 0)).text, 0, 1),
    ],
)
def test_a_key_that_was_not_handed_on_is_found(note: bytes | None) -> None:
    world = rotated()
    world.kept.pop("keys/1.note")
    if note is not None:
        world.kept["keys/1.note"] = note
    old, new = world.verify(), world.verify(vkey(epoch=1))
    assert faults(old)[ORG] >= {("L502", 4), ("L402", None)}
    assert faults(new)[ORG] >= {("L502", 4), ("L402", None)}
    assert {stream.completeness for stream in old.streams} <= {"unknown", "failed"}


def test_both_keys_in_either_order_hand_it_on() -> None:
    for signers in ((0, 1), (1, 0)):
        world = rotated()
        world.kept["keys/1.note"] = succession(1, *signers)
        assert faults(world.verify()) == {}


@pytest.mark.parametrize(
    "fields", [{"epoch": 2}, {"old_vkey": str(vkey(P1))}, {"new_vkey": "x"}, {"epoch": "1"}]
)
def test_the_rotation_says_what_the_keys_say(fields: dict[str, Any]) -> None:
    world = rotated()
    world.org.entries[4].pay(**fields)
    assert faults(world.verify()) == {ORG: {("L503", 4)}}


def test_a_rotation_is_an_entry_there() -> None:
    world = rotated()
    world.org.entries[4].change(event="key.turned")
    assert faults(world.verify()) == {ORG: {("L503", 4)}}
    world = rotated()
    world.keys["keys"][1]["rotated_seq"] = 3
    assert ("L503", 3) in faults(world.verify())[ORG]
    assert ("L503", 4) in faults(world.verify())[ORG]
    world = rotated()
    world.keys["keys"].pop()
    world.kept.pop("keys/1.note")
    assert ("L503", 4) in faults(world.verify())[ORG]


@pytest.mark.parametrize("epochs", [(0,), (1,)])
def test_the_first_checkpoint_after_a_rotation_has_both_signatures(
    epochs: tuple[int, ...],
) -> None:
    world = rotated()
    world.org.epochs[5] = epochs
    assert ("L504", 4) in faults(world.verify())[ORG]


def test_a_rotation_after_the_last_checkpoint_is_found() -> None:
    world = rotated()
    world.keys["keys"][1]["rotated_seq"] = 6
    assert ("L504", 6) in faults(world.verify())[ORG]


def test_a_checkpoint_has_the_key_in_force() -> None:
    world = rotated()
    world.org.epochs[6] = (0,)
    assert faults(world.verify()) == {ORG: {("L505", None)}}
    world = rotated()
    world.org.epochs[4] = (1,)
    assert faults(world.verify()) == {ORG: {("L505", None)}}
    world = rotated()
    world.p1.epochs[12] = (0,)
    report = world.verify()
    assert faults(report) == {P1: {("L505", None)}}
    assert report.streams[1].completeness == "unknown"
    world = rotated()
    world.signers = (0,)
    assert faults(world.verify()) == {"": {("L107", None), ("L505", None)}}


def test_a_record_names_the_key_in_force() -> None:
    world = rotated()
    world.org.entries[5].pay(key_id=vkey(P1, 0).key_id.hex())
    assert faults(world.verify()) == {P1: {("L505", None)}}


def test_without_a_key_nothing_is_vouched_for() -> None:
    report = rotated().verify(VKey.for_origin("example.net/ledger/p/x", PUBLIC[0]))
    assert faults(report) == {}
    assert [stream.completeness for stream in report.streams] == ["unknown", "unknown"]
    assert report.exit_code() == 3
    assert all("N902" in stream.findings.codes() for stream in report.streams)


def test_the_key_of_one_stream_vouches_for_it_alone() -> None:
    report = rotated().verify(vkey(P1, 0))
    assert faults(report) == {}
    assert [stream.completeness for stream in report.streams] == ["unknown", "ok"]
    assert report.exit_code() == 3


def test_a_signature_of_a_known_key_that_fails_refuses_the_note() -> None:
    world = World()

    def also(files: dict[str, bytes]) -> None:
        path = world.p1.folder + "checkpoint"
        at = files[path].rindex(b"=") - 8
        files[path] = files[path][:at] + bytes([files[path][at] ^ 1]) + files[path][at + 1 :]

    world.also = also
    assert faults(world.verify()) == {P1: {("L402", None)}}
    assert faults(world.verify(vkey("example.org/ledger/p/other"))) == {P1: {("L402", None)}}


def listed(*rotations: int | None, org: str = ORG) -> bytes:
    publics = [bytes([number + 1]) * 32 for number in range(len(rotations))]
    told = [
        {"epoch": n, "rotated_seq": at, "vkey": str(VKey.for_origin(ORG, publics[n]))}
        for n, at in enumerate(rotations)
    ]
    return dumps({"keys": told, "org": org, "schema": "ledger.keys/1"})


def test_keys_are_listed_in_the_order_of_their_rotations() -> None:
    assert [epoch.rotated_seq for epoch in read_keys(listed(None, 0, 9), ORG)] == [None, 0, 9]
    for wrong in (listed(None, 9, 4), listed(None, 4, 4), listed(None, 4, 9, org=P1)):
        with pytest.raises(JsonError):
            read_keys(wrong, ORG)


def chain(*rotations: int | None) -> Trust:
    """Return the trust in a site whose keys are numbered, without their notes."""
    epochs = [Epoch(at, vkey(ORG, number % 2)) for number, at in enumerate(rotations)]
    return Trust(ORG, epochs, [])


def test_a_key_is_in_force_after_its_rotation() -> None:
    trust = chain(None, 4, 9)
    assert [trust.in_force(n) for n in (0, 4, 5, 9, 10, 99)] == [0, 0, 1, 1, 2, 2]


def test_trust_passes_in_both_directions_and_not_over_a_gap() -> None:
    publics = [bytes([number]) * 32 for number in range(5)]
    epochs = [Epoch(n or None, VKey.for_origin(ORG, p)) for n, p in enumerate(publics)]
    for brought in range(5):
        trust = Trust(ORG, epochs, [VKey.for_origin(ORG, publics[brought])])
        assert trust.trusted(P1) == {brought}
        trust._links = {1, 2, 4}  # noqa: SLF001  as if these notes had been valid
        assert trust.trusted(P1) == ({0, 1, 2} if brought < 3 else {3, 4})
        assert trust.trusted("example.net/ledger/p/p1") == set()
