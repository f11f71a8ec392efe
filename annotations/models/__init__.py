"""Images, what people drew on them, what was decided about it, and what was frozen from it."""

from annotations.models.annotation import Annotation, Revision
from annotations.models.dataset import Snapshot, SnapshotMember
from annotations.models.draft import Draft
from annotations.models.image import Instance, Series, Subject, Viewing
from annotations.models.intake import ImportBatch, ImportedFile
from annotations.models.item import Item
from annotations.models.protocol import Protocol
from annotations.models.review import Review, Signature

__all__ = [
    "Annotation",
    "Draft",
    "ImportBatch",
    "ImportedFile",
    "Instance",
    "Item",
    "Protocol",
    "Review",
    "Revision",
    "Series",
    "Signature",
    "Snapshot",
    "SnapshotMember",
    "Subject",
    "Viewing",
]
