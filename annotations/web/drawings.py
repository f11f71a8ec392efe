"""Outlines as pages draw them: SVG in image pixels over the frame's picture."""

from collections.abc import Sequence
from dataclasses import dataclass

from annotations import marks
from annotations.models import Instance, Revision

MARGIN = 0.35  # of the larger side of what is drawn
NARROWEST = 96.0  # pixels of the image that a drawing shows at least


@dataclass(frozen=True, kw_only=True)
class Outline:
    """One closed outline: its corners as an SVG points attribute, and its figures."""

    revision: Revision
    points: str
    corners: int
    area: float


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """One frame's picture with outlines over it, cut to what matters."""

    outline: Outline
    before: Outline | None
    instance: Instance
    frame: int
    viewbox: str


def drawing_of(
    revision: Revision, before: Revision | None = None, *, whole: bool = False
) -> Drawing:
    """Draw a revision, with the one before it if that is on the same frame."""
    instance = revision.instance
    frame = revision.body["target"]["frame"]
    is_comparable = (
        before is not None
        and before.instance_id == revision.instance_id
        and before.body["target"]["frame"] == frame
    )
    earlier = _outline(before) if before is not None and is_comparable else None
    shown = [revision, before] if earlier and before else [revision]
    return Drawing(
        outline=_outline(revision),
        before=earlier,
        instance=instance,
        frame=frame,
        viewbox=_viewbox(shown, instance, whole=whole),
    )


def _outline(revision: Revision) -> Outline:
    geometry = revision.body["geometry"]
    corners = _corners(revision)
    return Outline(
        revision=revision,
        points=" ".join(f"{x:g},{y:g}" for x, y in corners),
        corners=len(geometry["points"]),
        area=marks.area(geometry["kind"], geometry["points"]),
    )


def _corners(revision: Revision) -> list[tuple[float, float]]:
    geometry = revision.body["geometry"]
    points = [(float(x), float(y)) for x, y in geometry["points"]]
    if geometry["kind"] != "box":
        return points
    (left, top), (right, bottom) = points
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _viewbox(revisions: Sequence[Revision], instance: Instance, *, whole: bool) -> str:
    """Return x, y, width and height of the part of the image to show, inside the image."""
    if whole:
        return f"0 0 {instance.columns} {instance.rows}"
    points = [point for revision in revisions for point in _corners(revision)]
    across, down = [x for x, _ in points], [y for _, y in points]
    side = max(max(across) - min(across), max(down) - min(down))
    side = min(max(side * (1 + 2 * MARGIN), NARROWEST), instance.columns, instance.rows)
    left = _inside((min(across) + max(across) - side) / 2, instance.columns - side)
    top = _inside((min(down) + max(down) - side) / 2, instance.rows - side)
    return f"{left:.1f} {top:.1f} {side:.1f} {side:.1f}"


def _inside(value: float, limit: float) -> float:
    return min(max(value, 0.0), max(limit, 0.0))
