"""Where the signing keys lie: for the signer's own account alone, whole, and never replaced."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger.signing_keys import (
    FileKeys,
    KeyGoneError,
    UnsafePlaceError,
    read_private,
    write_private,
)


def store(tmp_path: Path) -> FileKeys:
    return FileKeys(tmp_path / "signer")


def test_a_key_is_made_once_and_signs(tmp_path: Path) -> None:
    keys = store(tmp_path)

    public = keys.make(0)
    again = keys.make(0)

    Ed25519PublicKey.from_public_bytes(public).verify(keys.sign(0, b"text\n"), b"text\n")
    assert again == public == store(tmp_path).public(0)
    assert keys.epochs() == [0]


def test_only_its_owner_reads_a_key(tmp_path: Path) -> None:
    keys = store(tmp_path)
    keys.make(0)

    modes = [path.stat().st_mode & 0o777 for path in (keys.folder, keys.folder / "0.pem")]

    assert modes == [0o700, 0o600]
    assert len(list(keys.folder.iterdir())) == 1


def test_threads_that_make_a_key_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: store(tmp_path).make(0), range(16)))

    assert len(made) == 1
    assert [path.name for path in store(tmp_path).folder.iterdir()] == ["0.pem"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660])
def test_a_key_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    keys = store(tmp_path)
    keys.make(0)
    (keys.folder / "0.pem").chmod(mode)

    with pytest.raises(UnsafePlaceError, match="chmod 600"):
        keys.sign(0, b"text")


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o711])
def test_a_folder_that_others_can_enter_is_refused(tmp_path: Path, mode: int) -> None:
    keys = store(tmp_path)
    keys.make(0)
    keys.folder.chmod(mode)

    with pytest.raises(UnsafePlaceError, match="chmod 700"):
        keys.make(1)


def test_a_link_in_place_of_a_key_is_refused(tmp_path: Path) -> None:
    keys = store(tmp_path)
    keys.make(0)
    (keys.folder / "1.pem").symlink_to(keys.folder / "0.pem")

    with pytest.raises(UnsafePlaceError, match="symbolic link"):
        keys.public(1)


def test_a_missing_key_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(KeyGoneError, match="backup"):
        store(tmp_path).sign(3, b"text")


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\n", b"\xff" * 100])
def test_a_damaged_key_is_no_key(tmp_path: Path, content: bytes) -> None:
    keys = store(tmp_path)
    write_private(keys.folder / "0.pem", content)

    with pytest.raises(KeyGoneError, match="no Ed25519 key"):
        keys.public(0)


def test_what_is_written_replaces_the_old_whole(tmp_path: Path) -> None:
    path = tmp_path / "signer" / "state"
    write_private(path, b"old")

    write_private(path, b"new")

    assert read_private(path) == b"new"
    assert [p.name for p in path.parent.iterdir()] == ["state"]


def test_a_write_that_fails_leaves_the_old(tmp_path: Path) -> None:
    path = tmp_path / "signer" / "state"
    write_private(path, b"old")
    path.with_name("taken").mkdir()

    with pytest.raises(OSError, match="taken"):
        write_private(path.with_name("taken"), b"new")

    assert read_private(path) == b"old"
    assert sorted(p.name for p in path.parent.iterdir()) == ["state", "taken"]
