"""Two sets of pairs, compared on disk: what the record says and what a table holds.

Either may have more rows than memory has room for.  They lie in a temporary file of SQLite's
that has no name, and hold references and digests, no content.
"""

from __future__ import annotations

import sqlite3
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Literal, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Pair = tuple[str, str]  # a reference, and the digest of what it stands for
Kind = Literal["rows_without_entry", "entries_without_row", "mismatched"]
CACHE_KIB = 8192
TOLD, HELD = 1, 0


class Pairs:
    """Takes pairs from both sides; the last one that is told of a reference counts."""

    def __init__(self) -> None:
        self._file = sqlite3.connect("", isolation_level=None)
        for setting in (f"cache_size = -{CACHE_KIB}", "temp_store = FILE", "synchronous = OFF"):
            self._file.execute(f"PRAGMA {setting}")
        self._file.execute("CREATE TABLE pair (n INTEGER PRIMARY KEY, ref, side, digest)")
        self._file.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def tell(self, pairs: Iterable[Pair]) -> None:
        """Take what the record says, in its order; raise TypeError for what is no pair.

        If the pairs end in an error, nothing that was told before counts any more.
        """
        try:
            self._take(TOLD, pairs)
        except BaseException:
            self._file.execute("DELETE FROM pair WHERE side = ?", [TOLD])
            raise

    def hold(self, pairs: Iterable[Pair]) -> None:
        """Take what the table holds."""
        self._take(HELD, pairs)

    def _take(self, side: int, pairs: Iterable[Pair]) -> None:
        rows = ((_text(ref), side, _text(digest)) for ref, digest in pairs)
        self._file.executemany("INSERT INTO pair (ref, side, digest) VALUES (?, ?, ?)", rows)

    def disagreements(self) -> Iterator[tuple[str, Kind]]:
        """Yield each reference of which the sides differ, and how, in order of references."""
        found = self._file.execute("SELECT ref, side, digest FROM pair ORDER BY ref, n")
        for ref, pairs in groupby(found, key=itemgetter(0)):
            sides: tuple[list[str], list[str]] = ([], [])
            for _, side, digest in pairs:
                sides[side].append(digest)
            if not sides[HELD]:
                yield ref, "entries_without_row"
            elif not sides[TOLD] or len(sides[HELD]) > 1:
                yield ref, "rows_without_entry"
            elif sides[TOLD][-1] != sides[HELD][0]:
                yield ref, "mismatched"


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("A reference, or a digest, is no text.")
    return value
