"""Files: each compared once with what was listed, listed once, at a known place."""

import hashlib
from io import BytesIO

from ledger.verifier.archive import Archive
from ledger.verifier.files import Files
from ledger.verifier.findings import Findings
from tests.ledger.verifier.world import archive

CONTENTS = {"a": b"one", "b/c": b"two!", "human/d": b"", "z": b"x" * 70}


def files(**listed: bytes) -> Files:
    """Return an archive's files, with the digests of other contents where they are told."""
    made = Files(Archive(BytesIO(archive(list(CONTENTS.items())))), Findings())
    for path, content in (CONTENTS | listed).items():
        made.take(path, hashlib.sha256(content).digest(), len(content))
    return made


def found(made: Files) -> list[tuple[str, str]]:
    return [(code, message.partition(" ")[0]) for _, code, message in made.findings.all()]


def test_what_was_listed_and_has_a_place_is_good() -> None:
    made = files()
    for path, content in CONTENTS.items():
        assert made.read(path, len(content)) == content
        assert made.digest(path) == hashlib.sha256(content).digest()
    made.sweep()
    assert found(made) == []


def test_a_file_that_is_too_long_is_not_read() -> None:
    made = files()
    assert made.read("z", 69) is None
    assert made.read("absent", 69) is None
    assert made.digest("absent") is None


def test_another_file_is_found_once_however_often_it_is_read() -> None:
    made = files(z=b"y" * 70)
    for _ in range(3):
        assert made.read("z", 70) == b"x" * 70
    assert found(made) == [("L104", "z")]
    made = files(z=b"y" * 70)
    for path in ("a", "b/c", "z"):
        made.place(path)
    made.sweep()
    assert found(made) == [("L104", "z")]


def test_another_size_is_found() -> None:
    made = files(a=b"ones")
    assert [message for _, _, message in made.findings.all()] == ["a has 3 bytes, not 4."]


def test_what_is_listed_and_missing_is_found() -> None:
    made = files(absent=b"", zz=b"")
    assert found(made) == [("L105", "absent"), ("L105", "zz")]


def test_what_has_no_place_or_is_not_listed_is_found() -> None:
    made = files()
    made.place("a")
    made.sweep()
    assert found(made) == [("L106", "'b/c'"), ("L106", "'z'")]
    bare = Files(Archive(BytesIO(archive(list(CONTENTS.items())))), Findings())
    bare.skip("a")
    bare.skip("absent")
    bare.place("z")
    assert bare.read("z", 70) == b"x" * 70
    assert bare.digest("z") is None
    bare.sweep()
    assert found(bare) == [("L106", "'b/c'"), ("L106", "'human/d'"), ("L106", "'z'")]


def test_files_below_a_folder() -> None:
    assert list(files().below("b/")) == ["b/c"]
    assert list(files().below("")) == list(CONTENTS)
