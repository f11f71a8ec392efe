"""The second reading: what signatures rest on, in order of sealing over all streams."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from ledger.verifier.archive import Archive
from ledger.verifier.files import Files
from ledger.verifier.findings import Findings
from ledger.verifier.manifest import read_manifest
from ledger.verifier.replay import replay
from tests.ledger.verifier.world import ORG, P1, World

Replayed = list[tuple[str, int, Any]]


def replayed(world: World) -> Replayed:
    files = Files(Archive(BytesIO(world.pack())), Findings())
    content = files.read("manifest.json", 1 << 20) or b""
    return list(replay(files, read_manifest(content, files.take).included()))


def places(world: World) -> list[tuple[str, int]]:
    return [(origin, seq) for origin, seq, _ in replayed(world)]


def expected(world: World) -> list[tuple[str, int]]:
    """Return the entries about signatures, versions and passkeys, sorted by their time."""
    found = []
    for rank, stream in enumerate((world.org, world.p1)):
        for seq, entry in enumerate(stream.entries):
            unread: dict[str, Any] = {"event": "", "payload": {}}
            event = entry.event if entry.kind == 1 else unread
            named = event["event"] == "signature.applied"
            named = named or event["event"].startswith("credential.mfa_")
            if named or "content_hash" in event["payload"]:
                found.append((entry.sealed_us, rank, seq))
    return [((ORG, P1)[rank], seq) for _, rank, seq in sorted(found)]


def edited(change: Callable[[World], Any]) -> World:
    world = World()
    change(world)
    return world


def test_events_come_in_order_of_their_sealing() -> None:
    world = World()
    assert places(world) == expected(world)
    assert {origin for origin, _ in places(world)} == {ORG, P1}
    for origin, seq, event in replayed(world):
        assert event == world.streams[origin].entries[seq].event


def test_what_was_sealed_at_once_comes_by_stream_and_number() -> None:
    world = World()
    for stream in world.streams.values():
        for entry in stream.entries:
            entry.sealed_us = 1_790_000_000_000_000
    assert places(world) == expected(world)
    assert places(world) == sorted(places(world), key=lambda place: (place[0] != ORG, place[1]))


def test_what_cannot_be_read_is_passed_over() -> None:
    whole = places(World())
    assert (P1, 6) in whole
    for body in (b'{"content_hash":"', b'["content_hash":"', b'["\\"content_hash\\":\\""]'):
        told = places(edited(lambda w, body=body: setattr(w.p1.entries[6], "body", body)))  # type: ignore[misc]
        assert told == [place for place in whole if place != (P1, 6)]
    strange = edited(lambda w: w.p1.entries[6].change(actor="x"))
    assert places(strange) == [place for place in whole if place != (P1, 6)]


def test_a_stream_without_its_files_ends_there_and_the_others_go_on() -> None:
    of_org = [place for place in places(World()) if place[0] == ORG]
    for path in ("bodies/000.p/12", "tile/entries/000.p/12"):
        world = World()
        world.also = lambda f, p=path, w=world: f.pop(w.p1.folder + p)  # type: ignore[misc]
        assert places(world) == of_org


def test_a_block_that_is_framed_badly_gives_what_comes_before() -> None:
    world = World()
    path = world.p1.folder + "bodies/000.p/12"
    world.also = lambda files: files.update({path: files[path] + b"\0"})
    assert places(world) == expected(World())
    path_of_leaves = world.p1.folder + "tile/entries/000.p/12"
    world.also = lambda files: files.update({path_of_leaves: files[path_of_leaves][: 108 * 7]})
    whole = expected(World())
    assert places(world) == [place for place in whole if place[0] == ORG or place[1] < 7]
