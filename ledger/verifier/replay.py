"""Events read a second time, in order of sealing over all streams, for the signatures."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any

from ledger.verifier.blocks import (
    BODY_PRESENT,
    LEAF_RECORD,
    blocks_of,
    read_bodies,
    read_leaves,
    tile_name,
)
from ledger.verifier.envelope import envelope_fault
from ledger.verifier.strict_json import JsonError, loads

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ledger.verifier.files import Files
    from ledger.verifier.manifest import ListedStream

_NEEDED = (b'"content_hash":"', b'"event":"signature.applied"', b'"event":"credential.mfa_')


def replay(files: Files, streams: Iterable[ListedStream]) -> Iterator[tuple[str, int, Any]]:
    """Yield origin, seq and event of what signatures rest on, in order of sealing time.

    What the first reading found wrong is passed over.  Holds one body of each stream.
    """
    ordered = list(streams)
    read = [_events(files, listed, rank) for rank, listed in enumerate(ordered)]
    for _, rank, seq, event in heapq.merge(*read, key=lambda found: found[:3]):
        yield ordered[rank].origin, seq, event


def _events(
    files: Files, listed: ListedStream, rank: int
) -> Iterator[tuple[int, int, int, dict[str, Any]]]:
    folder = f"streams/{listed.id}/"
    for block in blocks_of(listed.size):
        name = tile_name(block.number, block.width)
        leaves = read_leaves(files, f"{folder}tile/entries/{name}", block.width)
        member = files.place(f"{folder}bodies/{name}")
        if leaves is None or member is None:
            return
        times = [fields[4] for fields in LEAF_RECORD.iter_unpack(leaves[0])]
        try:
            for at, kind, _, body in read_bodies(files.chunks(member), block.width):
                if kind == BODY_PRESENT and at < len(times):
                    event = _event(body)
                    if event is not None:
                        yield times[at], rank, block.start + at, event
        except ValueError:
            continue


def _event(body: bytes) -> dict[str, Any] | None:
    if not any(pattern in body for pattern in _NEEDED):
        return None
    try:
        event = loads(body)
    except JsonError:
        return None
    if type(event) is not dict or envelope_fault(event):
        return None
    return event
