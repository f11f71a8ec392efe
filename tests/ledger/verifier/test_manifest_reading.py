"""What a manifest says, value by value, as it is read."""

from typing import Any

import pytest

from ledger.verifier.hashes import origin_id
from ledger.verifier.manifest import (
    ListedAnchor,
    ListedStream,
    Manifest,
    read_manifest,
    site_prefix,
)
from ledger.verifier.strict_json import JsonError, dumps

ORG, ONE, TWO = "0/org", "0/p1", "0/p2"
A, B, C = "a" * 64, "b" * 64, "c" * 64


def streams() -> list[dict[str, Any]]:
    first = {"checkpoints": [2, 7], "id": origin_id(ORG).hex(), "included": True}
    second = {"checkpoints": [], "id": origin_id(ONE).hex(), "included": True}
    third = {"id": origin_id(TWO).hex(), "included": False, "reason": "another project"}
    return [
        first | {"origin": ORG, "root": A, "size": 7},
        second | {"origin": ONE, "root": B, "size": 1},
        third | {"origin": TWO, "root": C, "size": 3},
    ]


def manifest(**fields: Any) -> bytes:
    told = {
        "anchors": [{"kind": "folder", "origin": ONE, "path": "anchors/x", "size": 1}],
        "blobs": [
            {"included": True, "sha256": A, "size": 0},
            {"included": False, "reason": "", "sha256": B, "size": 5},
        ],
        "created_at": "2026-11-23T00:00:00.000000Z",
        "files": [{"path": p, "sha256": A, "size": n} for n, p in enumerate(("A", "a", "a/b"))],
        "generator": {"name": "", "version": "1"},
        "org": ORG,
        "schema": "ledger.bundle/1",
        "scope": {"kind": "project", "project": "p1"},
        "streams": streams(),
        "withheld": [
            {"commitment": C, "origin": ONE, "reason": "", "seq": 0},
            {"commitment": B, "origin": ONE, "reason": "", "seq": 4},
            {"commitment": A, "origin": TWO, "reason": "", "seq": 0},
        ],
    }
    return dumps(told | fields)


def read(content: bytes) -> tuple[Manifest, list[Any]]:
    files: list[Any] = []
    return read_manifest(content, lambda *file: files.append(file)), files


def test_every_value_is_taken_as_it_is_told() -> None:
    told, files = read(manifest())
    digest = bytes.fromhex(A)
    assert files == [("A", digest, 0), ("a", digest, 1), ("a/b", digest, 2)]
    assert (told.org, told.anchors) == (ORG, [ListedAnchor("folder", ONE, "anchors/x", 1)])
    assert told.blobs == {A: (True, 0), B: (False, 5)}
    assert told.withheld == {
        ONE: {0: bytes.fromhex(C), 4: bytes.fromhex(B)},
        TWO: {0: bytes.fromhex(A)},
    }
    assert told.streams == {
        ORG: ListedStream(ORG, 7, bytes.fromhex(A), included=True, checkpoints=(2, 7)),
        ONE: ListedStream(ONE, 1, bytes.fromhex(B), included=True, checkpoints=()),
        TWO: ListedStream(TWO, 3, bytes.fromhex(C), included=False, checkpoints=()),
    }
    assert told.included() == [told.streams[ORG], told.streams[ONE]]


def test_the_organisation_comes_first_wherever_its_origin_stands() -> None:
    told, _ = read(manifest(org=ONE))
    assert [stream.origin for stream in told.included()] == [ONE, ORG]


def test_an_empty_manifest_may_be() -> None:
    empty: dict[str, Any] = {
        name: [] for name in ("anchors", "blobs", "files", "streams", "withheld")
    }
    told, files = read(manifest(**empty))
    assert (told.anchors, told.blobs, told.streams, told.withheld, files) == (
        [],
        {},
        {},
        {},
        [],
    )


def test_the_length_of_a_manifest_has_a_limit() -> None:
    full = b"{" + b" " * ((64 << 20) - 1)
    with pytest.raises(JsonError, match="no anchors"):
        read(full)
    with pytest.raises(JsonError, match="64 MiB"):
        read(full + b" ")


@pytest.mark.parametrize(
    ("fields", "about"),
    [
        ({"streams": streams()[:1] * 2}, "sorted by origin"),
        ({"streams": streams()[::-1]}, "sorted by origin"),
        ({"org": "1/org"}, "belong"),
        ({"org": "0/org/p"}, "belong"),
        ({"blobs": [{"included": True, "sha256": A, "size": 0}] * 2}, "twice"),
        (
            {"files": [{"path": p, "sha256": A, "size": 0} for p in ("b", "a")]},
            "sorted by path",
        ),
        ({"files": [{"path": "manifest.note", "sha256": A, "size": 0}]}, "sorted by path"),
        ({"created_at": 1}, "created_at"),
        ({"schema": "ledger.bundle/1 "}, "schema"),
        ({"generator": {"name": "", "version": "\0"}}, "U\\+0000"),
        ({"scope": {"kind": "x", "project": 1}}, "scope"),
        ({"scope": {"kind": "x" * 9, "project": [1]}}, "scope"),
    ],
)
def test_what_is_wrong_is_named(fields: dict[str, Any], about: str) -> None:
    with pytest.raises(JsonError, match=about):
        read(manifest(**fields))


def test_the_prefix_of_a_site() -> None:
    assert site_prefix("example.org/ledger/org") == "example.org/ledger/"
    assert site_prefix("a/b") == "a/"
