"""One file on its way in: judged, de-identified, decoded, all in the sandbox; then kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotations.imaging import blobs, geometry, renditions, sandbox

OwnerOf = Callable[[str, dict[str, Any]], str]


@dataclass(frozen=True, kw_only=True)
class Received:
    """What came of one file.  Nothing in it identifies a patient.

    clean: the de-identified DICOM file, in the job folder; the caller keeps it.
    decision, reason, code: "clear" or "quarantine", a sentence, its name.
    subject_key: the patient's pseudonym, 64 hex digits, "" if the file names nobody.
    cohort: sex, age_band, manufacturer, body_part, coarse.
    frames: digests of the frames' rendition blobs, in order; thumbnail: of a PNG blob.
    counts: how many attributes each de-identification action touched.
    input_digest: of the original file, keyed; output_sha256: of the cleaned one.
    owner: the public name of the subject's key that encrypts what was kept.
    facts: format, modality, rows, columns, frames, samples (1 or 3), dtype, inverted, unit,
    study_uid, series_uid, sop_uid, sop_class_uid, frame_of_reference_uid, window [c, w],
    windows, window_function, window_source; for each frame geometry {orientation, position,
    spacing (numbers as decimal strings, or null), calibrated}, stack_keys, time_keys and
    frame_digests (SHA-256 of stored values).
    """

    clean: Path
    decision: str
    reason: str
    code: str
    subject_key: str
    cohort: dict[str, str]
    facts: dict[str, Any]
    frames: tuple[str, ...]
    thumbnail: str
    pixel_sha256: str
    counts: dict[str, int]
    input_digest: str
    output_sha256: str
    owner: str = ""


def receive(
    path: Path,
    *,
    folder: Path,
    key: bytes,
    options: frozenset[str],
    owner_of: OwnerOf = lambda subject_key, facts: "",
) -> Received:
    """Take one file in; `folder` is an empty `sandbox.job_folder()`.

    `owner_of` names the subject's key for what was found: its pseudonym and the facts.
    Frames and thumbnail are in the blob store afterwards.  Raises ImageError or BlobStoreError;
    blobs kept until then are named by nobody and harm nothing.
    """
    found = sandbox.run(
        "annotations.imaging.inside.receive",
        path=path,
        folder=folder,
        key=key,
        options=sorted(options),
    )
    decision = found["decision"]
    owner = owner_of(found["subject_key"], found["facts"])
    frames, thumbnail = _keep(folder, found["facts"]["frames"], owner=owner)
    return Received(
        clean=folder / "clean.dcm",
        decision=decision["outcome"],
        reason=decision["reason"],
        code=decision["code"],
        subject_key=found["subject_key"],
        cohort=found["cohort"],
        facts=found["facts"],
        frames=frames,
        thumbnail=thumbnail,
        pixel_sha256=found["pixel_sha256"],
        counts=found["counts"],
        input_digest=found["input_digest"],
        output_sha256=found["output_sha256"],
        owner=owner,
    )


def release(clean: Path, *, folder: Path) -> tuple[Path, str]:
    """Return a cleaned file marked as looked at (PatientIdentityRemoved), and its SHA-256."""
    found = sandbox.run("annotations.imaging.inside.release", path=clean, folder=folder)
    return folder / "clean.dcm", found["output_sha256"]


def _keep(folder: Path, count: int, *, owner: str) -> tuple[tuple[str, ...], str]:
    packed = [(folder / f"frame-{index}.z").read_bytes() for index in range(count)]
    frames = renditions.keep(packed, owner=owner)
    picture = (folder / "thumbnail.png").read_bytes()
    thumbnail = blobs.put(picture, kind="thumbnail", owner=owner)
    return tuple(frames), thumbnail


@dataclass(frozen=True, eq=False)
class Remembered:
    """An image known by its facts alone: enough to place it among its series."""

    at: int
    facts: dict[str, Any] = field(repr=False)

    @property
    def frames(self) -> int:
        return int(self.facts["frames"])

    @property
    def rows(self) -> int:
        return int(self.facts["rows"])

    @property
    def columns(self) -> int:
        return int(self.facts["columns"])

    def geometry(self, index: int) -> geometry.Geometry:
        place = self.facts["geometry"][index]
        floats: dict[str, Any] = {
            name: place[name] and tuple(float(each) for each in place[name])
            for name in ("orientation", "position", "spacing")
        }
        return geometry.Geometry(**floats, calibrated=place["calibrated"])

    def stack_key(self, index: int) -> tuple[str, ...]:
        return tuple(self.facts["stack_keys"][index])

    def time_key(self, index: int) -> tuple[str, ...]:
        return tuple(self.facts["time_keys"][index])

    def frame_digest(self, index: int) -> str:
        return str(self.facts["frame_digests"][index])


def arrange(facts: Sequence[dict[str, Any]]) -> list[geometry.Volume[Remembered]]:
    """Sort instances of one series, known by their facts, into volumes; opens no file.

    In each volume `slices` are (image, frame) pairs; `image.at` is the position in `facts`.
    """
    return geometry.volumes([Remembered(at, each) for at, each in enumerate(facts)])
