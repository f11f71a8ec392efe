"""Which tables must agree with the record, and what the record says they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ledger
from annotations import events, flow_records

__all__ = ["flow_records"]  # found by this module's name, with what it declares

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from annotations.models import ImportedFile, Instance, Series


def image_digest(instance: Instance) -> str:
    """Digest what the table says of an image: whose it is, UIDs, bytes, pixels, facts."""
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


def series_digest(one: Series) -> str:
    """Digest what the table says of a series: whose it is, its title, geometry and order."""
    return ledger.sha256_hex(
        ledger.canonical(
            {
                "body_part": one.body_part,
                "dtype": one.dtype,
                "is_volume": one.is_volume,
                "modality": one.modality,
                "plane": one.plane,
                "project": str(one.project_id),
                "samples": one.samples,
                "schema": "annotations.series/1",
                "series_uid": one.series_uid,
                "slice_spacing": one.slice_spacing,
                "slices": one.slices,
                "study_uid": one.study_uid,
                "subject": one.subject.code,
                "title": one.title,
            }
        )
    )


def _file_digest(status: str, code: str, digest: str, decision: str, reason: str) -> str:
    facts = {
        "decision": decision,
        "decision_reason": reason,
        "input_digest": digest,
        "reason_code": code,
        "schema": "annotations.file/1",
        "status": status,
    }
    return ledger.sha256_hex(ledger.canonical(facts))


def _images_held() -> Iterator[tuple[str, str]]:
    from annotations.models import Instance  # models load after this module does

    instances = Instance.objects.select_related("series__subject").order_by("pk")
    for instance in instances.iterator(chunk_size=500):
        yield instance.ledger_ref, image_digest(instance)


def _images_recorded(entries: Iterable[ledger.Record]) -> Iterator[tuple[str, str]]:
    for entry in entries:
        yield entry.subject, entry.payload["content_hash"]


ledger.recorded(
    "annotations.instance",
    rows=_images_held,
    replay=_images_recorded,
    events=frozenset({events.ImageIngested.name}),
)


def _series_held() -> Iterator[tuple[str, str]]:
    from annotations.models import Series  # models load after this module does

    arranged = Series.objects.filter(version__gt=0).select_related("subject").order_by("pk")
    for one in arranged.iterator(chunk_size=500):
        yield one.ledger_ref, series_digest(one)


ledger.recorded(
    "annotations.series",
    rows=_series_held,
    replay=_images_recorded,
    events=frozenset({events.SeriesArranged.name}),
)


def _files_held() -> Iterator[tuple[str, str]]:
    from annotations.models import ImportedFile  # models load after this module does

    settled = ImportedFile.objects.exclude(status=ImportedFile.Status.WAITING).order_by("pk")
    for file in settled.iterator(chunk_size=500):
        yield file.ledger_ref, _held(file)


def _held(file: ImportedFile) -> str:
    return _file_digest(
        file.status, file.reason_code, file.input_digest, file.decision, file.decision_reason
    )


OUTCOMES = {
    events.ImageIngested.name: "imported",
    events.ImageQuarantined.name: "quarantined",
    events.ImportDeduplicated.name: "duplicate",
    events.ImportRejected.name: "rejected",
}


def _files_recorded(entries: Iterable[ledger.Record]) -> Iterator[tuple[str, str]]:
    """Fold the outcomes and the decisions of files to what the table must hold.

    Only quarantined files are remembered: nobody decides about any other.
    """
    seen: dict[str, dict[str, str]] = {}
    for entry in entries:
        ref = entry.payload["file"]
        file = seen.get(ref, {"decision": "", "reason": ""})
        if entry.event == events.QuarantineDecided.name:
            file.update(decision=entry.payload["decision"], reason=entry.reason or "")
            seen[ref] = file
        elif file.get("status") != "quarantined" or OUTCOMES[entry.event] != "imported":
            file["status"] = OUTCOMES[entry.event]
            file["code"] = entry.payload.get("reason_code", "")
            file["digest"] = entry.payload["input_digest"]
            if file["status"] == "quarantined":
                seen[ref] = file
        yield (
            ref,
            _file_digest(
                file.get("status", ""),
                file.get("code", ""),
                file.get("digest", ""),
                file["decision"],
                file["reason"],
            ),
        )


ledger.recorded(
    "annotations.file",
    rows=_files_held,
    replay=_files_recorded,
    events=frozenset({*OUTCOMES, events.QuarantineDecided.name}),
)


def _withhold_reason(subject: str, payload: Mapping[str, object]) -> None:
    """Withhold why somebody decided about a file, when the entry that says so is erased."""
    from annotations.models import ImportedFile

    key = str(payload["file"]).partition(":")[2]
    ImportedFile.objects.filter(pk=key).update(decision_reason="withheld")


ledger.erasable(events.QuarantineDecided.name, scrub=_withhold_reason)
