"""Reading an archive: in any order, in pieces, and at once where the order is the usual one."""

import random
from io import BytesIO

import pytest

from ledger.verifier.archive import Archive, ArchiveError
from ledger.verifier.zip_form import archive_end, central_header, local_header
from tests.ledger.verifier.world import archive

NUMBERED = sorted(
    f"{folder}{number:03d}" for folder in ("a/", "a/b/", "c-", "z/y/x/") for number in range(30)
)
PATHS = ["manifest.json", "manifest.note", *NUMBERED]
MEMBERS = [(path, path.encode()) for path in PATHS]


class Counted(BytesIO):
    reads = 0

    def read(self, size: int | None = -1) -> bytes:
        self.reads += 1
        return super().read(size)


def test_members_are_found_in_any_order() -> None:
    found, chance = Archive(BytesIO(archive(MEMBERS))), random.Random(7)  # noqa: S311
    assert len(found) == len(PATHS)
    for path in chance.choices([*PATHS, "a", "a/", "a/03", "a/0300", "c-030", "zz", ""], k=900):
        member = found.find(path)
        assert (member and (member.path, member.number)) == (
            (path, PATHS.index(path)) if path in PATHS else None
        )


def test_members_asked_for_in_their_order_are_found_at_once() -> None:
    file = Counted(archive(MEMBERS))
    found = Archive(file)
    for folder in ("a/", "z/y/x/", "a/b/"):
        assert found.find(f"{folder}000")
    file.reads = 0
    for number in range(1, 30):
        for folder in ("a/", "z/y/x/", "a/b/"):
            assert found.find(f"{folder}{number:03d}")
    assert file.reads == 3 * 29


@pytest.mark.parametrize("size", [0, 1, (1 << 18) - 1, 1 << 18, (1 << 18) + 1, 600_000])
def test_a_member_comes_in_pieces_of_256_kib(size: int) -> None:
    content = random.Random(size).randbytes(size)  # noqa: S311
    found = Archive(BytesIO(archive([("a", content), ("b", b"x")])))
    member = found.find("a")
    assert member is not None
    pieces = list(found.chunks(member))
    assert b"".join(pieces) == content
    assert [len(piece) for piece in pieces[:-1]] == [1 << 18] * (len(pieces) - 1)
    assert len(pieces) == -(-size // (1 << 18))
    assert found.faults == []


def test_a_header_of_another_form_is_a_fault_and_the_bytes_are_read() -> None:
    whole = archive([("a", b"one")])
    for at in range(30):
        changed = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        found = Archive(BytesIO(changed))
        member = found.find("a")
        assert member is not None
        assert b"".join(found.chunks(member)) == b"one"
        assert found.faults == [("L101", "The header before a has another form.")]


def test_a_long_name_is_told_in_part() -> None:
    found = Archive(BytesIO(archive([("x" * 200, b"")])))
    assert found.faults == []
    with pytest.raises(ArchiveError, match="too long"):
        Archive(BytesIO(archive([("x" * 201, b"")])))
    name = "x" * 79 + "//" + "y" * 50
    [(code, message)] = Archive(BytesIO(archive([(name, b"")]))).faults
    assert (code, message) == ("L102", f"The name {name[:80]!r} is not safe.")


def test_what_is_compressed_or_encrypted_is_refused() -> None:
    content = local_header("a", 0, 5) + b"12345"
    record = central_header("a", 0, 5, 0)
    end = archive_end(1, len(record), len(content))
    assert Archive(BytesIO(content + record + end)).faults == []
    for at, byte in ((8, 1), (10, 8), (20, 4)):
        changed = record[:at] + bytes([byte]) + record[at + 1 :]
        with pytest.raises(ArchiveError, match="compressed"):
            Archive(BytesIO(content + changed + end))
    for at, byte in ((8, 8), (38, 1), (36, 1), (34, 1), (12, 1), (4, 21)):
        changed = record[:at] + bytes([byte]) + record[at + 1 :]
        assert Archive(BytesIO(content + changed + end)).faults == [
            ("L101", "The record of 'a' has another form.")
        ]


def test_a_directory_is_made_of_whole_records() -> None:
    content = local_header("a", 0, 5) + b"12345"
    record = central_header("a", 0, 5, 0)
    for wrong in (b"PK\1\3" + record[4:], b"PK\1\2" + bytes(6)):
        end = archive_end(1, len(wrong), len(content))
        with pytest.raises(ArchiveError, match="is not one"):
            Archive(BytesIO(content + wrong + end))


@pytest.mark.parametrize(("kind", "refused"), [(b"\1\0", False), (b"\2\0", True)])
def test_wide_sizes_stand_in_their_own_field(kind: bytes, refused: bool) -> None:
    content = local_header("a", 0, 5) + b"12345"
    wide = central_header("a", 0, 0xFFFFFFFF, 0)
    record = wide[:47] + kind + wide[49:51] + (5).to_bytes(8, "little") * 2
    whole = content + record + archive_end(1, len(record), len(content))
    if refused:
        with pytest.raises(ArchiveError, match="not true"):
            Archive(BytesIO(whole))
    else:
        assert [code for code, _ in Archive(BytesIO(whole)).faults] == ["L101"]


def test_two_spellings_are_found_in_either_order() -> None:
    for names in (["aB", "ab"], ["ab", "aB"]):
        found = Archive(BytesIO(archive([(name, b"") for name in names])))
        assert "L102" in {code for code, _ in found.faults}


def test_an_archive_may_be_empty_and_no_shorter() -> None:
    end = archive_end(0, 0, 0)
    assert len(Archive(BytesIO(end))) == 0
    for short in (end[:-1], end[:21], b"PK", b""):
        with pytest.raises(ArchiveError):
            Archive(BytesIO(short))
    wide = archive_end(65_535, 0, 0)
    with pytest.raises(ArchiveError):
        Archive(BytesIO(wide[-22:]))
    with pytest.raises(ArchiveError):
        Archive(BytesIO(wide))
