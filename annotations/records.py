"""Which tables must agree with the record, and what the record says they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ledger
from annotations import events

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from annotations.models import Instance


def image_digest(instance: Instance) -> str:
    """Digest what the table says of an image: whose it is, its UIDs, bytes, pixels and facts."""
    series = instance.series
    return ledger.sha256_hex(
        ledger.canonical(
            {
                "columns": instance.columns,
                "facts": ledger.sha256_hex(instance.facts.encode()),
                "file_sha256": instance.file_sha256,
                "frame_of_reference_uid": instance.frame_of_reference_uid,
                "frames": instance.frames,
                "input_digest": instance.input_digest,
                "pixel_sha256": instance.pixel_sha256,
                "project": str(instance.project_id),
                "renditions": list(instance.renditions),
                "rows": instance.rows,
                "schema": "annotations.image/1",
                "series_uid": series.series_uid,
                "sop_uid": instance.sop_uid,
                "study_uid": series.study_uid,
                "subject": series.subject.code,
                "thumbnail": instance.thumbnail,
            }
        )
    )


def _images_held() -> Iterator[tuple[str, str]]:
    from annotations.models import Instance  # models load after this module does

    instances = Instance.objects.select_related("series__subject").order_by("pk")
    for instance in instances.iterator(chunk_size=500):
        yield instance.ledger_ref, image_digest(instance)


def _images_recorded(entries: Iterable[ledger.Record]) -> dict[str, str]:
    return {entry.subject: entry.payload["content_hash"] for entry in entries}


ledger.recorded(
    "annotations.instance",
    rows=_images_held,
    replay=_images_recorded,
    events=frozenset({events.ImageIngested.name}),
)
