"""A file and a folder are flushed as the system does it; what is not there is an error."""

import os
from pathlib import Path

import pytest

from ledger.durable import make_durable


def handles() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def test_files_and_folders_are_flushed_and_let_go(tmp_path: Path) -> None:
    (tmp_path / "note").write_bytes(b"kept")
    (tmp_path / "elsewhere").symlink_to(tmp_path)
    before = handles()

    for path in (tmp_path, tmp_path / "note", tmp_path / "elsewhere"):
        make_durable(path)

    assert handles() == before


def test_what_is_not_there_is_never_called_durable(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        make_durable(tmp_path / "nothing")


def test_what_the_disk_refuses_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    held = os.open(tmp_path / "pipe", os.O_RDWR)  # so that opening it does not wait

    with pytest.raises(OSError, match="Invalid argument"):  # fsync(2): EINVAL
        make_durable(tmp_path / "pipe")
    os.close(held)
