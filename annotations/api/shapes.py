"""The shapes of what clients send: strict; nothing is guessed, nothing is dropped."""

import json
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotations.marks import MAX_MARKS, MAX_POINTS, Drawing, Mark, Viewed
from annotations.models import Review

NUMBER = r"^-?[0-9]{1,9}(\.[0-9]{1,6})?$"
MAX_FRAMES = 20_000
LONGEST_READING = 7 * 24 * 3600 * 1000  # milliseconds in a week


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not know, instead of dropping them silently."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = sorted(set(data) - set(self.fields))
            if unknown:
                raise serializers.ValidationError(
                    {unknown[0][:64]: ["There is no such field."]}
                )
        return super().to_internal_value(data)


class StrictInteger(serializers.IntegerField):
    """A JSON integer: not a text, not true, not 3.0."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictText(serializers.CharField):
    """A JSON text: not a number."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictBoolean(serializers.BooleanField):
    """true or false: not "yes", not 1."""

    def to_internal_value(self, data: Any) -> bool:
        if type(data) is not bool:
            self.fail("invalid", input=data)
        return data


@extend_schema_field(
    {
        "type": "array",
        "items": {"type": "array", "items": {"type": "string"}},
    }  # [["x", "y"], …]
)
class PointsField(serializers.Field[Any, Any, Any, Any]):
    """A list of [x, y], both decimal texts of image pixels; one pass, for 10,000 points."""

    default_error_messages = {
        "form": 'Send points as a list of ["x", "y"], both decimal texts.',
        "many": f"Send at most {MAX_POINTS} points.",
    }

    def to_internal_value(self, data: Any) -> tuple[tuple[str, str], ...]:
        if not isinstance(data, list):
            self.fail("form")
        if len(data) > MAX_POINTS:
            self.fail("many")
        for point in data:
            if not (isinstance(point, list) and list(map(type, point)) == [str, str]):
                self.fail("form")
        return tuple((x, y) for x, y in data)


class ViewedInput(StrictSerializer):
    """How the image was on screen."""

    window = serializers.ListField(
        child=serializers.RegexField(NUMBER), min_length=2, max_length=2
    )
    zoom = serializers.RegexField(NUMBER)
    frames_seen = serializers.ListField(
        child=StrictInteger(min_value=0, max_value=MAX_FRAMES), max_length=MAX_FRAMES
    )
    milliseconds = StrictInteger(min_value=0, max_value=LONGEST_READING)


class MarkInput(StrictSerializer):
    """One drawn thing.  What the server told about it may come back, and is not believed."""

    instance_uid = serializers.UUIDField(allow_null=True)
    tracking_id = StrictText(max_length=64)
    label = StrictText(max_length=64)  # type: ignore[assignment]  # a field of that name
    kind = serializers.ChoiceField(choices=["box", "polygon"])
    instance = serializers.UUIDField()
    frame = StrictInteger(min_value=0, max_value=MAX_FRAMES)
    points = PointsField()
    revision = StrictInteger(allow_null=True, required=False)
    content_hash = StrictText(allow_null=True, required=False)
    author = StrictText(allow_null=True, required=False)


class MarksField(serializers.ListField):
    """As many drawn things as a reading may hold."""

    child = MarkInput()

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MAX_MARKS, **options)


class DraftInput(StrictSerializer):
    """What is kept while drawing; its meaning is checked when it is submitted."""

    annotations = MarkInput(many=True, max_length=MAX_MARKS)  # type: ignore[call-arg]  # the list takes it
    viewed = ViewedInput(allow_null=True, required=False)


class SubmitInput(StrictSerializer):
    """A finished reading."""

    version = StrictInteger(min_value=1)
    annotations = MarkInput(many=True, max_length=MAX_MARKS)  # type: ignore[call-arg]  # the list takes it
    nothing_to_mark = StrictBoolean()
    viewed = ViewedInput(allow_null=True)
    reason = StrictText(allow_null=True, allow_blank=True, required=False, max_length=2000)


class ReviewInput(StrictSerializer):
    """A reviewer's decision; `annotations` only for a correction."""

    version = StrictInteger(min_value=1)
    decision = serializers.ChoiceField(choices=Review.Decision.values)
    reason = StrictText(allow_null=True, allow_blank=True, required=False, max_length=2000)
    annotations = MarksField(required=False, allow_null=True)  # null for all, not for one
    viewed = ViewedInput(allow_null=True, required=False)


class Answer(serializers.Serializer[Any]):
    """An answer whose fields the module's docstring lists."""


def drawing_of(values: dict[str, Any]) -> Drawing:
    """Return checked input as the plain values that workflows take."""
    return Drawing(
        marks=tuple(_mark(mark) for mark in values.get("annotations") or ()),
        nothing_to_mark=values.get("nothing_to_mark", False),
        viewed=_viewed(values.get("viewed")),
    )


def _mark(values: dict[str, Any]) -> Mark:
    names = ("instance_uid", "tracking_id", "label", "kind", "instance", "frame", "points")
    return Mark(**{name: values[name] for name in names})


def _viewed(values: dict[str, Any] | None) -> Viewed | None:
    if values is None:
        return None
    return Viewed(
        window=(values["window"][0], values["window"][1]),
        zoom=values["zoom"],
        frames_seen=tuple(sorted(set(values["frames_seen"]))),
        milliseconds=values["milliseconds"],
    )


def draft_bytes(values: dict[str, Any]) -> bytes:
    """Return a checked draft as the bytes that are kept."""
    return json.dumps(values, default=str, separators=(",", ":")).encode()
