"""What the viewer sends: marks, readings and decisions as JSON."""

import json
import uuid
from typing import Any

from django.test import Client

from annotations.models import Item
from tests.annotations.flow import MASS

VIEWED = {"window": ["40", "400"], "zoom": "1.5", "frames_seen": [0], "milliseconds": 4123}


def mark(item: Item, **changed: Any) -> dict[str, Any]:
    return {
        "instance_uid": str(uuid.uuid4()),
        "tracking_id": "Lesion 1",
        "label": MASS.value,
        "kind": "box",
        "instance": str(item.series.instances.order_by("order")[0].pk),
        "frame": 0,
        "points": [["10", "20"], ["20", "40.5"]],
        "revision": None,
        "content_hash": None,
        "author": None,
    } | changed


def reading(item: Item, *marks: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {
        "version": item.version,
        "annotations": list(marks),
        "nothing_to_mark": not marks,
        "viewed": VIEWED,
        "reason": None,
    } | changed


def send(client: Client, item: Item, act: str, body: Any, method: str = "post") -> Any:
    url = f"/api/items/{item.pk}/{act}/" if act else f"/api/items/{item.pk}/"
    text = body if isinstance(body, str) else json.dumps(body)
    return getattr(client, method)(url, text, content_type="application/json")
