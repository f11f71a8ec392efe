"""The archive: golden bytes, made again from their own parts."""

import io
import zipfile
from pathlib import Path

import pytest

from ledger.bundle.archive import Part, Spool, write_zip

GOLDEN = Path(__file__).parents[2] / "data" / "ledger" / "bundle-ok.zip"
FIRST = ("manifest.json", "manifest.note")


def rebuilt(original: bytes, folder: Path, *, backwards: bool = False) -> bytes:
    """Take an archive apart and put it together again."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(original)) as taken, Spool(folder) as spool:
        names = taken.namelist()
        parts = {name: spool.add(name, [taken.read(name)]) for name in names}
        rest = [parts[name] for name in names if name not in FIRST]
        first = [parts[name] for name in FIRST]
        size = write_zip(target, first, reversed(rest) if backwards else rest)
    assert size == len(target.getvalue())
    return target.getvalue()


@pytest.mark.parametrize("backwards", [False, True])
def test_a_golden_bundle_is_rebuilt_byte_for_byte(tmp_path: Path, backwards: bool) -> None:
    original = GOLDEN.read_bytes()

    assert rebuilt(original, tmp_path, backwards=backwards) == original


def test_a_file_given_in_pieces_is_the_same_file(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        whole = spool.add("whole", [b"one two"])
        pieces = spool.add("pieces", (piece for piece in (b"one ", b"", b"two")))

    assert (whole.size, whole.crc, whole.sha256) == (pieces.size, pieces.crc, pieces.sha256)


def test_nobody_sees_the_spool(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        spool.add("part", [b"of a bundle"])
        assert list(tmp_path.iterdir()) == []


def test_a_part_that_was_cut_short_stops_the_archive(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        part = spool.add("part", [b"1234"])
        longer = Part(part.path, part.source, part.offset, 5, part.crc, part.sha256)

        with pytest.raises(EOFError, match="part"):
            write_zip(io.BytesIO(), [longer], [])


def test_progress_counts_the_bytes(tmp_path: Path) -> None:
    told: list[int] = []
    with Spool(tmp_path) as spool:
        parts = [spool.add(f"part{number}", [b"x" * 100]) for number in range(3)]
        size = write_zip(io.BytesIO(), parts[:1], parts[1:], told.append)

    assert told == sorted(told)
    assert 300 < told[-1] < size
