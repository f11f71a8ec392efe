"""Fault 21: PostgreSQL is set to forget; the web process and commands refuse to start."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from config.postgres import DATABASE
from tests.faults.harness import Site, site
from tests.faults.telling import Case, long_run

WEB = ("-m", "gunicorn", "config.wsgi", "--bind", "127.0.0.1:0", "--workers", "1")
COMMANDS = {
    "web": WEB,
    "verify_ledger": ("manage.py", "verify_ledger"),
    "run_ledger_jobs": ("manage.py", "run_ledger_jobs"),
}
PATIENCE = 60.0  # seconds until a process that starts counts as not refused
PLACES = {
    "fsync": "SYSTEM",
    "full_page_writes": "SYSTEM",
    "synchronous_commit": "SYSTEM",
    "synchronous_commit of a role": "ROLE ledger_app",
    "synchronous_commit of the signer": "ROLE ledger_seal",
    "synchronous_commit of who erases": "ROLE ledger_eraser",
    "synchronous_commit of a database": f"DATABASE {DATABASE}",
    "synchronous_commit of a role here": f"ROLE ledger_app IN DATABASE {DATABASE}",
}


@pytest.fixture(scope="module")
def here() -> Iterator[Site]:
    with site() as made:
        yield made


@contextmanager
def off(here: Site, name: str, place: str) -> Iterator[None]:
    """Set a setting off meanwhile, where an administrator might."""
    with here.superuser() as cursor:
        cursor.execute(f"ALTER {place} SET {name} = off")
        cursor.execute("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            cursor.execute(f"ALTER {place} RESET {name}")
            cursor.execute("SELECT pg_reload_conf()")


def refusal(here: Site, *command: str) -> str:
    """Return what a process says that does not start; nothing for one that works."""
    process = here.begin(*command)
    try:
        said = "".join(process.communicate(timeout=PATIENCE))
    except subprocess.TimeoutExpired:
        process.terminate()
        process.communicate()
        return ""
    return said if process.returncode else ""


@long_run
@pytest.mark.parametrize("what", PLACES)
def test_nothing_starts_on_a_database_that_forgets(here: Site, what: str) -> None:
    case, name, place = Case(21), what.partition(" ")[0], PLACES[what]
    refused = {}

    with off(here, name, place):
        for command, arguments in COMMANDS.items():
            said = refusal(here, *arguments)
            refused[command] = f"runs with {name} off" in said and f"ALTER {place}" in said

    assert refused == dict.fromkeys(COMMANDS, True)
    assert here.run("manage.py", "check").returncode == 0
    case.verify = "refused to start"
    case.tell(setting=name, place=place)
