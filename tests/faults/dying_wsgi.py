"""The web process, in which a worker dies at the COMMIT of the next act that makes an entry.

FAULT_DIES says "before" or "after"; a worker dies while the file FAULT_MARK is there, and
takes it away, so that the next one lives.
"""

import os
from pathlib import Path
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from config.wsgi import application
from ledger import sealer

__all__ = ["application"]

MARK = Path(os.environ["FAULT_MARK"])
committing = getattr(BaseDatabaseWrapper, "_commit")  # noqa: B009  where Django says COMMIT


def dying(self: Any) -> None:
    is_entry = any(hook == sealer.after_commit for _, hook, _ in self.run_on_commit)
    if not (is_entry and MARK.exists()):
        committing(self)
        return
    MARK.unlink()
    if os.environ["FAULT_DIES"] == "after":
        committing(self)
    os._exit(9)


setattr(BaseDatabaseWrapper, "_commit", dying)  # noqa: B010
