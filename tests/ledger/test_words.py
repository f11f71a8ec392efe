"""Entries in words: the sentence of an event, and a payload as lines."""

from datetime import timedelta

import pytest

from ledger.words import lasting, payload_lines, sentence
from tests.ledger.events import ThingHappened


def test_an_event_says_what_its_type_says() -> None:
    assert sentence(ThingHappened.name) == "Something happened, for a test."
    assert sentence("nobody.knows") == ""


def test_a_payload_is_read_line_by_line() -> None:
    payload = {"a": {"b": [1, 2]}, "c": [{"d": None}], "e": True, "f": []}

    assert payload_lines(payload) == [
        (1, "a", None),
        (2, "b", "1, 2"),
        (1, "c", None),
        (2, "1", None),
        (3, "d", "none"),
        (1, "e", "yes"),
        (1, "f", "none"),
    ]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (119, "119 s"), (120, "2 minutes"), (7199, "119 minutes"),
     (93_600, "26 hours"), (172_800, "2 days"), (200_000_000, "2,314 days")],
)  # fmt: skip
def test_a_length_of_time_is_told_in_its_largest_unit(seconds: float, words: str) -> None:
    assert lasting(timedelta(seconds=seconds)) == words
