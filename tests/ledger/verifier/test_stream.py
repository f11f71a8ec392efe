"""What is wrong with the entries, bodies and tiles of a stream is found where it is."""

from collections.abc import Callable
from typing import Any

import pytest

from ledger.verifier.strict_json import dumps
from tests.ledger.verifier.world import FIRST_US, P1, Sealed, World, faults

Found = set[tuple[str, int | None]]


def leaf(at: int, **fields: Any) -> Callable[[World], None]:
    return lambda world: world.p1.entries[at].leaf.update(fields)


def file(path: str, change: Callable[[bytes], bytes | None]) -> Callable[[World], None]:
    """Change a file of the project's stream after it was sealed; None removes it."""

    def edit(world: World) -> None:
        def also(files: dict[str, bytes]) -> None:
            changed = change(files.pop(world.p1.folder + path))
            if changed is not None:
                files[world.p1.folder + path] = changed

        world.also = also

    return edit


def body(at: int, content: bytes) -> Callable[[World], None]:
    return lambda world: setattr(world.p1.entries[at], "body", content)


def event(number: int, **fields: Any) -> Callable[[World], None]:
    return lambda world: world.p1.entries[number].change(**fields)


def flip(at: int) -> Callable[[bytes], bytes]:
    return lambda c: c[:at] + bytes([c[at] ^ 1]) + c[at + 1 :]


