"""Marks: what can be on an image, and what is refused by name."""

import uuid
from typing import Any

import pytest

from annotations import annotate
from annotations.errors import InvalidAnnotationError
from annotations.models import Item, Revision
from tests.annotations.flow import LUNG, box, drawing, make_item, submitted

pytestmark = pytest.mark.django_db

BAD: list[dict[str, Any]] = [
    {"label": "no-such-label"},
    {"label": LUNG.value},  # lungs are drawn as polygons only
    {"tracking_id": "  "},
    {"instance": uuid.uuid4()},
    {"frame": 1},
    {"points": (("10", "20"), ("10", "40"))},  # no width
    {"points": (("10", "20"), ("513", "40"))},
    {"points": (("10", "20"), ("20", "256.001"))},
    {"points": (("-1", "20"), ("20", "40"))},
    {"points": (("1e1", "20"), ("20", "40"))},
    {"points": (("NaN", "20"), ("20", "40"))},
    {"points": (("10.1234", "20"), ("20", "40"))},
    {"points": (("10", "20"),)},
    {"kind": "polygon", "points": (("10", "20"), ("20", "40"), ("10", "20"))},
    {"kind": "polygon", "points": (("10", "10"), ("20", "20"), ("30", "30"))},
    {"kind": "polygon", "points": tuple((str(n % 500), str(n % 200)) for n in range(10_001))},
]


@pytest.mark.parametrize("wrong", BAD)
def test_what_cannot_be_on_the_image_is_refused_by_name(wrong: dict[str, Any]) -> None:
    item = make_item()

    with pytest.raises(InvalidAnnotationError) as refusal:
        annotate.submit(item, by=item.annotator, version=1, drawing=drawing(box(item, **wrong)))

    assert str(refusal.value)
    assert not Revision.objects.exists()


def test_a_box_may_touch_the_outer_corners_of_the_image() -> None:
    item = make_item()

    sealed = submitted(item, box(item, points=(("0", "0"), ("512", "256"))))

    assert sealed.state == Item.State.SUBMITTED
