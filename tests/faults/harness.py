"""A durable PostgreSQL of its own for each case, and the power to kill it."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psycopg2

from config import postgres
from config.postgres_server import Server

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Site:
    """A migrated database on a server that flushes every commit, and the way to reach it."""

    folder: Path

    @property
    def server(self) -> Server:
        return Server(self.folder / "postgres")

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a command that works here, as the application's role."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("TEST_CLUSTER")}
        urls = postgres.urls_of(self.server, postgres.passwords_of(self.folder))
        settings = {"DJANGO_SETTINGS_MODULE": "config.settings", "DATA_DIR": str(self.folder)}
        return inherited | urls | settings

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a Python command to its end and return what it printed."""
        return subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def begin(self, *command: str, log: IO[str] | None = None) -> subprocess.Popen[str]:
        """Begin a Python command that goes on beside the test.

        What it prints goes to `log`, or else into pipes: a process that nobody reads blocks
        once they are full.
        """
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=log or subprocess.PIPE,
            stderr=log or subprocess.PIPE,
            text=True,
        )

    def verify(self) -> dict[str, Any]:
        """Return what verify_ledger prints as JSON."""
        printed = self.run("manage.py", "verify_ledger", "--json")
        assert printed.stdout, printed.stderr
        return dict(json.loads(printed.stdout))

    @contextmanager
    def superuser(self) -> Iterator[Any]:
        """Yield a superuser's cursor, autocommit: for what the application may not do."""
        url = self.environment["SUPERUSER_DATABASE_URL"]
        with closing(psycopg2.connect(url)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                yield cursor

    def kill_database(self) -> None:
        """SIGKILL the postmaster and each of its children: no goodbye, no checkpoint."""
        first_line, *_ = (self.server.cluster / "postmaster.pid").read_text().splitlines()
        postmaster = int(first_line)
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for pid in (postmaster, *map(int, children)):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue  # it died with its parent


@contextmanager
def site(
    disk: Callable[[Path], AbstractContextManager[object]] = nullcontext,
) -> Iterator[Site]:
    """Yield a fresh site and take it down afterwards.

    `disk` is entered with the folder of the database's server, which it may mount.
    """
    with tempfile.TemporaryDirectory(prefix="ledger-fault-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        here = Site(folder)
        with disk(here.server.folder):
            passwords = postgres.passwords_of(folder)
            here.server.create(passwords[postgres.SUPERUSER])
            here.server.start()
            try:
                postgres.provision(here.server, passwords)
                done = here.run("manage.py", "migrate", "--database=migrate", "-v0")
                assert done.returncode == 0, done.stderr
                yield here
            finally:
                here.server.stop()
