"""Names and bytes that outlive a power loss: fsync(2) of a file, and of the folder it is in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def make_durable(path: Path) -> None:
    """Make the bytes of a file, or the names in a folder, outlive a power loss.

    A rename, link or unlink lasts only once its folder is flushed.  Raises OSError.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
