"""Images, what people drew on them, what was decided about it, and what was frozen from it."""

from annotations.models.annotation import Annotation, Revision
from annotations.models.dataset import Snapshot, SnapshotMember
from annotations.models.draft import Draft
from annotations.models.item import Item
from annotations.models.protocol import Protocol
from annotations.models.review import Review, Signature

__all__ = [
    "Annotation",
    "Draft",
    "Item",
    "Protocol",
    "Review",
    "Revision",
    "Signature",
    "Snapshot",
    "SnapshotMember",
]
