"""What the viewer needs to know of a series before it asks for its frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

import ledger

if TYPE_CHECKING:
    from annotations.models import Series

NOWHERE: dict[str, Any] = {
    "orientation": None,
    "position": None,
    "spacing": None,
    "calibrated": False,
}


def display(one: Series) -> dict[str, Any]:
    """Return the frames of `one` in the order of its slices, with geometry and windows.

    Orientation and position are DICOM's (LPS, mm), spacing is [between rows, between columns]
    in mm; None where the file does not say.
    """
    images = {str(image.pk): image for image in one.instances.all()}
    facts = {pk: ledger.parse(image.facts.encode()) for pk, image in images.items()}
    shown = [(pk, frame) for pk, frame in one.slices if pk in images]
    middle = facts[shown[len(shown) // 2][0]] if shown else {}
    return {
        "id": str(one.pk),
        "subject": one.subject.code,
        "modality": one.modality,
        "title": one.title,
        "plane": one.plane,
        "is_volume": one.is_volume,
        "slice_spacing": one.slice_spacing or None,
        "inverted": middle.get("inverted", False),
        "samples": one.samples,
        "dtype": one.dtype,
        "window": middle.get("window"),
        "windows": middle.get("windows", []),
        "window_source": middle.get("window_source", "percentile"),
        "unit": middle.get("unit", ""),
        "remarks": one.arrangement,
        "frames": [
            {
                "index": index,
                "instance": pk,
                "frame": frame,
                "url": reverse("annotations-api:frame", args=[pk, frame]),
                "rows": images[pk].rows,
                "columns": images[pk].columns,
                **_place(facts[pk], frame),
            }
            for index, (pk, frame) in enumerate(shown)
        ],
    }


def _place(facts: dict[str, Any], frame: int) -> dict[str, Any]:
    geometry = facts["geometry"]
    place: dict[str, Any] = geometry[frame] if frame < len(geometry) else NOWHERE
    return {
        "spacing": _numbers(place["spacing"]),
        "calibrated": place["calibrated"],
        "orientation": _numbers(place["orientation"]),
        "position": _numbers(place["position"]),
    }


def _numbers(decimals: list[str] | None) -> list[float] | None:
    """Return decimal strings as the numbers that drawing needs."""
    return None if decimals is None else [float(decimal) for decimal in decimals]
