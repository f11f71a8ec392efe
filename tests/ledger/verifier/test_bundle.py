"""A bundle as a whole: what is noted of a good one, and what is asked of each stream."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ledger.verifier.hashes import origin_id
from ledger.verifier.report import Report
from ledger.verifier.single_files import read_receipt
from ledger.verifier.strict_json import dumps
from tests.ledger.verifier.world import (
    DATA,
    ORG,
    P1,
    World,
    archive,
    faults,
    rotated,
    verified,
    vkey,
)

P2 = "example.org/ledger/p/p2"


def codes(report: Report) -> dict[str, list[str]]:
    """Return every code of a report, notes too, by stream ("" is the bundle)."""
    assert report.bundle is not None
    every = {"": report.bundle} | {s.origin: s.findings for s in report.streams}
    return {origin: sorted(f.code for f in found.all()) for origin, found in every.items()}


def told(world: World) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Return the files and the manifest of a bundle."""
    files: dict[str, bytes] = {}
    manifest: dict[str, Any] = {}
    world.also, world.told = files.update, manifest.update
    world.pack()
    return files, manifest


def test_what_is_noted_of_a_good_bundle() -> None:
    report = World().verify()
    assert codes(report) == {"": ["N903", "N904"], ORG: [], P1: []}
    assert [(s.origin, s.size, s.complete) for s in report.streams] == [
        (ORG, 5, True),
        (P1, 12, True),
    ]
    world = World()
    assert [s.root for s in report.streams] == [world.org.root(5), world.p1.root(12)]
    other = World().verify(vkey("example.net/ledger/org"))
    assert codes(other) == {"": ["N903", "N904"], ORG: ["N902"], P1: ["N902"]}
    assert [s.complete for s in other.streams] == [False, False]