FROM = {"device": None, "network": None, "session": None}
ENTRIES, TILE, BODIES = "tile/entries/000.p/12", "tile/0/000.p/12", "bodies/000.p/12"
CASES: dict[str, tuple[Callable[[World], None], Found]] = {
    "leaf of another stream": (leaf(8, id=b"x" * 16), {("L201", 8)}),
    "length before a leaf": (file(ENTRIES, flip(8 * 108 + 1)), {("L201", 8)}),
    "half a leaf too many": (file(ENTRIES, lambda c: c + b"x"), {("L201", 12)}),
    "another leaf": (file(ENTRIES, lambda c: c + c[:108]), {("L201", 12)}),
    "number too high": (leaf(8, seq=9), {("L202", 8), ("L202", 9)}),
    "number too low": (leaf(8, seq=7), {("L202", 8), ("L202", 9)}),
    "first number": (leaf(0, seq=1), {("L202", 0), ("L202", 1)}),
    "predecessor": (leaf(8, prev=b"x" * 32), {("L203", 8)}),
    "first predecessor": (leaf(0, prev=bytes(32)), {("L203", 0)}),
    "time back": (leaf(8, us=FIRST_US), {("L204", 8)}),
    "time beyond": (leaf(11, us=1 << 63), {("L204", 11)}),
    "entries missing": (file(ENTRIES, lambda _: None), {("L205", 0), ("L406", 0)}),
    "entries cut": (
        file(ENTRIES, lambda c: c[: 108 * 7]),
        {("L205", 7), ("L406", 7)},
    ),
    "tile changed": (file(TILE, flip(32 * 5 + 31)), {("L206", 5)}),
    "tile short": (file(TILE, lambda c: c[:-1]), {("L206", 11)}),
    "tile long": (file(TILE, lambda c: c + bytes(32)), {("L206", 11)}),
    "tile missing": (file(TILE, lambda _: None), {("L206", 0)}),
    "body": (file(BODIES, flip(40)), {("L301", 0)}),
    "salt": (file(BODIES, flip(5)), {("L301", 0)}),
    "body of another kind": (file(BODIES, flip(0)), {("L305", 0), ("L302", 1)}),
    "unknown kind": (file(BODIES, lambda c: b"\3" + c[1:]), {("L302", 0)}),
    "body too long": (file(BODIES, lambda c: c[:17] + b"\0\x20\0\0" + c[21:]), {("L302", 0)}),
    "bodies cut": (file(BODIES, lambda c: c[:-1]), {("L302", 11)}),
    "bodies go on": (file(BODIES, lambda c: c + b"\0"), {("L302", 11)}),
    "bodies missing": (file(BODIES, lambda _: None), {("L302", 0)}),
    "not canonical": (body(8, b'{"a": 1}'), {("L303", 8)}),
    "key twice": (body(8, b'{"a":1,"a":1}'), {("L303", 8)}),
    "deep": (body(8, b'{"a":' + b"[" * 9000 + b"]" * 9000 + b"}"), {("L303", 8)}),
    "many digits": (body(8, b'{"a":' + b"1" * 5000 + b"}"), {("L303", 8)}),
    "no text": (body(8, b"\xff\0"), {("L303", 8)}),
    "no event": (body(8, b"{}"), {("L304", 8)}),
    "more fields": (event(8, more=1), {("L304", 8)}),
    "schema": (event(8, schema="ledger.event/2"), {("L304", 8)}),
    "actor": (event(8, actor="7b1d"), {("L304", 8)}),
    "subject": (event(8, subject="A.b:c"), {("L304", 8)}),
    "name": (event(8, event="viewed"), {("L304", 8)}),
    "name no text": (event(8, event=1), {("L304", 8)}),
    "time": (event(8, at="2026-02-30T14:13:34.814804Z"), {("L304", 8)}),
    "payload": (event(8, payload=[]), {("L304", 8)}),
    "clock": (event(8, clock=1), {("L304", 8)}),
    "reason": (event(8, reason=1), {("L304", 8)}),
    "role": (event(8, role=None), {("L304", 8)}),
    "origin": (event(8, origin={"device": None, "network": None}), {("L304", 8)}),
    "origin no object": (event(8, origin="x"), {("L304", 8)}),
    "device": (event(8, origin={**FROM, "device": 1}), {("L304", 8)}),
    "network": (event(8, origin={**FROM, "network": "x"}), {("L304", 8)}),
    "blob unlisted": (lambda w: w.p1.entries[4].pay(blobs=["0" * 64]), {("L111", 4)}),
    "blobs no list": (lambda w: w.p1.entries[4].pay(blobs="x"), {("L111", 4)}),
    "blobs no digests": (lambda w: w.p1.entries[4].pay(blobs=["x"]), {("L111", 4)}),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_wrong_is_found_at_its_entry(
    case: tuple[Callable[[World], None], Found],
) -> None:
    edit, expected = case
    world = World()
    edit(world)
    world.without_anchor()
    found = faults(world.verify())
    assert found.pop(P1) >= expected
    assert found == {}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_nothing_else_is_found(case: tuple[Callable[[World], None], Found]) -> None:
    edit, expected = case
    world = World()
    edit(world)
    found = faults(world.verify()).get(P1, set())
    # What cannot be read hides signed versions, erasures and what is withheld.
    follows = {"L602", "L606"}
    if {code for code, _ in expected} & {"L205", "L302"}:
        follows |= {"L305", "L306", "L404"}
    assert {code for code, _ in found - expected} <= follows


def test_the_form_of_plain_bodies_is_skipped_where_only_hashes_are_asked_for() -> None:
    world = World()
    world.p1.entries[8].body = b'{"a": 1}'
    assert P1 in faults(world.verify())
    assert faults(world.verify(hashes_only=True)) == {"": {("L801", None)}}
    world.p1.entries[4].pay(blobs=["0" * 64])
    assert faults(world.verify(hashes_only=True))[P1] == {("L111", 4)}


@pytest.mark.parametrize("hashes_only", [False, True])
def test_large_streams_have_their_tiles_and_findings(hashes_only: bool) -> None:
    world = World()
    last = world.p1.entries[-1]
    usual = dict(world.p1.entries[8].event, at="2026-09-21T14:13:39.000000Z")
    for number in range(700):
        usual["payload"] = {"purpose": f"reading {number}"}
        made = Sealed(last.sealed_us + number * 1000, dumps(usual))
        world.p1.entries.append(made)
    world.p1.sizes = [6, 12, 712]
    record = world.org.entries[-1]
    told = Sealed(record.sealed_us + 10_000_000, record.body)
    told.change(at="2026-09-21T14:13:49.753072Z")
    told.pay(size=712)
    world.org.entries.append(told)
    world.org.sizes = [4, 5, 6]
    assert faults(world.verify(hashes_only=hashes_only)) == {}

    world.p1.entries[600].commitment = b"x" * 32
    assert faults(world.verify(hashes_only=hashes_only)) == {P1: {("L301", 600)}}

    def tiles(files: dict[str, bytes]) -> None:
        path = f"{world.p1.folder}tile/1/000.p/2"
        files[path] = files[path][:33] + b"\xff" + files[path][34:]
        path = f"{world.p1.folder}tile/0/001"
        files[path] = b"\0" + files[path][1:]

    world.p1.entries[600].commitment = None
    world.also = tiles
    found = faults(world.verify(hashes_only=hashes_only))
    assert found == {P1: {("L206", 256)}}

    world.also = lambda files: files.pop(f"{world.p1.folder}tile/entries/001") and None
    found = faults(world.verify(hashes_only=hashes_only))
    assert found == {P1: {("L205", 256), ("L406", 256)}}


def test_a_size_beyond_all_measure_is_an_answer_and_no_search() -> None:
    world = World()
    world.p1.size = (1 << 53) - 1
    found = faults(world.verify())
    assert ("L205", 0) in found[P1]
