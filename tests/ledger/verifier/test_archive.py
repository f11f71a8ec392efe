"""The archive has one form; every other one is refused, and nothing in it is believed."""

import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.verifier.archive import Archive, ArchiveError, safe_path
from ledger.verifier.zip_form import archive_end, central_header, local_header
from tests.ledger.verifier.world import World, archive, faults, verified

GOOD = World().pack()
END = len(GOOD) - 22
MEMBERS = [("manifest.json", b"{}"), ("manifest.note", b"-"), ("a", b"1"), ("b/c", b"22")]


def codes(bundle: bytes) -> set[str]:
    return {code for found in faults(verified(bundle)).values() for code, _ in found}


def opened(content: bytes) -> Archive:
    return Archive(BytesIO(content))


def put(at: int, change: bytes) -> bytes:
    return GOOD[:at] + change + GOOD[at + len(change) :]


def repacked(**facts: object) -> bytes:
    """Pack the same members with Python's own library."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(GOOD)) as bundle, zipfile.ZipFile(made, "w") as other:
        for info in bundle.infolist():
            content = bundle.read(info)
            for name, value in facts.items():
                setattr(info, name, value)
            other.writestr(info, content)
    return made.getvalue()


def test_the_same_form_comes_from_the_usual_library() -> None:
    assert repacked() == GOOD


@pytest.mark.parametrize(
    "facts",
    [
        {"date_time": (2026, 1, 1, 0, 0, 0)},
        {"external_attr": 0},
        {"internal_attr": 1},
        {"create_system": 0},
        {"comment": b"x"},
        {"extra": b"\x99\x99\x01\x00x"},
        {"compress_type": zipfile.ZIP_DEFLATED},
        {"extract_version": 30},
        {"create_version": 30},
    ],
    ids=str,
)
def test_a_repacked_archive_is_refused(facts: dict[str, object]) -> None:
    assert "L101" in codes(repacked(**facts))


HEADER = local_header("manifest.json", 0, 0)
CENTRAL = GOOD.index(b"PK\1\2")


@pytest.mark.parametrize(
    "bundle",
    [
        GOOD[:-1],
        GOOD[: len(GOOD) // 2],
        GOOD[:4],
        GOOD + b"x",
        b"PK" + GOOD,
        put(END, b"PK\5\7"),
        put(END + 4, b"\1"),
        put(END + 6, b"\1"),
        put(END + 8, b"\x11"),
        put(END + 10, b"\x11"),
        put(END + 10, b"\xff\xff"),
        put(END + 12, b"\1"),
        put(END + 16, b"\1"),
        put(END + 16, b"\xff\xff\xff\xff"),
        put(END + 20, b"\1"),
        put(0, b"PK\3\5"),
        put(14, b"\0\0\0\0"),
        put(18, b"\0"),
        put(26, b"\7"),
        put(CENTRAL + 16, b"\0\0\0\0"),
        put(CENTRAL + 20, b"\0"),
        put(CENTRAL + 24, b"\0"),
        put(CENTRAL + 28, b"\xff"),
        put(CENTRAL + 42, b"\1"),
        put(CENTRAL + 42, b"\xff\xff\xff\xff"),
        GOOD[:END] + archive_end(70_000, 5, 5),
    ],
)
def test_an_archive_with_another_byte_is_refused(bundle: bytes) -> None:
    found = faults(verified(bundle))[""]
    assert {code for code, _ in found} & {"L101", "L108"}


@given(st.integers(CENTRAL, len(GOOD) - 1), st.integers(1, 255))
@settings(max_examples=150, deadline=None)
def test_no_byte_of_the_directory_is_idle(at: int, other: int) -> None:
    assert "" in faults(verified(put(at, bytes([GOOD[at] ^ other]))))


def test_members_lie_one_after_another_without_gap_or_overlap() -> None:
    content, directory = b"", b""
    for path, data in MEMBERS:
        directory += central_header(path, 0, len(data), len(content))
        content += local_header(path, 0, len(data)) + data
    whole = directory + archive_end(4, len(directory), len(content))
    assert len(opened(content + whole)) == 4
    gap = content + b"?" + directory + archive_end(4, len(directory), len(content) + 1)
    with pytest.raises(ArchiveError, match="gaps"):
        opened(gap)
    twice = directory[: 46 + 13] + central_header("b", 0, 2, 0)
    with pytest.raises(ArchiveError, match="over another"):
        opened(content + twice + archive_end(2, len(twice), len(content)))
    with pytest.raises(ArchiveError, match="gaps"):
        opened(content + directory[: 46 + 13] + archive_end(1, 46 + 13, len(content)))
    with pytest.raises(ArchiveError, match="too early"):
        opened(content + directory + archive_end(5, len(directory), len(content)))


def test_members_are_found_and_read_whole() -> None:
    found = opened(archive(MEMBERS))
    assert found.faults == []
    for number, (path, data) in enumerate(MEMBERS):
        member = found.find(path)
        assert member is not None
        assert (member.number, member.path, member.size) == (number, path, len(data))
        assert b"".join(found.chunks(member)) == data
        assert found.find(path) == member
    for absent in ("", "0", "a/b", "b", "b/cc", "z", "manifest.notes"):
        assert found.find(absent) is None
    assert found.faults == []


def test_an_archive_out_of_order_is_refused_and_still_read() -> None:
    found = opened(archive(MEMBERS[::-1]))
    assert [code for code, _ in found.faults] == ["L101"]
    for path, data in MEMBERS:
        member = found.find(path)
        assert member is not None
        assert b"".join(found.chunks(member)) == data
    assert found.find("zz") is None


@pytest.mark.parametrize(
    "path", ["a", "A-b._9/c.d", "a" * 200, "x/" * 99 + "xx", "...", "a/...", "-"]
)
def test_plain_paths_are_safe(path: str) -> None:
    assert safe_path(path)


@pytest.mark.parametrize(
    "path",
    [
        *("", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "./a", "a/.", "a\\b", "C:a"),
        *("a b", "ä", "a" * 201, "a\n", "a\0"),
    ],
)
def test_other_paths_are_not(path: str) -> None:
    assert not safe_path(path)


@pytest.mark.parametrize(
    "names",
    [
        ["../a"],
        ["a", "a"],
        ["A", "a"],
        ["B", "a", "b"],
        ["A", "AB", "aB", "ab"],
        ["a", "a/b"],
        ["a", "a-", "a/b/c"],
        ["a/b", "a/b/c/d"],
    ],
)
def test_unsafe_and_repeated_names_are_found(names: list[str]) -> None:
    found = opened(archive([("manifest.json", b""), *((name, b"") for name in names)]))
    assert "L102" in {code for code, _ in found.faults}


def test_names_that_only_begin_alike_are_no_fault() -> None:
    names = ["a", "a-b/c", "a.p/1", "ab", "b/C", "b/c2"]
    assert opened(archive([(name, b"") for name in names])).faults == []


@pytest.mark.parametrize("change", [bytes.upper, lambda name: name[:-1] + b"\xe4"])
def test_a_name_beyond_plain_ascii_is_refused(change: Callable[[bytes], bytes]) -> None:
    bundle = GOOD.replace(b"human/index.html", change(b"human/index.html"))
    assert codes(bundle) & {"L101", "L105", "L106"}


def test_large_archives_have_their_wide_form() -> None:
    size, far = (1 << 32) + 5, (1 << 33) + 7
    header = local_header("a", 0, size)
    assert (header[4], header[18:26], len(header)) == (45, b"\xff" * 8, 31 + 20)
    assert header[-16:] == size.to_bytes(8, "little") * 2
    record = central_header("a", 0, size, far)
    assert record[-24:] == size.to_bytes(8, "little") * 2 + far.to_bytes(8, "little")
    assert (record[4:8], record[28:32]) == (b"\x2d\3\x2d\0", b"\1\0\x1c\0")
    assert len(central_header("a", 0, 5, far)) == 47 + 12
    assert central_header("a", 0, 5, 6)[4:8] == b"\x14\3\x14\0"
    for count, length, offset in ((65535, 1, 1), (1, 1 << 32, 1), (1, 1, (1 << 32) - 1)):
        assert len(archive_end(count, length, offset)) == 22 + 56 + 20
    assert len(archive_end(65534, (1 << 32) - 2, (1 << 32) - 2)) == 22


def test_an_archive_of_many_members_is_read() -> None:
    members = [(f"{number:05d}", b"") for number in range(65_536)]
    found = opened(archive(members))
    assert (len(found), found.faults) == (65_536, [])
    last = found.find("65535")
    assert last is not None
    assert last.number == 65_535
    narrow = opened(archive(members[:65_534]))
    assert (len(narrow), narrow.faults) == (65_534, [])


def test_an_archive_beyond_four_gigabytes_is_read_without_holding_it() -> None:
    size = (1 << 32) + 3
    file = Sparse([(local_header("a", 0, size), size), (local_header("b", 0, 1), 1)])
    directory = central_header("a", 0, size, 0) + central_header("b", 0, 1, file.length - 32)
    file.close(directory + archive_end(2, len(directory), file.length))
    found = Archive(file)  # type: ignore[arg-type]  # it does what the archive needs
    assert found.faults == []
    first, second = found.find("a"), found.find("b")
    assert first is not None
    assert second is not None
    assert (first.size, first.offset) == (size, 0)
    assert second.offset == len(local_header("a", 0, size)) + size
    assert next(found.chunks(second)) == b"\0"


class Sparse:
    """A file of headers with zeros between them."""

    def __init__(self, members: list[tuple[bytes, int]]) -> None:
        self.parts: list[tuple[int, bytes]] = []
        self.length = self.place = 0
        for header, size in members:
            self.parts.append((self.length, header))
            self.length += len(header) + size

    def close(self, tail: bytes) -> None:
        self.parts.append((self.length, tail))
        self.length += len(tail)

    def seek(self, place: int, whence: int = 0) -> int:
        self.place = self.length if whence else place
        return self.place

    def read(self, length: int) -> bytes:
        content = bytearray(max(0, min(length, self.length - self.place)))
        for at, part in self.parts:
            for offset, byte in enumerate(part):
                if 0 <= at + offset - self.place < len(content):
                    content[at + offset - self.place] = byte
        return bytes(content)


def test_a_checksum_that_both_headers_give_is_that_of_the_bytes() -> None:
    content = local_header("a", 1, 2) + b"22"
    directory = central_header("a", 1, 2, 0)
    found = opened(content + directory + archive_end(1, len(directory), len(content)))
    assert found.faults == []
    member = found.find("a")
    assert member is not None
    assert b"".join(found.chunks(member)) == b"22"
    assert found.faults == [("L101", "The checksum of a is not that of its bytes.")]
