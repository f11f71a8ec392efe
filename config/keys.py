"""The site's secret keys: one file each under DATA_DIR/keys, made on first use."""

import os
import re
import secrets
from pathlib import Path

import ledger

KEY_BYTES = 32


def site_key(folder: Path, name: str) -> bytes:
    """Return the 32 secret bytes called `name`, making them once.

    Two processes that start together agree: the file appears whole, by a hard link that
    only one of them can make.  Raises ValueError if the file holds something else.
    """
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make(path)
    written = path.read_text().strip()
    if not re.fullmatch(rf"[0-9a-f]{{{2 * KEY_BYTES}}}", written):
        raise ValueError(f"The key {name} is damaged; restore it from the backup of the keys.")
    return bytes.fromhex(written)


def _make(path: Path) -> None:
    folder = path.parent
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return  # another process was first; its key is the key
    finally:
        draft.unlink()
        for each in (folder, folder.parent):  # its name outlives a power loss, like its content
            ledger.make_durable(each)
