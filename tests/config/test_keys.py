"""The site's keys: made once, for its own eyes, and never made again by mistake."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config.keys import KEY_BYTES, site_key


def test_a_key_is_made_once_and_kept(tmp_path: Path) -> None:
    key = site_key(tmp_path / "keys", "blobs")

    assert len(key) == KEY_BYTES
    assert site_key(tmp_path / "keys", "blobs") == key
    assert site_key(tmp_path / "keys", "network") != key


def test_only_the_site_reads_its_keys(tmp_path: Path) -> None:
    folder = tmp_path / "keys"

    site_key(folder, "blobs")

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()] == [0o600]


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: site_key(tmp_path / "keys", "blobs"), range(40)))

    assert len(set(keys)) == 1
    assert len(list((tmp_path / "keys").iterdir())) == 1


@pytest.mark.parametrize("content", ["", "abcd", "not hexadecimal"])
def test_a_damaged_key_is_named_not_replaced(tmp_path: Path, content: str) -> None:
    path = tmp_path / "blobs"
    path.write_text(content)

    with pytest.raises(ValueError, match="blobs is damaged"):
        site_key(tmp_path, "blobs")

    assert path.read_text() == content
