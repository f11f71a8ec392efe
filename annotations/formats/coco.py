"""COCO object detection and segmentation (cocodataset.org, "Data format"), out only.

One file per subset.  COCO has no authors, signatures or codes: each annotation carries the
hash of the sealed revision it was made from, each category its code and scheme.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from annotations.formats.base import AnnotationFormat, FrozenDataset, FrozenItem
from annotations.split import SUBSETS

ImageKey = tuple[str, int]


class Coco(AnnotationFormat, name="coco", title="COCO JSON"):
    """Boxes as [x, y, width, height] and polygons in pixels, origin at the outer corner."""

    def write(self, dataset: FrozenDataset) -> dict[str, bytes]:
        """Return instances_train.json, instances_validation.json and instances_test.json."""
        return {
            f"instances_{subset}.json": _encoded(_subset(dataset, subset)) for subset in SUBSETS
        }


def _encoded(content: Mapping[str, Any]) -> bytes:
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
    return (text + "\n").encode()


def _subset(dataset: FrozenDataset, subset: str) -> dict[str, Any]:
    items = [item for item in dataset.items if item.member["subset"] == subset]
    images, places = _images(items)
    categories = {
        (label["scheme"], label["value"]): number
        for number, label in enumerate(dataset.labels, start=1)
    }
    numbers = count(1)
    return {
        "info": {
            "description": dataset.head["name"],
            "version": dataset.head["root"],
            "date_created": dataset.head["at"],
            "subset": subset,
            "snapshot_sha256": dataset.content_hash,
        },
        "licenses": [],
        "images": images,
        "categories": [
            {
                "id": categories[label["scheme"], label["value"]],
                "name": label["meaning"],
                "supercategory": "",
                "code": label["value"],
                "scheme": label["scheme"],
            }
            for label in dataset.labels
        ],
        "annotations": [
            _annotation(revision, content_hash, number, places, categories)
            for item in items
            for (content_hash, revision), number in zip(item.revisions, numbers, strict=False)
        ],
    }


def _images(items: Sequence[FrozenItem]) -> tuple[list[dict[str, Any]], dict[ImageKey, int]]:
    """List every frame of every image once, read by one person or by several."""
    places: dict[ImageKey, int] = {}
    images: list[dict[str, Any]] = []
    for item in items:
        for image in item.member["images"]:
            for frame in range(image["frames"]):
                key = (image["sop_uid"], frame)
                if key in places:
                    continue
                places[key] = len(places) + 1
                images.append(_image(item, image, frame, number=places[key]))
    return images, places


def _image(
    item: FrozenItem, image: Mapping[str, Any], frame: int, *, number: int
) -> dict[str, Any]:
    return {
        "id": number,
        "file_name": f"{item.member['subject']}/{image['sop_uid']}.dcm",
        "frame": frame,
        "width": image["columns"],
        "height": image["rows"],
        "subject": item.member["subject"],
        "modality": item.member["modality"],
        "file_sha256": image["file_sha256"],
        "pixel_sha256": image["pixel_sha256"],
    }


def _annotation(
    revision: Mapping[str, Any],
    content_hash: str,
    number: int,
    places: Mapping[ImageKey, int],
    categories: Mapping[tuple[str, str], int],
) -> dict[str, Any]:
    target, concept = revision["target"], revision["concept"]
    points = [(float(x), float(y)) for x, y in revision["geometry"]["points"]]
    box = bounding_box(points)
    is_box = revision["geometry"]["kind"] == "box"
    outline = _corners(box) if is_box else points
    return {
        "id": number,
        "image_id": places[target["sop_uid"], target["frame"]],
        "category_id": categories[concept["scheme"], concept["value"]],
        "bbox": box,
        "segmentation": [[value for point in outline for value in point]],
        "area": rounded(box[2] * box[3] if is_box else polygon_area(points)),
        "iscrowd": 0,
        "instance_uid": revision["instance_uid"],
        "revision": revision["revision"],
        "revision_sha256": content_hash,
        "kind": revision["geometry"]["kind"],
    }


def bounding_box(points: Sequence[tuple[float, float]]) -> list[float]:
    """Return [x, y, width, height] in pixels."""
    across, down = [x for x, _ in points], [y for _, y in points]
    left, top = min(across), min(down)
    return [left, top, rounded(max(across) - left), rounded(max(down) - top)]


def polygon_area(points: Sequence[tuple[float, float]]) -> float:
    """Return the area in square pixels (shoelace rule)."""
    following = [*points[1:], points[0]]
    doubled = sum(
        x * below - right * y for (x, y), (right, below) in zip(points, following, strict=True)
    )
    return abs(doubled) / 2


def rounded(value: float) -> float:
    """Return `value` without the noise of binary fractions: points have three places."""
    return round(value, 6)


def _corners(box: Sequence[float]) -> list[tuple[float, float]]:
    left, top, width, height = box
    right, bottom = rounded(left + width), rounded(top + height)
    return [(left, top), (right, top), (right, bottom), (left, bottom)]
