"""No byte is blind: whatever single byte of a bundle is changed, something is found.

A changed byte is found by its file's digest.  So that this is not all that finds it, each flip
is also made by somebody who can list and sign the changed file again; then the rules must find
it, wherever the byte means anything to them.
"""

import hashlib
import os
import random
from typing import Any

import pytest

from ledger.verifier.strict_json import dumps
from tests.ledger.verifier.world import World, faults, verified, zipped

SEED = 20261123
FLIPS = int(os.environ.get("BYTE_FLIPS", "400"))  # `make faults` asks for 10,000
BUNDLE = World().pack()


def parts() -> tuple[dict[str, bytes], dict[str, Any]]:
    """Return the files of a good bundle, and its manifest."""
    world, files = World(), {}  # type: ignore[var-annotated]
    manifest: dict[str, Any] = {}
    world.also, world.told = files.update, manifest.update
    world.pack()
    return files, manifest


def flip(content: bytes, at: int, bit: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :]


def test_every_changed_byte_of_a_bundle_is_found() -> None:
    chance = random.Random(SEED)  # noqa: S311  the same flips each time
    places = chance.sample(range(len(BUNDLE)), min(FLIPS, len(BUNDLE)))
    blind = [at for at in places if not faults(verified(flip(BUNDLE, at, chance.randrange(8))))]
    assert blind == []


def relisted(files: dict[str, bytes], manifest: dict[str, Any]) -> bytes:
    """Return the bundle of changed files, listed and signed by whoever holds the key."""
    listed = [
        {"path": p, "sha256": hashlib.sha256(c).hexdigest(), "size": len(c)}
        for p, c in sorted(files.items())
    ]
    return zipped(files, dumps({**manifest, "files": listed}))


def test_changed_bytes_are_found_without_the_digests_of_files() -> None:
    """Entries, bodies, tiles, checkpoints, keys and blobs: each byte of each counts."""
    chance = random.Random(SEED + 1)  # noqa: S311  the same flips each time
    files, manifest = parts()
    ledger = [p for p in files if p.startswith(("streams/", "blobs/", "keys"))]
    weights = [len(files[path]) for path in ledger]
    blind = []
    for _ in range(FLIPS):
        [path] = chance.choices(ledger, weights)
        at, bit = chance.randrange(len(files[path])), chance.randrange(8)
        changed = {**files, path: flip(files[path], at, bit)}
        if not faults(verified(relisted(changed, manifest))):
            blind.append((path, at, bit))
    assert blind == []


@pytest.mark.parametrize("size", [1, 7, 107])
def test_bytes_that_are_lost_or_doubled_are_found(size: int) -> None:
    chance = random.Random(SEED + size)  # noqa: S311  the same each time
    files, manifest = parts()
    for path in sorted(p for p in files if p.startswith(("streams/", "blobs/", "keys"))):
        content = files[path]
        at = chance.randrange(len(content))
        for changed in (
            content[:at] + content[at + size :],
            content[:at] + content[at : at + size] + content[at:],
            content[:-size],
            b"",
        ):
            if changed != content:
                bundle = relisted({**files, path: changed}, manifest)
                assert faults(verified(bundle)), (path, at)


def test_honest_bundles_give_no_alarm() -> None:
    for number in range(40):
        world = World()
        chance = random.Random(number)  # noqa: S311  the same each time
        world.without_anchor()
        for entry in world.p1.entries + world.org.entries:
            entry.salt = chance.randbytes(16)
        for entry in world.p1.entries[8:10]:
            entry.pay(purpose="reading " + "é" * chance.randrange(300))
        world.p1.sizes = sorted({12, *chance.sample(range(1, 12), 1)})
        first, newest = world.org.entries[3], world.org.entries[4]
        first.pay(size=world.p1.sizes[0])
        newest.pay(size=12)
        assert faults(world.verify(hashes_only=number % 2 == 0)) == {}, number
