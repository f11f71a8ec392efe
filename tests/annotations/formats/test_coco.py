"""COCO out: figures, identifiers, and nothing that names a patient."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from annotations import marks
from annotations.formats import formats
from annotations.formats.base import FrozenDataset, FrozenItem
from annotations.formats.coco import bounding_box, polygon_area

LABELS = [
    {"value": "4147007", "scheme": "SCT", "meaning": "Mass", "color": 1, "kinds": ["box"]},
    {"value": "39607008", "scheme": "SCT", "meaning": "Lung", "color": 2, "kinds": ["polygon"]},
]
thousandths = st.integers(0, 999_999)
points = st.lists(st.tuples(thousandths, thousandths), min_size=3, max_size=40)


def text(value: int) -> str:
    return f"{value // 1000}.{value % 1000:03}"


def revision(kind: str, outline: list[list[str]], **target: Any) -> dict[str, Any]:
    return {
        "instance_uid": "2.25.1",
        "revision": 1,
        "target": {"sop_uid": "2.25.9", "frame": 0} | target,
        "concept": {"value": "4147007", "scheme": "SCT", "meaning": "Mass"},
        "geometry": {"kind": kind, "points": outline},
    }


def dataset(*revisions: dict[str, Any], frames: int = 1) -> FrozenDataset:
    image = {
        "sop_uid": "2.25.9",
        "file_sha256": "a" * 64,
        "pixel_sha256": "b" * 64,
        "rows": 256,
        "columns": 512,
        "frames": frames,
    }
    member = {"subset": "train", "subject": "SUBJ-0001", "modality": "CR", "images": [image]}
    return FrozenDataset(
        head={"name": "First", "root": "c" * 64, "at": "2026-11-23T09:00:00.000000Z"},
        content_hash="d" * 64,
        labels=LABELS,
        items=[FrozenItem(member=member, revisions=[("e" * 64, r) for r in revisions])],
    )


def written(*revisions: dict[str, Any], subset: str = "train", frames: int = 1) -> Any:
    files = formats["coco"]().write(dataset(*revisions, frames=frames))
    return json.loads(files[f"instances_{subset}.json"])


def test_a_box_is_written_from_its_corner_with_width_and_height() -> None:
    (found,) = written(revision("box", [["30", "40.5"], ["10", "20"]]))["annotations"]

    assert found["bbox"] == [10.0, 20.0, 20.0, 20.5]
    assert found["area"] == 410.0
    assert found["segmentation"] == [[10.0, 20.0, 30.0, 20.0, 30.0, 40.5, 10.0, 40.5]]
    assert found["iscrowd"] == 0


def test_a_polygon_keeps_its_points_and_has_the_area_of_its_outline() -> None:
    (found,) = written(revision("polygon", [["0", "0"], ["4", "0"], ["0", "3"]]))["annotations"]

    assert found["segmentation"] == [[0.0, 0.0, 4.0, 0.0, 0.0, 3.0]]
    assert found["area"] == 6.0
    assert found["bbox"] == [0.0, 0.0, 4.0, 3.0]


def test_every_frame_is_an_image_and_annotations_point_to_theirs() -> None:
    found = written(revision("box", [["0", "0"], ["4", "4"]], frame=2), frames=3)

    assert [image["frame"] for image in found["images"]] == [0, 1, 2]
    assert found["annotations"][0]["image_id"] == found["images"][2]["id"]
    assert found["images"][0]["file_name"] == "SUBJ-0001/2.25.9.dcm"


def test_categories_carry_their_codes() -> None:
    found = written(revision("box", [["0", "0"], ["4", "4"]]))

    assert [(c["scheme"], c["code"], c["name"]) for c in found["categories"]] == [
        ("SCT", "4147007", "Mass"),
        ("SCT", "39607008", "Lung"),
    ]


def test_other_subsets_have_the_categories_and_nothing_else() -> None:
    found = written(revision("box", [["0", "0"], ["4", "4"]]), subset="test")

    assert (found["images"], found["annotations"]) == ([], [])
    assert len(found["categories"]) == 2


@given(points)
def test_the_area_is_that_of_the_sealed_outline(corners: list[tuple[int, int]]) -> None:
    sealed = [[text(x), text(y)] for x, y in corners]
    floats = [(float(x), float(y)) for x, y in sealed]

    assert abs(polygon_area(floats) - marks.area("polygon", sealed)) < 1e-3


@given(points)
def test_every_point_lies_in_the_bounding_box(corners: list[tuple[int, int]]) -> None:
    floats = [(x / 1000, y / 1000) for x, y in corners]

    left, top, width, height = bounding_box(floats)

    assert all(left <= x <= left + width + 1e-6 for x, _ in floats)
    assert all(top <= y <= top + height + 1e-6 for _, y in floats)
