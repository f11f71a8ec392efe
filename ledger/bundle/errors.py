"""What keeps a bundle from being made; each says what to do."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class BundleError(Exception):
    """A bundle cannot be made, and nothing of it is kept."""


class BundleExistsError(BundleError):
    """A file stands where the bundle would go; no bundle replaces another file."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is there already; choose another name or move it away.")


class BundleDiskError(BundleError):
    """The bundle does not fit on the disk, or cannot be written there."""

    def __init__(self, folder: Path, error: OSError) -> None:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            told = "is full: making a bundle takes twice its size. Make room"
        else:
            told = f"cannot be written ({error.strerror or type(error).__name__}). Mend that"
        super().__init__(
            f"The disk of {folder} {told} or choose another folder; nothing was kept."
        )


class BundleTooLargeError(BundleError):
    """The list of a bundle's files and withheld entries is longer than verifiers read."""

    def __init__(self, size: int) -> None:
        super().__init__(
            f"Its manifest would have {size:,} bytes; verifiers read 64 MiB at most."
            " Withhold less: export the whole project, or a longer period."
        )


class EmptyScopeError(BundleError):
    """Nothing on record is within what was asked for."""


class NotSignedError(BundleError):
    """The stream's newest head is not signed in a way that a bundle could be checked by."""


class BundleNotSoundError(BundleError):
    """The bundle did not verify after it was made, so it is not handed out."""

    def __init__(self, findings: list[str]) -> None:
        told = "; ".join(findings[:3]) or "its verdicts are not good"
        super().__init__(
            f"The bundle does not verify: {told}. It was not kept. Run verify_ledger and find"
            " out what happened to the record."
        )


@contextmanager
def disk_faults_named(folder: Path) -> Iterator[None]:
    """Let whatever the disk refuses below be told with the folder's name and what to do."""
    try:
        yield
    except OSError as error:
        raise BundleDiskError(folder, error) from None
