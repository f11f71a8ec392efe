"""The folder of subjects' keys: wrapped, private, made once, destroyed for good."""

from pathlib import Path

import pytest

from accounts.errors.retention import SubjectErasedError
from accounts.subject_keys import FolderStore, KeyDamagedError

NAME, OTHER = "00112233445566aa", "00112233445566bb"
MASTER = bytes(range(32))


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "subjects", MASTER)


def test_a_key_is_made_once_and_wrapped(store: FolderStore) -> None:
    assert store.get(NAME) is None

    key = store.get_or_make(NAME)

    assert len(key) == 32
    assert FolderStore(store.folder, MASTER).get_or_make(NAME) == key
    assert key not in (store.folder / NAME).read_bytes()
    assert (store.folder / NAME).stat().st_mode & 0o777 == 0o600
    assert store.folder.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in store.folder.iterdir()] == [NAME]


def test_a_destroyed_key_is_gone_and_never_made_again(store: FolderStore) -> None:
    store.get_or_make(NAME)
    wrapped = (store.folder / NAME).read_bytes()

    store.destroy(NAME)
    store.destroy(NAME)

    assert store.is_destroyed(NAME)
    assert not any(wrapped in path.read_bytes() for path in store.folder.iterdir())
    with pytest.raises(SubjectErasedError):
        store.get(NAME)
    with pytest.raises(SubjectErasedError):
        store.get_or_make(NAME)
    assert not store.is_destroyed(OTHER)


def test_a_key_is_overwritten_before_it_is_unlinked(store: FolderStore) -> None:
    store.get_or_make(NAME)
    kept = store.folder.parent / "hard link"
    kept.hardlink_to(store.folder / NAME)
    wrapped = kept.read_bytes()

    store.destroy(NAME)

    assert len(kept.read_bytes()) == len(wrapped)
    assert wrapped[4:] not in kept.read_bytes()


def test_a_key_opens_under_its_own_name_and_master_alone(store: FolderStore) -> None:
    store.get_or_make(NAME)
    (store.folder / OTHER).write_bytes((store.folder / NAME).read_bytes())

    with pytest.raises(KeyDamagedError):
        store.get(OTHER)
    with pytest.raises(KeyDamagedError):
        FolderStore(store.folder, bytes(32)).get(NAME)
    (store.folder / NAME).write_bytes(b"ASK1")
    with pytest.raises(KeyDamagedError):
        store.get(NAME)


@pytest.mark.parametrize("name", ["", "../network", "00112233445566AA", NAME + "0"])
def test_only_names_of_keys_reach_the_folder(store: FolderStore, name: str) -> None:
    for act in (store.get, store.get_or_make, store.destroy):
        with pytest.raises(ValueError, match="16 lower-case"):
            act(name)
