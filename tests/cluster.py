"""One throw-away PostgreSQL for each test run, begun before Django reads its settings.

Loaded with `-p`.  The first process starts the server, on a copy of a cluster that holds the
migrated template; workers find it through the environment.  Each works, as `ledger_app`, in
its own clone of the template.
"""

import atexit
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from config import postgres
from config.postgres_server import Server, find_programs, server_account

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "test-clusters"
CACHED = 4  # clusters kept: one for each state of the migrations worked on lately
PREFIX = "ledger-test-"
TEMPLATE = "template_migrated"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
DATABASE = f"test_{WORKER}"


def begin() -> None:
    """Join the run's server, or start it, and aim the environment at this worker's database."""
    home = os.environ.get("TEST_CLUSTER")
    if not home or WORKER == "main":
        home = os.environ["TEST_CLUSTER"] = str(_start())
    folder = Path(home)
    os.environ.update(_urls(folder, DATABASE))
    os.environ["DATA_DIR"] = str(folder / f"data-{WORKER}")
    static = folder / "static"  # empty: live servers find files where they were built
    static.mkdir(exist_ok=True)
    os.environ["STATIC_ROOT"] = str(static)
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)


def _urls(folder: Path, database: str) -> dict[str, str]:
    return postgres.urls_of(_server(folder), postgres.passwords_of(folder), database)


def _server(folder: Path) -> Server:
    return Server(folder / "postgres", durable=False)


def _start() -> Path:
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    folder.chmod(0o755)
    cached = CACHE / _fingerprint()
    if cached.exists():
        _copy(cached, folder)
    else:
        _build(folder)
        if not (folder / "failure").exists():
            _keep(folder, cached)
    atexit.register(_end, folder)
    _server(folder).start()
    return folder


def _fingerprint() -> str:
    """Return a digest of everything that decides what the migrated template holds."""
    patterns = (
        "*/migrations/*.py",
        "*/models.py",
        "*/models/*.py",
        "*/apps.py",
        "ledger/sql/*",
    )
    own = (
        "config/settings.py",
        "config/ledger_settings.py",
        "config/postgres_server.py",
        "ledger/database_roles.py",
    )
    paths = {path for pattern in patterns for path in ROOT.glob(pattern)}
    paths |= {ROOT / "uv.lock", *(ROOT / name for name in own)}
    digest = hashlib.sha256(f"{sys.version}\0{find_programs()}\0".encode())
    for path in sorted(paths):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _build(folder: Path) -> None:
    server, passwords = _server(folder), postgres.passwords_of(folder)
    server.create(passwords[postgres.SUPERUSER])
    server.start()
    postgres.provision(server, passwords, TEMPLATE)
    environment = {**os.environ, **_urls(folder, TEMPLATE), "DATA_DIR": str(folder / "data")}
    migration = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--database=migrate", "-v0", "--skip-checks"],
        cwd=ROOT,
        env=environment | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    server.stop()
    if migration.returncode:
        (folder / "failure").write_text(migration.stderr)


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, dirs_exist_ok=True)
    os.utime(source)  # the least recently used goes first
    account = server_account(target / "postgres")
    if account:
        for path in (target / "postgres", *(target / "postgres").rglob("*")):
            os.chown(path, account.uid, account.gid)


def _keep(folder: Path, cached: Path) -> None:
    """Keep the built cluster for later runs; of two that built it at once, one wins."""
    CACHE.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=CACHE))
    ignore = shutil.ignore_patterns("run", "postmaster.*", "data")
    shutil.copytree(folder, draft, dirs_exist_ok=True, ignore=ignore)
    try:
        draft.rename(cached)
    except OSError:
        shutil.rmtree(draft)
    by_age = sorted(CACHE.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in by_age[CACHED:]:
        shutil.rmtree(old, ignore_errors=True)


def _sweep() -> None:
    """Remove what runs that were killed have left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        try:
            os.kill(int(folder.name.split("-")[2]), 0)
        except ProcessLookupError:
            _end(folder)
        except PermissionError:
            continue  # another person's run


def _end(folder: Path) -> None:
    _server(folder).stop()
    shutil.rmtree(folder, ignore_errors=True)


def clone() -> None:
    """Give this worker a fresh copy of the migrated template, whoever is still connected."""
    folder = Path(os.environ["TEST_CLUSTER"])
    if (folder / "failure").exists():
        lines = (folder / "failure").read_text().strip().splitlines()[-12:]
        pytest.fail("The migrations are broken:\n" + "\n".join(lines), pytrace=False)
    superuser = _urls(folder, "postgres")["SUPERUSER_DATABASE_URL"]
    with closing(psycopg2.connect(superuser)) as connection:
        connection.autocommit = True  # CREATE DATABASE takes no transaction
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {DATABASE} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")


begin()
