"""System checks of the signer: its keys and memory are for its own account alone."""

from collections.abc import Iterator
from pathlib import Path
from stat import S_ISVTX
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from ledger.signing_keys import looseness

WRITABLE_BY_ALL = 0o002
MORE = 5  # files named; the others fall to the same command


@register
def check_signer(**kwargs: Any) -> list[CheckMessage]:
    """Judge SIGNER_DIR as it lies there; one that does not exist yet is made safely."""
    folder = Path(settings.SIGNER_DIR)
    complaints = [*_inside(folder), *_around(folder)]
    return [
        Error(
            f"The signer's keys are not safe: {what}",
            hint="SIGNER_DIR is a folder of mode 700, its files 600, under folders that not"
            " everybody can write, and not where files are served from: docs/keys.md.",
            id="ledger.E010",
        )
        for what in complaints[:MORE]
    ]


def require_safe_signer() -> None:
    """Raise ImproperlyConfigured if others could reach the keys: called before serving."""
    errors = check_signer()
    if errors:
        raise ImproperlyConfigured(" ".join(f"{error.msg} {error.hint}" for error in errors))


def _inside(folder: Path) -> Iterator[str]:
    """Yield what is wrong with the folder and with each file in it."""
    if not folder.exists() and not folder.is_symlink():
        return
    complaint = looseness(folder)
    if complaint:  # nothing inside is safe, or can be looked at
        yield complaint
        return
    for path in sorted(folder.rglob("*")):
        if complaint := looseness(path):
            yield complaint


def _around(folder: Path) -> Iterator[str]:
    """Yield where the folder lies among files that are served, or could be swapped."""
    place = folder.resolve()
    for served in (settings.STATIC_ROOT, *settings.STATICFILES_DIRS):
        if place.is_relative_to(Path(served).resolve()):
            yield f"{folder} lies in {served}, whose files anybody may fetch."
    for parent in place.parents:
        if not parent.exists():
            continue
        mode = parent.stat().st_mode
        if mode & WRITABLE_BY_ALL and not mode & S_ISVTX:
            yield f"{parent}, above it, can be written by everybody; run: chmod o-w {parent}"
