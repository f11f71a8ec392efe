"""The manifest has exactly its fields, in its form; every file is listed and has a place."""

from collections.abc import Callable
from typing import Any

import pytest

from ledger.verifier.manifest import Manifest, read_manifest
from ledger.verifier.strict_json import JsonError, dumps
from tests.ledger.verifier.world import (
    ORG,
    P1,
    World,
    archive,
    faults,
    signed,
    verified,
    vkey,
    zipped,
)

Told = dict[str, Any]


def told(change: Callable[[Told], Any]) -> set[tuple[str, int | None]]:
    """Return what is found of a bundle whose manifest was changed and signed again."""
    world = World()

    def edit(manifest: Told) -> None:
        change(manifest)

    world.told = edit
    return faults(world.verify()).get("", set())


def item(name: str, number: int = 0, **fields: Any) -> Callable[[Told], None]:
    return lambda manifest: manifest[name][number].update(fields)


def gone(name: str, field: str, number: int = 0) -> Callable[[Told], None]:
    return lambda manifest: manifest[name][number].pop(field)


INVALID: list[Callable[[Told], Any]] = [
    lambda m: m.update(more=1),
    lambda m: m.pop("scope"),
    lambda m: m.update(schema="ledger.bundle/2"),
    lambda m: m.update(org="x"),
    lambda m: m.update(org=1),
    lambda m: m.update(org="example.net/ledger/org"),
    lambda m: m.update(created_at="2026-09-21"),
    lambda m: m.update(generator={"name": "x"}),
    lambda m: m.update(generator={"name": "x", "version": 1}),
    lambda m: m.update(scope={"kind": "project"}),
    lambda m: m.update(scope={"kind": 1, "project": "p1"}),
    lambda m: m.update(scope={"kind": "project", "project": 1}),
    lambda m: m.update(scope=[]),
    *(
        lambda m, name=name: m.update({name: {}})
        for name in ("anchors", "blobs", "files", "streams", "withheld")
    ),
    *(
        lambda m, name=name: m[name].append(1)
        for name in ("anchors", "blobs", "files", "streams", "withheld")
    ),
    item("anchors", more=1),
    gone("anchors", "kind"),
    item("anchors", kind=1),
    item("anchors", origin="x"),
    item("anchors", size=0),
    item("anchors", path="blobs/x"),
    item("anchors", path="anchors/../x"),
    item("blobs", sha256="x"),
    item("blobs", size=-1),
    item("blobs", included=None),
    item("blobs", included=1),
    item("blobs", reason="x"),
    gone("blobs", "reason", 1),
    item("blobs", 1, reason=1),
    lambda m: m["blobs"].append(m["blobs"][0]),
    item("files", path="../x"),
    item("files", path="manifest.json"),
    item("files", sha256="x"),
    item("files", size=True),
    item("files", more=1),
    lambda m: m["files"].reverse(),
    lambda m: m["files"].insert(0, m["files"][0]),
    item("streams", more=1),
    item("streams", id="0" * 32),
    item("streams", root="x"),
    item("streams", size=0),
    item("streams", size="5"),
    item("streams", checkpoints=[5, 4]),
    item("streams", checkpoints=[5, 5]),
    item("streams", checkpoints=[0, 5]),
    item("streams", checkpoints="5"),
    item("streams", origin="x"),
    item("streams", included=False),
    gone("streams", "checkpoints"),
    lambda m: m["streams"].reverse(),
    lambda m: m["streams"].append(m["streams"][1]),
    item("withheld", seq=-1),
    item("withheld", commitment="x"),
    item("withheld", origin=1),
    item("withheld", reason=None),
    gone("withheld", "reason"),
    lambda m: m["withheld"].append(m["withheld"][0]),
]


@pytest.mark.parametrize("change", INVALID)
def test_a_manifest_of_another_form_is_refused(change: Callable[[Told], Any]) -> None:
    assert ("L103", None) in told(change)


def test_what_may_be_told_may_be_told() -> None:
    assert told(lambda m: m.update(scope={"kind": "organisation", "project": None})) == set()
    assert told(lambda m: m.update(generator={"name": "Ä", "version": ""})) == set()


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c + b"\n",
        lambda c: b" " + c,
        lambda c: c[:-1],
        lambda c: c[:-1] + b"]",
        lambda c: b"",
        lambda c: b"[]",
        lambda c: c.replace(b'","size":76}', b'","size":76.0}'),
        lambda c: c.replace(b'"size":76}', b'"size":7' + b"6" * 5000 + b"}"),
        lambda c: c.replace(b'"anchors":[', b'"anchors":[ '),
        lambda c: c.replace(b'"anchors":[', b'"anchors":[,'),
        lambda c: c.replace(b'"anchors":[', b'"anchors":' + b"[" * 90_000),
        lambda c: c.replace(b'"scope":{', b'"scope":' + b'{"a":' * 90_000),
        lambda c: c.replace(b'"name":"vectors"', b'"name":"v\\u0065ctors"'),
        lambda c: c.replace(b"vectors", b"\xff"),
        lambda c: c.replace(b"vectors", b"\\u0000"),
        lambda c: c.replace(b"vectors", b"\\ud800"),
    ],
)
def test_other_bytes_of_the_same_manifest_are_refused(
    change: Callable[[bytes], bytes],
) -> None:
    world = World()
    kept: dict[str, bytes] = {}
    world.also = kept.update
    bundle: dict[str, Any] = {}
    world.told = bundle.update
    world.pack()
    changed = change(dumps(bundle))
    assert changed != dumps(bundle)
    report = zipped(kept, changed)
    assert ("L103", None) in faults(verified(report))[""]


