"""Verify a bundle before anybody can have it, by the verifier that travels inside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.bundle.progress import Progress
    from ledger.bundle.writing import Made


def prove(path: Path, made: Made, progress: Progress) -> None:
    """Pending."""
