"""Hold the record to what was anchored: the folder knows an earlier state of every stream."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Max

from ledger.anchors.folder import FolderAnchor, read_folder
from ledger.models import AnchorState

if TYPE_CHECKING:
    from collections.abc import Collection

    from ledger.verifier.notes import Checkpoint, VKey

NEWEST = 100  # each covers what is before it: older ones are read, and compared by form alone
MAX_WRONG = 100


@dataclass
class Examination:
    """What the folder says of a stream: its newest checkpoints, and what is wrong with it."""

    newest: deque[Checkpoint] = field(default_factory=lambda: deque(maxlen=NEWEST))
    edited: list[str] = field(default_factory=list)
    set_back: str = ""


def examine_folder(origin: str, keys: Collection[VKey]) -> Examination:
    """Return what the configured folder holds of a stream whose `keys` are trusted.

    A file that was edited is named; so is a folder that no longer has what it took last.
    """
    found = Examination()
    for anchor in FolderAnchor.configured():
        for kept in read_folder(anchor.folder, origin, keys):
            if kept.checkpoint is not None:
                found.newest.append(kept.checkpoint)
            elif len(found.edited) < MAX_WRONG:
                found.edited.append(f"{kept.name} in the folder of anchors: {kept.wrong}")
        taken = _last_size(anchor, origin)
        newest = found.newest[-1].size if found.newest else 0
        if newest < taken:
            found.set_back = (
                f"The folder of anchors took a checkpoint of {taken:,} entries and has none"
                f" above {newest:,} now: it was set back, or files were removed."
            )
    return found


def _last_size(anchor: FolderAnchor, origin: str) -> int:
    states = AnchorState.objects.filter(
        kind=anchor.kind, target=anchor.target, stream__origin=origin
    )
    return int(states.aggregate(newest=Max("last_size"))["newest"] or 0)
