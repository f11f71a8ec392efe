"""What a fault does to the machine under PostgreSQL: its programs, processes and folders.

python -m tests.faults.machine   says what the faults need and this machine lacks
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from config import postgres
from config.postgres_server import PORT, find_programs, server_account
from tests.faults.harness import Site

PATIENCE = 180.0  # seconds, on a machine that is busy with more


def own(here: Site, path: Path) -> Path:
    """Make the folder `path`, if need be, and give it and all in it to the server's account."""
    path.mkdir(exist_ok=True, mode=0o700)
    account = server_account(here.server.folder)
    if account:
        for each in (path, *path.rglob("*")):
            os.chown(each, account.uid, account.gid, follow_symlinks=False)
    return path


def program(here: Site, name: str, *arguments: str, **environment: str) -> None:
    """Run a program of PostgreSQL's as the server's account; raise if it fails."""
    account = server_account(here.server.folder)
    superuser = {
        "PGHOST": str(here.server.socket_folder),
        "PGPORT": str(PORT),
        "PGUSER": postgres.SUPERUSER,
        "PGPASSWORD": postgres.passwords_of(here.folder)[postgres.SUPERUSER],
    }
    with (here.folder / "program.log").open("w+") as said:
        done = subprocess.run(
            [str(find_programs() / name), *arguments],
            env={"PATH": os.defpath, "LC_ALL": "C", **superuser, **environment},
            stdin=subprocess.DEVNULL,
            stdout=said,  # a server that it starts keeps whatever it inherits open
            stderr=said,
            check=False,
            **(account.options() if account else {}),
        )
    if done.returncode:
        raise RuntimeError(f"{name}: {(here.folder / 'program.log').read_text()}")


def processes(here: Site) -> list[int]:
    """Return the postmaster's number and those of its children."""
    first_line, *_ = (here.server.cluster / "postmaster.pid").read_text().splitlines()
    children = Path(f"/proc/{first_line}/task/{first_line}/children").read_text().split()
    return [int(first_line), *map(int, children)]


def require(*tools: str) -> None:
    """Raise RuntimeError, which fails a case, unless these programs are here."""
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing:
        raise RuntimeError(f"These faults need {', '.join(missing)}: install the package.")


def clock_at(offset: str) -> dict[str, str]:
    """Return the environment that shifts a process's clock: "-30d" is 30 days back.

    Raises RuntimeError where libfaketime is not installed.
    """
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        raise RuntimeError("These faults need libfaketime: install the package faketime.")
    return {
        "LD_PRELOAD": str(found[0]),
        "FAKETIME": offset,
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


def start_at(here: Site, offset: str) -> None:
    """Start a server that was stopped, with its clock shifted."""
    where = ("-D", str(here.server.cluster), "-l", str(here.server.log), "-w")
    program(here, "pg_ctl", "start", *where, **clock_at(offset))


@contextmanager
def small_disk(folder: Path, *, size: str) -> Iterator[None]:
    """Mount a disk of its own at `folder`, in memory; `size` as mount takes it: "200m".

    Raises RuntimeError where that is not allowed: it takes root.
    """
    folder.mkdir(mode=0o755)
    _mount("-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", str(folder))
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def grow(folder: Path, *, size: str) -> None:
    """Give a mounted disk more room."""
    _mount("-o", f"remount,size={size}", str(folder))


def _mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"These faults need root, to mount: {done.stderr}")


def fill(folder: Path) -> None:
    """Leave no room on a disk."""
    with suppress(OSError), (folder / "ballast").open("wb", buffering=0) as ballast:
        while True:
            ballast.write(bytes(4096))


def wait_until(done: Callable[[], bool], what: str) -> None:
    """Wait until `done`; raise AssertionError, naming `what`, after PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline, f"{what} did not happen in time"
        time.sleep(0.05)


def lacks() -> list[str]:
    """Return what these faults need and this machine does not have or allow, in words."""
    missing = []
    if not shutil.which("strace"):
        missing.append("strace: install the package strace")
    elif subprocess.run(["strace", "-o", os.devnull, "true"], check=False).returncode:
        missing.append("permission to trace processes: allow ptrace, in a container SYS_PTRACE")
    try:
        clock_at("-1d")
    except RuntimeError:
        missing.append("libfaketime: install the package faketime")
    try:
        with tempfile.TemporaryDirectory() as name, small_disk(Path(name, "m"), size="1m"):
            pass
    except (RuntimeError, OSError):
        missing.append("permission to mount: be root, in a container with SYS_ADMIN")
    return missing


if __name__ == "__main__":
    sys.exit("\n".join(f"make faults needs {each}." for each in lacks()) or 0)