def test_a_manifest_is_read_item_by_item() -> None:
    world, files = World(), []
    bundle: dict[str, Any] = {}
    world.told = bundle.update
    world.pack()
    manifest = read_manifest(dumps(bundle), lambda *file: files.append(file))
    assert isinstance(manifest, Manifest)
    assert [file[0] for file in files] == sorted(f["path"] for f in bundle["files"])
    assert files[0][1:] == (bytes.fromhex(bundle["files"][0]["sha256"]), 1381)
    assert [stream.origin for stream in manifest.included()] == [ORG, P1]
    assert list(manifest.withheld[P1]) == [3]
    with pytest.raises(JsonError, match="64 MiB"):
        read_manifest(b"{" + b" " * (64 << 20), lambda *_: None)


def also(change: Callable[[dict[str, bytes]], Any]) -> Callable[[World], None]:
    return lambda world: setattr(world, "also", change)


def after(change: Callable[[dict[str, bytes]], Any]) -> set[tuple[str, int | None]]:
    """Return what is found of a bundle whose files were changed after they were listed."""
    world = World()
    kept: dict[str, bytes] = {}
    bundle: dict[str, Any] = {}
    world.also, world.told = kept.update, bundle.update
    world.pack()
    change(kept)
    return faults(verified(zipped(kept, dumps(bundle)))).get("", set())


BLOB = "blobs/c83a68f8bbc8cd697483b89de53d09f4cb40dbdd8c84ab299163ddad56f905b5"


def test_files_are_those_that_were_listed() -> None:
    assert after(lambda files: None) == set()
    assert after(lambda f: f.update({"verify.py": b"other"})) == {("L104", None)}
    same_length = bytes(46)
    assert after(lambda f: f.update({"verify.py": same_length})) == {("L104", None)}
    assert after(lambda f: f.update(more=b"")) == {("L106", None)}
    assert after(lambda f: f.pop("human/index.html")) == {("L105", None), ("L108", None)}
    assert after(lambda f: f.pop(BLOB)) == {("L105", None), ("L111", None)}


@pytest.mark.parametrize(
    "path",
    ["more", "keys/1.note", "blobs/" + "0" * 64, "anchors/x", "streams/x", "human",
     "streams/3ca668abe236e22f9ec276b3ff18829e/tile/0/000", "humans/x",
     "streams/3ca668abe236e22f9ec276b3ff18829e/checkpoints/7"],
)  # fmt: skip
def test_a_listed_file_without_a_place_is_found(path: str) -> None:
    world = World()
    world.also = lambda files: files.update({path: b"x"})
    found = faults(world.verify())[""]
    assert ("L106", None) in found


def test_people_may_have_more_pages() -> None:
    world = World()
    world.also = lambda files: files.update({"human/style.css": b"x"})
    assert faults(world.verify()) == {}


@pytest.mark.parametrize("path", ["human/index.html", "verify.py", "verify.html", "keys.json"])
def test_required_files_are_there(path: str) -> None:
    world = World()
    world.also = lambda files: files.pop(path)
    assert ("L108", None) in faults(world.verify())[""]


def test_the_organisation_is_there() -> None:
    world = World()
    del world.streams[ORG]
    world.without_anchor()
    found = faults(world.verify())
    assert found[""] == {("L108", None)}
    assert ("L408", None) in found[P1]


def test_a_checkpoint_is_there() -> None:
    for name in ("checkpoint", "checkpoints/6"):
        world = World()
        world.also = lambda f, n=name, w=world: f.pop(w.p1.folder + n)  # type: ignore[misc]
        found = faults(world.verify())
        assert found == {"": {("L108", None)}, P1: {("L401", None)}}


def note(world: World, content: bytes) -> dict[str, set[tuple[str, int | None]]]:
    kept: dict[str, bytes] = {}
    bundle: dict[str, Any] = {}
    world.also, world.told = kept.update, bundle.update
    world.pack()
    members = [("manifest.json", dumps(bundle)), ("manifest.note", content)]
    return faults(verified(archive([*members, *sorted(kept.items())])))


def test_the_manifest_is_signed() -> None:
    wrong = "ledger/v1 bundle\nexample.org/ledger/org\nAA==\n"
    for content in (b"", b"x", signed(ORG, wrong, 0), signed(P1, wrong, 0)):
        assert note(World(), content) == {"": {("L107", None)}}
    world = World()
    world.signers = (1,)
    assert faults(world.verify()) == {"": {("L107", None)}}
    assert faults(world.verify(vkey(epoch=1)))[""] == {("L107", None)}


def test_blobs_are_what_their_names_say() -> None:
    world = World()
    world.kept[BLOB] = b"something else, longer than before"
    assert faults(world.verify()) == {"": {("L111", None)}}
    world.kept[BLOB] = bytes(20)
    assert faults(world.verify()) == {"": {("L111", None)}}
