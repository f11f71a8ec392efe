"""Anchors: time stamps are judged against their checkpoint, other kinds are carried."""

from typing import Any

import pytest

from tests.ledger.verifier.stamping import OWN, stamp
from tests.ledger.verifier.world import ORG, P1, World

PATH = "anchors/own.tsr"


def judged(text: str, token: bytes | None = None, **fields: Any) -> set[str]:
    """Return the codes about one anchor, listed with `fields`, that stamps `text`."""
    world = World()
    world.without_anchor()
    if token != b"":
        world.kept[PATH] = token or stamp(text.encode())
    told = {"kind": "rfc3161", "origin": P1, "path": PATH, "size": 12} | fields
    world.manifest["anchors"] = [told]
    report = world.verify(authorities=[OWN])
    assert report.bundle is not None
    return report.bundle.codes() - {"N903"}


def text(origin: str, size: int) -> str:
    world = World()
    return world.streams[origin].note(size).decode().partition("\n\n")[0] + "\n"


@pytest.mark.parametrize(("origin", "size"), [(P1, 12), (P1, 6), (ORG, 5), (ORG, 4)])
def test_a_stamp_over_each_checkpoint_is_good(origin: str, size: int) -> None:
    assert judged(text(origin, size), origin=origin, size=size) == set()
    assert judged(text(origin, size), origin=origin, size=size + 1) == {"L801"}
    assert judged(text(origin, size), origin={P1: ORG, ORG: P1}[origin], size=size) == {"L801"}


def test_a_stamp_of_no_checkpoint_is_found() -> None:
    assert judged(text(P1, 12) + " ") == {"L801"}
    assert judged(text(P1, 12), origin="example.org/ledger/p/p2") == {"L801"}
    assert judged(text(P1, 12), token=b"x") == {"L801"}


def test_a_stamp_has_at_most_one_mebibyte() -> None:
    assert judged("", token=bytes((1 << 20) + 1)) == {"L801"}


def test_other_kinds_are_carried() -> None:
    assert judged("", token=b"x", kind="folder") == {"N904"}
    assert judged("", token=b"", kind="folder") == {"L108"}
    assert judged("", token=b"") == {"L108"}
