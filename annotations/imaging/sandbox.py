"""Parsing and decoding in a process of their own, with limits, so a hostile file harms nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one job may use: bytes of memory, seconds of processor and of wall time, bytes per file."""

    memory: int = 3 * 1024**3
    cpu_seconds: int = 60
    wall_seconds: float = 60.0
    file_bytes: int = 1024**3


@contextmanager
def job_folder() -> Iterator[Path]:
    """Make a folder only this process's user can enter, and remove it with all it holds."""
    raise NotImplementedError
    yield Path()


def run(function: str, *, limits: Limits = Limits(), **arguments: Any) -> Any:  # noqa: B008
    """Run `function` ("annotations.imaging.intake.prepare") of the allowed list in a fresh process."""
    raise NotImplementedError
