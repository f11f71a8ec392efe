"""Why annotations refuses: one class per rule; its message says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from annotations import events
from annotations.image_errors import (
    BlobDamagedError,
    BlobErasedError,
    BlobError,
    BlobMissingError,
    BlobStoreError,
    DamagedImageError,
    ImageError,
    ImageLimitError,
    ImageTooLargeError,
    NoPixelsError,
    UnknownImageFormatError,
    UnsupportedImageError,
)
from annotations.refusal import AnnotationsError

if TYPE_CHECKING:
    import ledger
    from annotations.models import Item

__all__ = [
    "AnnotationsError",
    "BlobDamagedError",
    "BlobErasedError",
    "BlobError",
    "BlobMissingError",
    "BlobStoreError",
    "DamagedImageError",
    "ImageError",
    "ImageLimitError",
    "ImageTooLargeError",
    "NoPixelsError",
    "UnknownImageFormatError",
    "UnsupportedImageError",
]


class InvalidAnnotationError(AnnotationsError):
    """What was sent cannot be an annotation of this image under this protocol."""

    code = "invalid_annotation"
    is_invalid_input = True


class ReasonMissingError(AnnotationsError):
    """A change of sealed work, and a refusal of it, say why."""

    code = "reason_missing"
    is_invalid_input = True

    def __init__(self, act: str) -> None:
        super().__init__(f"Say why: {act} needs a reason of at least three characters.")


class InvalidProtocolError(AnnotationsError):
    """A protocol has a name and one to 32 coded labels, each code once."""

    code = "invalid_protocol"
    is_invalid_input = True


class InvalidSplitError(AnnotationsError):
    """A split is three whole numbers that add up to one hundred."""

    code = "invalid_split"
    is_invalid_input = True

    def __init__(self, given: str) -> None:
        super().__init__(
            f"“{given[:40]}” is not a split; write training, validation and test as three "
            "whole numbers that add up to 100, such as 80:10:10."
        )


class UnknownFormatError(AnnotationsError):
    """Exports are written in the formats that the product knows."""

    code = "unknown_format"
    is_invalid_input = True

    def __init__(self, name: str, known: str) -> None:
        super().__init__(f"There is no export format “{name[:40]}”; there are: {known}.")


class NoProtocolError(AnnotationsError):
    """Work is assigned under a published protocol."""

    code = "no_protocol"

    def __init__(self) -> None:
        super().__init__("This project has no protocol yet; publish one, then assign.")


class NotAnAnnotatorError(AnnotationsError):
    """Only somebody with the role annotator in the project can be asked to read."""

    code = "not_an_annotator"

    def __init__(self) -> None:
        super().__init__("This person does not annotate in this project; give the role first.")


class AlreadyAssignedError(AnnotationsError):
    """One person reads a series once."""

    code = "already_assigned"

    def __init__(self) -> None:
        super().__init__("This person already reads this series; choose somebody else.")


class WorkflowError(AnnotationsError):
    """Base of refusals that are about where an item stands; each is recorded."""

    def __init__(self, message: str, *, item: Item, asked: str) -> None:
        super().__init__(message)
        self.item = item
        self.asked = asked

    def entry(self) -> tuple[ledger.Event, Item]:
        """Say which step was asked for, and which rule refused it."""
        refused = events.WorkflowTransitionRefused(
            state=str(self.item.state),
            item_version=self.item.version,
            asked=self.asked,
            rule=self.code,
        )
        return refused, self.item


class StaleVersionError(WorkflowError):
    """What was displayed is not what is stored any more; nothing is overwritten."""

    code = "stale_version"

    def __init__(self, item: Item, *, asked: str, seen: int) -> None:
        super().__init__(
            f"This reading changed since you opened it (you saw version {seen}, it is now "
            f"version {item.version}). Nothing was overwritten; open it again.",
            item=item,
            asked=asked,
        )


class WrongStateError(WorkflowError):
    """The workflow allows each step from some states only."""

    code = "wrong_state"

    def __init__(self, item: Item, *, asked: str) -> None:
        state = item.get_state_display().lower()
        super().__init__(
            f"This reading is {state}; from there it cannot be {asked}.", item=item, asked=asked
        )


class AlreadySubmittedError(WorkflowError):
    """One submission seals a reading once, however often it is sent."""

    code = "already_submitted"

    def __init__(self, item: Item) -> None:
        super().__init__(
            f"This reading was already submitted at {item.changed_at:%H:%M:%S} UTC, as version "
            f"{item.version}. Nothing was sealed twice.",
            item=item,
            asked="submitted",
        )


class OwnWorkError(WorkflowError):
    """A second person reviews: nobody reviews a reading of their own."""

    code = "own_work"

    def __init__(self, item: Item) -> None:
        super().__init__(
            "You made this reading; somebody else reviews it.", item=item, asked="reviewed"
        )


class OtherReviewerError(WorkflowError):
    """Whoever decided about a reading finishes it."""

    code = "other_reviewer"

    def __init__(self, item: Item) -> None:
        super().__init__(
            "Another reviewer decided about this reading and finishes it.",
            item=item,
            asked="reviewed",
        )


class NotAssignedError(WorkflowError):
    """A reading is made by the person it was assigned to."""

    code = "not_assigned"

    def __init__(self, item: Item) -> None:
        super().__init__(
            "This reading is assigned to somebody else.", item=item, asked="submitted"
        )


class NothingChangedError(WorkflowError):
    """A correction changes something; otherwise it is an acceptance."""

    code = "nothing_changed"

    def __init__(self, item: Item) -> None:
        super().__init__(
            "Nothing was changed; accept the reading as it is, or reject it with a reason.",
            item=item,
            asked="corrected",
        )


class OtherRequestError(WorkflowError):
    """A signing request signs the record it was made for, by the person it was made for."""

    code = "other_request"

    def __init__(self, item: Item) -> None:
        super().__init__(
            "This signing request was made for something else; open the page again and sign "
            "there.",
            item=item,
            asked="signed",
        )


class NothingToFreezeError(AnnotationsError):
    """A snapshot holds accepted and signed work."""

    code = "nothing_to_freeze"

    def __init__(self) -> None:
        super().__init__(
            "No reading of this project is accepted and signed yet; there is nothing to freeze."
        )


class SnapshotNameTakenError(AnnotationsError):
    """A snapshot keeps its name for good."""

    code = "snapshot_name_taken"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is a snapshot “{name[:60]}” already; choose another name.")


class SnapshotDamagedError(AnnotationsError):
    """What leaves is what was frozen; anything else is a finding, not an export."""

    code = "snapshot_damaged"

    def __init__(self, record_id: str) -> None:
        super().__init__(
            f"Stored work is not what was frozen ({record_id}). Nothing was exported; ask for "
            "a verification of the ledger."
        )


class DamagedRecordError(AnnotationsError):
    """Sealed bytes that cannot be read were altered past the guards."""

    code = "damaged_record"

    def __init__(self, of: str) -> None:
        super().__init__(
            f"The stored bytes of {of} are not what was sealed. Nothing was changed; ask for a "
            "verification of the ledger, which names the entry."
        )
