"""Where frames lie in the patient, and which of them make a volume (DICOM LPS, mm)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Generic, Protocol, TypeVar

from annotations.imaging.planes import Orientation, Plane, Vector, dot, normal, plane_of

SAME_DIRECTION = 1e-3  # direction cosines this close are one orientation
SAME_SPACING = 1e-4  # mm
SAME_PLACE = 1e-2  # mm along the normal
GAP = 1.5  # times the median step
TILT_DEGREES = 0.5
OBLIQUE_DEGREES = 20.0
FEWEST_SLICES = 3


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """One frame's place; None where the file does not say.

    orientation: unit direction cosines of a row (first three: towards growing columns) and of a
    column (last three: towards growing rows), PS3.3 C.7.6.2.1.1.  position: centre of the first
    pixel, mm.  spacing: between rows, between columns, mm.  calibrated: false where the spacing
    is that of a detector (ImagerPixelSpacing), not of the patient.
    """

    orientation: Orientation | None = None
    position: Vector | None = None
    spacing: tuple[float, float] | None = None
    calibrated: bool = False


class Placed(Protocol):
    """What `volumes` asks of an image: an open one, or one remembered by its facts."""

    @property
    def frames(self) -> int: ...

    @property
    def rows(self) -> int: ...

    @property
    def columns(self) -> int: ...

    def geometry(self, index: int) -> Geometry: ...

    def stack_key(self, index: int) -> tuple[str, ...]: ...

    def time_key(self, index: int) -> tuple[str, ...]: ...

    def frame_digest(self, index: int) -> str: ...


P = TypeVar("P", bound=Placed)


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Slices missing between two neighbours: positions along the normal, mm."""

    after: float
    before: float


@dataclass(frozen=True, kw_only=True)
class Volume(Generic[P]):
    """Frames of one stack in spatial order: by time point, then along the normal.

    slices: (image, frame) pairs.  times: the slices of each time point.  duplicates: pairs left
    out because their pixels and time equal another's at the same position.  slice_spacing:
    median step along the normal, mm.  plane: the patient plane nearest, "" if unknown;
    oblique_degrees: how far from it.  tilt_degrees: between the normal and the positions' line.
    reason: why it is no volume, "" if it is one.
    """

    slices: tuple[tuple[P, int], ...]
    is_volume: bool
    plane: Plane = ""
    oblique_degrees: float | None = None
    tilt_degrees: float | None = None
    slice_spacing: float | None = None
    gaps: tuple[Gap, ...] = ()
    duplicates: tuple[tuple[P, int], ...] = ()
    times: tuple[tuple[tuple[P, int], ...], ...] = ()
    reason: str = ""

    @property
    def images(self) -> list[P]:
        """The images in spatial order, each once."""
        return list({id(image): image for image, _ in self.slices}.values())

    @property
    def is_oblique(self) -> bool:
        """Whether the plane is more than 20 degrees from every patient plane."""
        return (self.oblique_degrees or 0.0) > OBLIQUE_DEGREES


@dataclass
class _Slice(Generic[P]):
    image: P
    frame: int
    place: Geometry
    key: float = 0.0

    @property
    def pair(self) -> tuple[P, int]:
        return self.image, self.frame


def volumes(images: Sequence[P]) -> list[Volume[P]]:
    """Sort the frames of `images`, all of one series, into stacks.

    Every frame is in one stack, or is a duplicate of one.  Order is by position along the
    normal, never by name, number or SliceLocation.  Stacks differ in size, spacing, orientation
    or image type; frames at one position become time points.
    """
    stacks: list[list[_Slice[P]]] = []
    for image in images:
        for frame in range(image.frames):
            found = _Slice(image, frame, image.geometry(frame))
            stack = next((each for each in stacks if _alike(each[0], found)), None)
            if stack is None:
                stacks.append([found])
            else:
                stack.append(found)
    return [_volume(stack) for stack in stacks]


def _alike(one: _Slice[P], other: _Slice[P]) -> bool:
    a, b = one.place, other.place
    return (
        (one.image.rows, one.image.columns) == (other.image.rows, other.image.columns)
        and one.image.stack_key(one.frame) == other.image.stack_key(other.frame)
        and _close(a.orientation, b.orientation, SAME_DIRECTION)
        and _close(a.spacing, b.spacing, SAME_SPACING)
    )


def _close(
    one: Sequence[float] | None, other: Sequence[float] | None, tolerance: float
) -> bool:
    if one is None or other is None:
        return one is other
    return all(abs(a - b) <= tolerance for a, b in zip(one, other, strict=True))


