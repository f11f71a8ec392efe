"""One throw-away PostgreSQL, as durable as the site's own; gone with its folder afterwards."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from config import postgres
from config.postgres_server import START_SECONDS, Server, find_programs, server_account

ROOT = Path(__file__).resolve().parent.parent
SLOW = Path(__file__).resolve().parent / "slow_commits.c"
PLAIN = """
CREATE TABLE bench_plain (
    LIKE ledger.body INCLUDING IDENTITY INCLUDING INDEXES INCLUDING STORAGE
);
GRANT SELECT, INSERT ON bench_plain TO ledger_app
"""
MIGRATE = ("migrate", "--database=migrate", "--skip-checks", "-v0")
SET_UP = (  # the site first: the peers' tables point to its users
    ("config.settings", MIGRATE),
    ("bench.settings", (*MIGRATE, "--run-syncdb")),
    ("bench.settings", ("pgtrigger", "install", "--database=migrate")),
)


@dataclass(frozen=True)
class Bench:
    """The server, its folder, and the environment in which the site works on it."""

    folder: Path
    server: Server
    environment: dict[str, str]

    def superuser(self, *statements: str) -> None:
        """Run statements as the superuser, each by itself."""
        with closing(
            psycopg2.connect(self.environment["SUPERUSER_DATABASE_URL"])
        ) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)

    def restart(self) -> None:
        """Stop the server and start it again, for settings that need it."""
        self.server.stop()
        self.server.start()

    def restart_slowly(self) -> bool:
        """Start again with 3 ms added to each flush of the log; False without a C compiler."""
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        if not compiler:
            return False
        library = self.folder / "slow_commits.so"
        command = [compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(SLOW), "-ldl"]
        subprocess.run(command, check=True)
        library.chmod(0o755)
        self.server.stop()
        account = server_account(self.server.folder)
        subprocess.run(
            [
                str(find_programs() / "pg_ctl"), "start", "--pgdata", str(self.server.cluster),
                "--wait", "--timeout", str(START_SECONDS), "--log", str(self.server.log),
            ],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env={"PATH": os.defpath, "HOME": "/", "LC_ALL": "C", "LD_PRELOAD": str(library)},
            **(account.options() if account else {}),
        )  # fmt: skip
        return True


@contextmanager
def bench() -> Iterator[Bench]:
    """Yield a server with the migrated site, the peers' tables and a plain one beside them."""
    folder = Path(tempfile.mkdtemp(prefix="ledger-bench-"))
    folder.chmod(0o755)
    server, passwords = Server(folder / "postgres"), postgres.passwords_of(folder)
    try:
        server.create(passwords[postgres.SUPERUSER])
        server.start()
        postgres.provision(server, passwords)
        urls = postgres.urls_of(server, passwords)
        environment = {
            **os.environ,
            **urls,
            "DATA_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "bench.settings",
        }
        made = Bench(folder, server, environment)
        for settings, command in SET_UP:
            subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=ROOT,
                env={**environment, "DJANGO_SETTINGS_MODULE": settings},
                stdout=subprocess.DEVNULL,
                check=True,
            )
        made.superuser(*PLAIN.split(";"))
        yield made
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
