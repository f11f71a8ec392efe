"""Where exactly a rewritten stream begins to differ, once a head that somebody kept says so.

A root says only that something before it was changed.  Two things say more: the link of the
entry after, which was left as it was; and the tiles above level 0, which hold a hash for each
256 entries as they were when the tree was made.  Both are looked at after a contradiction only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from ledger.merkle import tree_hash
from ledger.segments import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ledger.heads import Claim
    from ledger.models import Stream

WIDTH = 256  # entries below one hash of a tile of level 1
HASH_BYTES = 32
_TILES = (
    "SELECT idx, data FROM ledger.tile WHERE stream = %s AND level = 1 AND idx >= %s"
    " ORDER BY idx"
)
_HASHES = (
    "SELECT hash FROM ledger.entry WHERE stream = %s AND seq >= %s AND seq < %s ORDER BY seq"
)


def judge(
    stream: Stream,
    size: int,
    claims: Sequence[Claim],
    roots: Mapping[int, bytes],
    faults: Sequence[Fault],
) -> list[Fault]:
    """Name the entry, or the first of 256, from which on a stream of `size` was rewritten.

    `claims` are what others saw of it, `roots` what its entries give now, `faults` what was
    found in them.  Empty where nothing contradicts, or nothing tells more than a root does.
    """
    known = sorted(
        (claim.size, claim.root == roots[claim.size]) for claim in claims if claim.size in roots
    )
    wrong = next((size for size, right in known if not right), None)
    if wrong is None:
        return []
    good = max((size for size, right in known if right and size < wrong), default=0)
    found: list[Fault] = []
    placed = [f.seq for f in faults if f.seq is not None and f.code.startswith("L")]
    first = min(placed, default=size)
    if good < first <= wrong and first + 1 < size and _is_relinked(first, faults):
        said = f"Entry #{first:,} follows another hash than this: it was hashed again."
        first -= 1
        found.append(Fault(first, "L203", said))
    block = _first_other_block(stream.pk, good, wrong)
    if block is not None and first >= block + WIDTH:
        said = "From this entry on, the stored tree holds other hashes than these."
        found.append(Fault(max(block, good), "L206", said))
    return found


def _is_relinked(seq: int, faults: Sequence[Fault]) -> bool:
    """Tell whether all that is wrong with an entry is what it follows.

    Its own hash stands, since the next entry follows it; that of the last one may not.
    """
    here = {fault.code for fault in faults if fault.seq == seq}
    after = {fault.code for fault in faults if fault.seq == seq + 1}
    return here == {"L203"} and "L203" not in after


def _first_other_block(stream: int, good: int, wrong: int) -> int | None:
    """Return the first entry of the first 256 whose stored hash is another than theirs."""
    for start, stored in _stored(stream, good // WIDTH, wrong // WIDTH):
        with connection.cursor() as cursor:
            cursor.execute(_HASHES, [stream, start, start + WIDTH])
            hashes = [bytes(row[0]) for row in cursor.fetchall()]
        if len(hashes) == WIDTH and tree_hash(hashes) != stored:
            return start
    return None


def _stored(stream: int, first: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Yield first entry and stored hash of the blocks of 256 from `first` to before `end`."""
    with connection.cursor() as cursor:
        cursor.execute(_TILES, [stream, first // WIDTH])
        tiles = cursor.fetchall()
    for index, data in tiles:
        content = bytes(data)
        for at in range(len(content) // HASH_BYTES):
            block = index * WIDTH + at
            if first <= block < end:
                yield block * WIDTH, content[HASH_BYTES * at : HASH_BYTES * (at + 1)]
