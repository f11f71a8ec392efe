"""The database's addresses: yours by DATABASE_URL, else those of an embedded PostgreSQL.

python -m config.postgres start | stop | status | clean
"""

import fcntl
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg2

from config.keys import site_key
from config.postgres_server import PORT, ROOT_HOME, PostgresError, Server, server_folder

DATABASE = "annotation_ledger"
SUPERUSER = "postgres"
ROLES = {  # the address in the environment: the role that connects by it
    "DATABASE_URL": "ledger_app",
    "MIGRATE_DATABASE_URL": "ledger_migrate",
    "SEAL_DATABASE_URL": "ledger_seal",
    "ERASE_DATABASE_URL": "ledger_eraser",
    "SUPERUSER_DATABASE_URL": SUPERUSER,
}


def database_urls(data_dir: Path) -> dict[str, str]:
    """Return an address for each of ROLES, without starting anything.

    With DATABASE_URL set, only the environment counts: an address that is not given is
    the application's own, which may not do what the other role may.
    """
    application = os.environ.get("DATABASE_URL")
    if application:
        return {name: os.environ.get(name, application) for name in ROLES}
    server = Server(server_folder(data_dir))
    return urls_of(server, passwords_of(data_dir))


def urls_of(
    server: Server, passwords: Mapping[str, str], database: str = DATABASE
) -> dict[str, str]:
    """Return the addresses of `database` on `server`, as psql and Django both read them."""
    query = f"host={quote(str(server.socket_folder))}&port={PORT}"
    return {
        name: f"postgresql://{role}:{passwords[role]}@/{database}?{query}"
        for name, role in ROLES.items()
    }


def ensure(data_dir: Path) -> None:
    """Start the embedded server of `data_dir` if it is needed and does not answer."""
    if os.environ.get("DATABASE_URL"):
        return
    if not _answers(database_urls(data_dir)["DATABASE_URL"]):
        start(data_dir)


def start(data_dir: Path) -> None:
    """Make and start the embedded server of `data_dir` with its roles and its database."""
    with _alone(data_dir):
        server, passwords = Server(server_folder(data_dir)), passwords_of(data_dir)
        server.create(passwords[SUPERUSER])
        if not server.is_running():
            server.start()
        provision(server, passwords)


def stop(data_dir: Path) -> None:
    """Stop the embedded server of `data_dir`, if it runs."""
    with _alone(data_dir):
        Server(server_folder(data_dir)).stop()


def status(data_dir: Path) -> str:
    """Say in one line which database there is and whether it answers."""
    embedded = not os.environ.get("DATABASE_URL")
    whose = "The embedded PostgreSQL" if embedded else "The PostgreSQL of DATABASE_URL"
    answers = _answers(database_urls(data_dir)["DATABASE_URL"])
    return f"{whose} {'answers' if answers else 'does not answer'}."


def clean(data_dir: Path) -> None:
    """Stop the embedded server and remove its database, and what it alone needed, for good."""
    stop(data_dir)
    server = Server(server_folder(data_dir))
    for folder in (server.folder, server.socket_folder):
        shutil.rmtree(folder, ignore_errors=True)
    if os.geteuid() == 0 and not any(ROOT_HOME.glob("[!p]*")):  # no other site of this machine
        shutil.rmtree(ROOT_HOME, ignore_errors=True)


def provision(server: Server, passwords: Mapping[str, str], database: str = DATABASE) -> None:
    """Make `database` and the ledger's roles on a running `server`; keep what is there.

    Raises PostgresError when the superuser's key is not the one the cluster was made with.
    """
    from ledger.database_roles import create_database_roles  # settings load before the apps

    logins = {role: password for role, password in passwords.items() if role != SUPERUSER}
    superuser = urls_of(server, passwords, "postgres")["SUPERUSER_DATABASE_URL"]
    try:
        connection = psycopg2.connect(superuser)
    except psycopg2.OperationalError as error:
        if "password authentication failed" not in str(error):
            raise
        raise PostgresError(
            "The embedded PostgreSQL was made with other keys than those under DATA_DIR/keys."
            " Restore them, or run “make clean” to begin anew."
        ) from error
    with closing(connection):
        connection.autocommit = True  # CREATE DATABASE takes no transaction
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
            if not cursor.fetchone():
                cursor.execute(f'CREATE DATABASE "{database}"')
    superuser = urls_of(server, passwords, database)["SUPERUSER_DATABASE_URL"]
    with (
        closing(psycopg2.connect(superuser)) as connection,
        connection,  # one transaction
        connection.cursor() as cursor,
    ):
        create_database_roles(cursor, logins)


def passwords_of(data_dir: Path) -> dict[str, str]:
    """Return the password of each role: keys under `data_dir`, made on first use."""
    keys = data_dir / "keys"
    return {role: site_key(keys, f"database-{role}").hex() for role in ROLES.values()}


def _answers(url: str) -> bool:
    try:
        psycopg2.connect(url, connect_timeout=5).close()
    except psycopg2.OperationalError:
        return False
    return True


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Hold the lock of `data_dir`, so that two commands never start one server twice."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "postgres.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main(arguments: list[str]) -> int:
    """Do what `arguments` ask; return the exit code."""
    root = Path(__file__).resolve().parent.parent
    data_dir = Path(os.environ.get("DATA_DIR", root / ".data")).resolve()
    commands = {"start": start, "stop": stop, "clean": clean}
    try:
        if arguments == ["status"]:
            sys.stdout.write(status(data_dir) + "\n")
        elif len(arguments) == 1 and arguments[0] in commands:
            if not os.environ.get("DATABASE_URL"):
                commands[arguments[0]](data_dir)
        else:
            sys.stderr.write(f"{__doc__}\n")
            return 2
    except PostgresError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
