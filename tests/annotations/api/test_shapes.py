"""The shape of what arrives: what cannot be is refused and named, never stored."""

import uuid
from typing import Any

import pytest

from annotations.models import Revision
from tests.annotations.api.viewer import VIEWED, mark, reading, send
from tests.annotations.flow import make_item
from tests.factories import client_of

pytestmark = pytest.mark.django_db(transaction=True)

BAD_MARKS: list[dict[str, Any]] = [
    {"points": [["10", "20"]]},
    {"points": [[10, 20], [20, 40]]},
    {"points": [["10", "20", "30"], ["1", "2"]]},
    {"points": "everything"},
    {"points": [["1", "1"]] * 10_001},
    {"points": [["10", "20"], ["9999", "40"]]},
    {"points": [["NaN", "20"], ["Infinity", "40"]]},
    {"label": "nothing"},
    {"kind": "circle"},
    {"frame": True},
    {"frame": -1},
    {"frame": 3},
    {"instance": "no uuid"},
    {"instance": str(uuid.uuid4())},
    {"instance_uid": "1"},
    {"tracking_id": ""},
    {"tracking_id": "x" * 65},
    {"tracking_id": 7},
    {"extra": 1},
]


@pytest.mark.parametrize("wrong", BAD_MARKS, ids=lambda wrong: next(iter(wrong)))
def test_a_mark_that_cannot_be_is_unprocessable(wrong: dict[str, Any]) -> None:
    item = make_item()

    answer = send(client_of(item.annotator), item, "submit", reading(item, mark(item, **wrong)))

    assert answer.status_code == 422, answer.content
    assert answer.json()["message"]
    assert not Revision.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": "1"},
        {"version": 0},
        {"version": 2**53},
        {"nothing_to_mark": "yes"},
        {"annotations": None},
        {"annotations": [[]]},
        {"viewed": {"window": ["40"], "zoom": "1", "frames_seen": [], "milliseconds": 1}},
        {"viewed": {**VIEWED, "milliseconds": 1.5}},
        {"viewed": {**VIEWED, "frames_seen": [0, 1]}},
        {"viewed": {**VIEWED, "patient": "x"}},
        {"reason": 5},
        {"reason": "x" * 2001},
        {"surprise": True},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_reading_in_the_wrong_shape_is_refused(wrong: dict[str, Any]) -> None:
    item = make_item()

    answer = send(client_of(item.annotator), item, "submit", reading(item, mark(item), **wrong))

    assert answer.status_code in {400, 422}, answer.content
    assert set(answer.json()) == {"code", "message"}


@pytest.mark.parametrize("body", ["", "[]", "null", '"x"', "{", '{"a":1,"a":2}', "[" * 4000])
def test_a_body_that_is_no_object_is_refused(body: str) -> None:
    item = make_item()

    answer = send(client_of(item.annotator), item, "submit", body)

    assert answer.status_code in {400, 422}, answer.content
