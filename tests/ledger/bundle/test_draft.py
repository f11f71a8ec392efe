"""A draft has no name until it is whole, and never takes another file's."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.bundle.draft import draft
from ledger.bundle.errors import BundleDiskError, BundleExistsError, disk_faults_named

DYING = """
import os, signal, sys
from pathlib import Path
from ledger.bundle.draft import draft
with draft(Path(sys.argv[1])) as made:
    made.file.write(b"half of it")
    made.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def write(place: Path, content: bytes = b"whole") -> None:
    with draft(place) as made:
        made.file.write(content)
        made.keep()


def test_what_is_kept_has_its_name_and_nothing_else_is_left(tmp_path: Path) -> None:
    write(tmp_path / "bundle.zip")

    assert [path.name for path in tmp_path.iterdir()] == ["bundle.zip"]
    assert (tmp_path / "bundle.zip").read_bytes() == b"whole"
    assert (tmp_path / "bundle.zip").stat().st_mode & 0o777 == 0o600


def test_what_is_not_kept_is_gone(tmp_path: Path) -> None:
    with draft(tmp_path / "bundle.zip") as made:
        made.file.write(b"half of it")

    assert list(tmp_path.iterdir()) == []


def test_another_file_is_not_replaced(tmp_path: Path) -> None:
    place = tmp_path / "bundle.zip"
    place.write_bytes(b"another")

    with pytest.raises(BundleExistsError, match="choose another name"):
        write(place)

    assert place.read_bytes() == b"another"


def test_a_file_that_came_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    place = tmp_path / "bundle.zip"

    with draft(place) as made:
        made.file.write(b"whole")
        place.write_bytes(b"another")
        with pytest.raises(BundleExistsError):
            made.keep()

    assert place.read_bytes() == b"another"


def test_a_link_that_leads_nowhere_is_something_too(tmp_path: Path) -> None:
    (tmp_path / "bundle.zip").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(BundleExistsError):
        write(tmp_path / "bundle.zip")

    assert not (tmp_path / "elsewhere").exists()


def test_a_killed_process_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", DYING, str(tmp_path / "bundle.zip")]

    ended = subprocess.run(command, cwd=Path(__file__).parents[3], check=False, timeout=60)

    assert ended.returncode == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == []


def test_file_systems_without_unnamed_files_do_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = os.open

    def refusing(path: Path, flags: int, *mode: int, **more: int) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, "not supported")
        return really(path, flags, *mode, **more)

    monkeypatch.setattr(os, "open", refusing)

    write(tmp_path / "bundle.zip")
    with draft(tmp_path / "other.zip") as made:
        made.file.write(b"half of it")

    assert [path.name for path in tmp_path.iterdir()] == ["bundle.zip"]


@pytest.mark.parametrize(
    ("number", "said"), [(errno.ENOSPC, "is full"), (errno.EROFS, "cannot be written")]
)
def test_a_disk_that_refuses_is_named(tmp_path: Path, number: int, said: str) -> None:
    with pytest.raises(BundleDiskError, match=said) as told, disk_faults_named(tmp_path):
        raise OSError(number, "refused")

    assert str(tmp_path) in str(told.value)
    assert "nothing was kept" in str(told.value)
