"""Marks: what a person drew, as it arrives, and whether it can be on that image.

Coordinates are decimal strings of image pixels with at most three places; (0, 0) is the
outer corner of the first pixel, x runs along a row to `columns`, y down to `rows`.
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from annotations.errors import InvalidAnnotationError

MAX_POINTS = 10_000
MAX_MARKS = 500
BOX_POINTS = 2
POLYGON_POINTS = 3
TRACKING_ID_LENGTH = 64
COORDINATE = re.compile(r"(0|[1-9][0-9]{0,5})(?:\.([0-9]{1,3}))?", re.ASCII)


class ImageFacts(Protocol):
    """The facts of an instance that a mark is measured against."""

    pk: Any
    rows: int
    columns: int
    frames: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One drawn thing: a box by two opposite corners, or a polygon by its corners in order."""

    instance_uid: uuid.UUID | None
    tracking_id: str
    label: str
    kind: str
    instance: uuid.UUID
    frame: int
    points: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewed:
    """How the image was on screen: window centre and width, zoom, frames, milliseconds."""

    window: tuple[str, str]
    zoom: str
    frames_seen: tuple[int, ...]
    milliseconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What a person hands in: marks, or the confirmation that there is nothing to mark."""

    marks: tuple[Mark, ...] = ()
    nothing_to_mark: bool = False
    viewed: Viewed | None = None


def check(
    marks: Sequence[Mark],
    *,
    labels: Sequence[Mapping[str, Any]],
    images: Mapping[uuid.UUID, ImageFacts],
) -> None:
    """Refuse marks that cannot be on these images under these labels.

    Raises InvalidAnnotationError, which names the mark and what to do.
    """
    if len(marks) > MAX_MARKS:
        raise InvalidAnnotationError(f"A reading holds at most {MAX_MARKS} annotations.")
    known = [mark.instance_uid for mark in marks if mark.instance_uid]
    if len(known) != len(set(known)):
        raise InvalidAnnotationError("Two annotations have the same identifier; remove one.")
    kinds = {label["value"]: label["kinds"] for label in labels}
    for mark in marks:
        _check_words(mark, kinds)
        _check_place(mark, images)


def check_viewed(viewed: Viewed | None, *, frames: int) -> None:
    """Refuse a claim to have seen frames that the series does not have."""
    if viewed and any(frame >= frames for frame in viewed.frames_seen):
        raise InvalidAnnotationError(
            f"The frames seen go beyond the series, which has {frames}; open it again."
        )


def _check_words(mark: Mark, kinds: Mapping[str, Sequence[str]]) -> None:
    if not mark.tracking_id.strip() or len(mark.tracking_id) > TRACKING_ID_LENGTH:
        raise InvalidAnnotationError("Name each annotation with 1 to 64 characters.")
    if mark.label not in kinds:
        raise InvalidAnnotationError(
            f"“{mark.tracking_id}” has a label that the protocol does not have; choose another."
        )
    if mark.kind not in kinds[mark.label]:
        raise InvalidAnnotationError(
            f"“{mark.tracking_id}” is a {mark.kind}; its label is drawn as "
            f"{' or '.join(kinds[mark.label])}."
        )


def _check_place(mark: Mark, images: Mapping[uuid.UUID, ImageFacts]) -> None:
    image = images.get(mark.instance)
    if image is None:
        raise InvalidAnnotationError(f"“{mark.tracking_id}” is on an image of another series.")
    if not 0 <= mark.frame < image.frames:
        raise InvalidAnnotationError(
            f"“{mark.tracking_id}” is on frame {mark.frame}, which the image does not have."
        )
    corners = [_thousandths(mark, point) for point in mark.points]
    if any(x > image.columns * 1000 or y > image.rows * 1000 for x, y in corners):
        raise InvalidAnnotationError(
            f"“{mark.tracking_id}” leaves the image; keep every point inside "
            f"{image.columns} × {image.rows} pixels."
        )
    _check_shape(mark, corners)


def _check_shape(mark: Mark, corners: Sequence[tuple[int, int]]) -> None:
    distinct = len(set(corners))
    if mark.kind == "box" and len(corners) != BOX_POINTS:
        raise InvalidAnnotationError(f"“{mark.tracking_id}” is a box; it has two corners.")
    if mark.kind == "polygon" and distinct < POLYGON_POINTS:
        raise InvalidAnnotationError(
            f"“{mark.tracking_id}” is a polygon; it needs three different points at least."
        )
    if len(corners) > MAX_POINTS:
        raise InvalidAnnotationError(f"“{mark.tracking_id}” has more than {MAX_POINTS} points.")
    if not _doubled_area(mark.kind, corners):
        raise InvalidAnnotationError(f"“{mark.tracking_id}” covers no area; draw it again.")


def _thousandths(mark: Mark, point: tuple[str, str]) -> tuple[int, int]:
    return _coordinate(mark, point[0]), _coordinate(mark, point[1])


def _coordinate(mark: Mark, text: str) -> int:
    match = COORDINATE.fullmatch(text)
    if match is None:
        raise InvalidAnnotationError(
            f"“{mark.tracking_id}” has a coordinate that is no decimal number of pixels with "
            "at most three places, or lies outside the image."
        )
    return int(match[1]) * 1000 + int((match[2] or "0").ljust(3, "0"))


def _doubled_area(kind: str, corners: Sequence[tuple[int, int]]) -> int:
    if kind == "box":
        (left, top), (right, bottom) = corners
        return abs((right - left) * (bottom - top)) * 2
    following = [*corners[1:], corners[0]]
    return abs(
        sum(
            x * below - right * y
            for (x, y), (right, below) in zip(corners, following, strict=True)
        )
    )


def area(kind: str, points: Sequence[Sequence[str]]) -> float:
    """Return the area of sealed points in square pixels (shoelace rule)."""
    corners = [(round(float(x) * 1000), round(float(y) * 1000)) for x, y in points]
    return _doubled_area(kind, corners) / 2e6