def _volume(stack: list[_Slice[P]]) -> Volume[P]:
    orientation = stack[0].place.orientation
    if orientation is None:
        return _flat(stack, reason="the file says no orientation")
    plane, oblique = plane_of(orientation)
    if any(each.place.position is None for each in stack):
        return _flat(stack, reason="the file says no position", plane=plane, oblique=oblique)
    along = normal(orientation)
    for each in stack:
        each.key = dot(each.place.position, along)
    stack.sort(key=lambda each: each.key)
    return _spatial(stack, plane, oblique, along)


def _flat(
    stack: list[_Slice[P]], *, reason: str, plane: Plane = "", oblique: float | None = None
) -> Volume[P]:
    pairs = tuple(each.pair for each in stack)
    return Volume(
        slices=pairs,
        is_volume=False,
        plane=plane,
        oblique_degrees=oblique,
        times=(pairs,),
        reason=reason,
    )


def _spatial(
    ordered: list[_Slice[P]], plane: Plane, oblique: float, along: Vector
) -> Volume[P]:
    places, duplicates = _by_place(ordered)
    points = _time_points(places)
    first = [each[0] for each in places]
    steps = [after.key - before.key for before, after in pairwise(first)]
    step = median(steps) if steps else None
    tilt = _tilt(first, along)
    gaps = tuple(
        Gap(after=before.key, before=after.key)
        for before, after in pairwise(first)
        if step and after.key - before.key > GAP * step
    )
    reason = _objection(places, gaps, tilt)
    return Volume(
        slices=tuple(each.pair for point in points for each in point),
        is_volume=not reason,
        plane=plane,
        oblique_degrees=oblique,
        tilt_degrees=tilt,
        slice_spacing=step,
        gaps=gaps,
        duplicates=tuple(each.pair for each in duplicates),
        times=tuple(tuple(each.pair for each in point) for point in points),
        reason=reason,
    )


def _objection(places: list[list[_Slice[P]]], gaps: tuple[Gap, ...], tilt: float | None) -> str:
    if len(places) < FEWEST_SLICES:
        return "fewer than three positions"
    if len({len(each) for each in places}) > 1:
        return "not every position has the same number of frames"
    if gaps:
        return "slices are missing"
    if tilt is not None and tilt > TILT_DEGREES:
        return "the gantry was tilted"
    return ""


def _by_place(
    ordered: list[_Slice[P]],
) -> tuple[list[list[_Slice[P]]], list[_Slice[P]]]:
    """Gather frames at one position; leave out those whose pixels equal one already there."""
    places: list[list[_Slice[P]]] = []
    duplicates = []
    for each in ordered:
        if places and _same_place(places[-1][0], each):
            if any(_same(one, each) for one in places[-1]):
                duplicates.append(each)
            else:
                places[-1].append(each)
        else:
            places.append([each])
    return places, duplicates


def _same(one: _Slice[P], other: _Slice[P]) -> bool:
    """Tell whether two frames at one position are the same: equal pixels of the same time."""
    return one.image.time_key(one.frame) == other.image.time_key(
        other.frame
    ) and one.image.frame_digest(one.frame) == other.image.frame_digest(other.frame)


def _same_place(one: _Slice[P], other: _Slice[P]) -> bool:
    return abs(one.key - other.key) <= SAME_PLACE


def _time_points(places: list[list[_Slice[P]]]) -> list[list[_Slice[P]]]:
    """Return time points, each with its slices along the normal.

    Where the files tell frames at one position apart, by that; otherwise in their given order.
    """
    points: defaultdict[int, list[_Slice[P]]] = defaultdict(list)
    for place in places:
        in_time = sorted(place, key=lambda each: _natural(each.image.time_key(each.frame)))
        for at, each in enumerate(in_time):
            points[at].append(each)
    return [points[at] for at in sorted(points)]


def _natural(key: tuple[str, ...]) -> tuple[tuple[bool, float, str], ...]:
    return tuple(_number(each) for each in key)


def _number(text: str) -> tuple[bool, float, str]:
    try:
        return False, float(text), ""
    except ValueError:
        return True, 0.0, text


def _tilt(first: list[_Slice[P]], along: Vector) -> float | None:
    """Return the degrees between the normal and the line through the positions."""
    if len(first) < 2:  # noqa: PLR2004 - a line needs two points
        return None
    start, end = first[0].place.position, first[-1].place.position
    assert start is not None
    assert end is not None
    line = (end[0] - start[0], end[1] - start[1], end[2] - start[2])
    length = math.hypot(*line)
    if not length:
        return None
    return math.degrees(math.acos(max(-1.0, min(1.0, abs(dot(line, along)) / length))))
