"""Anchors: where checkpoints go so that nobody here can take them back.

`publish_everything` hands over what is due, outside any transaction of users' work; what fails
is kept, told and tried again.  `status` says how each anchor stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.anchors import (  # each kind registers itself
    folder,
    object_store,
    publishing,
    time_stamps,
    waiting,
    witnesses,
)
from ledger.anchors.base import every_anchor
from ledger.anchors.publishing import Outcome
from ledger.anchors.waiting import AnchorStatus, allowed_lag, only_housekeeping

if TYPE_CHECKING:
    from ledger.models import Checkpoint, Stream

__all__ = [
    "AnchorStatus",
    "Outcome",
    "allowed_lag",
    "folder",
    "object_store",
    "only_housekeeping",
    "publish",
    "publish_everything",
    "status",
    "time_stamps",
    "witnesses",
]


def publish(stream: Stream, checkpoint: Checkpoint | None = None) -> list[Outcome]:
    """Hand a stream's newest checkpoint to every anchor that lacks it; see below.

    `checkpoint` may be older by now: the newest one covers it.
    """
    return publishing.publish(list(every_anchor()), stream)


def publish_everything() -> list[Outcome]:
    """Hand the newest checkpoint of each stream to every anchor that lacks it and is due.

    What was taken is one `ledger.anchor_published` entry; what failed is kept with its error
    and tried again, later each time; who is late is recorded once.  One process does it at a
    time: another returns at once with nothing.  Never call it inside a transaction.
    """
    return publishing.publish(list(every_anchor()))


def status() -> list[AnchorStatus]:
    """Return how every configured anchor stands: one query."""
    return waiting.status_of(list(every_anchor()))