@pytest.mark.parametrize(
    ("drift", "far"),
    [
        (300_000_000, False),
        (300_000_001, True),
        (-86_400_000_000, False),
        (-86_400_000_001, True),
    ],
)
def test_a_time_far_from_its_sealing_is_noted(drift: int, far: bool) -> None:
    world = World()
    world.without_anchor()
    entry = world.p1.entries[8]
    told_at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=entry.sealed_us + drift)
    entry.change(at=told_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    report = world.verify()
    assert faults(report) == {}
    assert codes(report)[P1] == (["N906"] if far else [])


def test_what_is_no_archive_is_a_finding_and_no_stream() -> None:
    report = verified(b"PK\5\6" + bytes(18) + b"x")
    assert (codes(report), report.streams) == ({"": ["L101"]}, [])


def test_without_a_manifest_there_is_no_stream() -> None:
    files, _ = told(World())
    report = verified(archive([("manifest.note", b"x"), *sorted(files.items())]))
    assert report.streams == []
    assert codes(report)[""].count("L108") == 1
    broken = verified(archive([("manifest.json", b"{}"), ("manifest.note", b"x")]))
    assert codes(broken)[""].count("L103") == 1
    assert codes(broken)[""].count("L108") == 4


def test_each_file_that_is_required_is_named() -> None:
    report = verified(archive([("manifest.json", b"{}")]))
    assert report.bundle is not None
    missing = [f.message for f in report.bundle.all() if f.code == "L108"]
    assert missing == [
        f"{name} is missing."
        for name in (
            "human/index.html",
            "keys.json",
            "manifest.note",
            "verify.html",
            "verify.py",
        )
    ]


def test_a_checkpoint_is_read_up_to_64_kib() -> None:
    world = World()
    note = world.p1.note(12)
    name = "x" * ((64 << 10) - len(note) - len("—  AAAAAAA=\n".encode()))
    full = note + f"— {name} AAAAAAA=\n".encode()
    world.also = lambda files: files.update({world.p1.folder + "checkpoint": full})
    assert (len(full), faults(world.verify())) == (64 << 10, {})
    longer = full.replace(b"\xe2\x80\x94 xx", b"\xe2\x80\x94 xxx")
    world.also = lambda files: files.update({world.p1.folder + "checkpoint": longer})
    assert faults(world.verify()) == {"": {("L108", None)}, P1: {("L401", None)}}


def test_a_stream_without_listed_checkpoints_has_its_newest_alone() -> None:
    world = World()
    world.told = lambda manifest: manifest["streams"][1].update(checkpoints=[])
    found = faults(world.verify())
    assert found.pop("") == {("L106", None)}
    assert found == {}


def test_the_keys_file_is_read_up_to_one_mebibyte() -> None:
    world = World()
    world.also = lambda files: files.update({"keys.json": b" " * ((1 << 20) + 1)})
    found = faults(world.verify())
    assert ("L501", None) not in found.get("", set())
    world.also = lambda files: files.update({"keys.json": b" " * (1 << 20)})
    assert ("L501", None) in faults(world.verify())[""]


def test_without_its_keys_the_user_s_own_key_is_enough() -> None:
    world = World()
    world.also = lambda files: files.update({"keys.json": b"x"})
    assert faults(world.verify()) == {"": {("L501", None)}}
    assert faults(world.verify(vkey(P1), vkey())) == {"": {("L501", None)}}
    alone = world.verify(vkey(P1))
    assert {code for found in faults(alone).values() for code, _ in found} >= {"L402", "L501"}


def test_what_is_left_out_and_never_recorded_is_no_matter_where_bodies_are_hidden() -> None:
    listed = {"included": False, "reason": "x", "origin": P2, "id": origin_id(P2).hex()}
    listed |= {"size": 5, "root": "00" * 32}

    def hide(world: World, kind: int) -> None:
        world.told = lambda manifest: manifest["streams"].append(listed)
        world.org.entries[1].kind = kind
        told_of = {"commitment": world.org.leaves()[1][-32:].hex(), "origin": ORG}
        world.manifest["withheld"].insert(0, told_of | {"reason": "x", "seq": 1})

    world = World()
    hide(world, 1)
    assert faults(world.verify())[ORG] == {("L306", 1), ("L408", None)}
    world = World()
    hide(world, 2)
    assert faults(world.verify()) == {}


def test_blobs_that_are_left_out_are_not_looked_for() -> None:
    files, manifest = told(World())
    left_out = [blob for blob in manifest["blobs"] if not blob["included"]]
    assert left_out
    assert not any(f"blobs/{blob['sha256']}" in files for blob in left_out)


def test_withheld_from_a_stream_that_is_not_here() -> None:
    world = World()
    told_of = {"commitment": "0" * 64, "origin": P2, "reason": "x"}
    world.manifest["withheld"] += [told_of | {"seq": 3}, told_of | {"seq": 9}]
    assert faults(world.verify()) == {"": {("L306", 3), ("L306", 9)}}


def test_the_note_of_the_manifest_is_one() -> None:
    files, manifest = told(World())
    members = [("manifest.json", dumps(manifest)), ("manifest.note", b"x")]
    assert faults(verified(archive([*members, *sorted(files.items())]))) == {
        "": {("L107", None)}
    }


def test_a_blob_has_its_name_and_its_size() -> None:
    [path] = [path for path in World().kept if path.startswith("blobs/")]
    for content in (b"", World().kept[path][:-1] + b"?"):
        world = World()
        world.kept[path] = content
        assert faults(world.verify()) == {"": {("L111", None)}}


def test_one_key_of_the_user_s_stands_for_keys_that_cannot_be_read() -> None:
    world = World()
    world.also = lambda files: files.update({"keys.json": b"x"})
    found = faults(world.verify(vkey(epoch=1), vkey()))
    assert {code for code, _ in found[ORG]} == {"L402"}


def test_a_receipt_of_a_stream_that_is_not_here_is_found_at_its_entry() -> None:
    kept = read_receipt((DATA / "receipt-p1-6.json").read_bytes())
    report = World().verify(receipts=[kept._replace(origin=P2)])
    assert faults(report) == {"": {("L704", 6)}}


@pytest.mark.parametrize("epoch", [0, 1])
def test_the_manifest_is_signed_by_the_key_in_force(epoch: int) -> None:
    world = rotated()
    world.signers = (epoch,)
    expected = {"": {("L107", None), ("L505", None)}} if epoch == 0 else {}
    assert faults(world.verify()) == expected
