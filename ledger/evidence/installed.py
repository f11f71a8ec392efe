"""What runs here: versions, the commit where it is known, one digest over our files."""

from __future__ import annotations

import platform
import tomllib
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.db import connection

from ledger.evidence.events import Installation

PACKAGES = ("config", "ledger", "accounts", "annotations")
LEFT_OUT = {".pyc"}


def installation() -> Installation:
    """Return the facts that bind a report to what was installed when it was asked for."""
    base = Path(settings.BASE_DIR)
    project = tomllib.loads((base / "pyproject.toml").read_text())["project"]
    files, digest = _manifest(base)
    return Installation(
        name="Annotation ledger",
        version=project["version"],
        commit=_commit(base / ".git"),
        files=files,
        manifest_sha256=digest,
        database=f"PostgreSQL {_server_version()}",
        environment=f"Python {platform.python_version()}, {platform.system()}",
    )


def _manifest(base: Path) -> tuple[int, str]:
    """Return how many files our packages have, and the digest over their paths and hashes."""
    paths = sorted(
        path
        for package in PACKAGES
        for path in (base / package).rglob("*")
        if path.is_file() and path.suffix not in LEFT_OUT
    )
    lines = (
        f"{sha256(path.read_bytes()).hexdigest()}  {path.relative_to(base).as_posix()}\n"
        for path in paths
    )
    return len(paths), sha256("".join(lines).encode()).hexdigest()


def _commit(git: Path) -> str:
    """Return the commit that is checked out; empty where there is no repository."""
    head = git / "HEAD"
    if not head.is_file():
        return ""
    said = head.read_text().strip()
    if not said.startswith("ref: "):
        return said
    name = said.removeprefix("ref: ")
    if (git / name).is_file():
        return (git / name).read_text().strip()
    packed = git / "packed-refs"
    lines = packed.read_text().splitlines() if packed.is_file() else []
    return next((line.split()[0] for line in lines if line.endswith(f" {name}")), "")


def _server_version() -> str:
    connection.ensure_connection()
    number = connection.connection.server_version
    return f"{number // 10_000}.{number % 10_000}"
