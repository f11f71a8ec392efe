"""One file on its way in: parsed, judged, de-identified, decoded; all inside the sandbox.

Call `receive(path, key=..., options=...)` inside a `sandbox.job_folder()`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Received:
    """What came of one file.  Nothing here identifies a patient.

    clean: the de-identified DICOM file in the job folder (caller reads it into blobs).
    decision: "clear" or "quarantine"; reason: a sentence; code: its snake_case name.
    subject_key: pseudonym of the patient (HMAC hex), "" if the file names none.
    facts: JSON-able description of the de-identified image (see `Facts` in intake_worker).
    frames: digests of the per-frame rendition blobs, in order.  thumbnail: digest of a PNG blob.
    counts: how many elements each de-identification action touched.
    """

    clean: Path
    decision: str
    reason: str
    code: str
    subject_key: str
    facts: dict[str, Any]
    frames: tuple[str, ...]
    thumbnail: str
    pixel_sha256: str
    counts: dict[str, int]
    input_digest: str
    output_sha256: str


def receive(path: Path, *, folder: Path, key: bytes, options: frozenset[str]) -> Received:
    """Take one file in; raises ImageError, and then nothing of it was kept.

    Frames and the thumbnail are put in the blob store; `clean` is left in `folder` for the caller.
    facts = {"format","modality","rows","columns","frames","samples","dtype","inverted","unit",
    "study_uid","series_uid","sop_uid","sop_class_uid","frame_of_reference_uid","window":["c","w"],
    "windows":[["c","w"]],"window_source","series_description"?,
    "geometry":[{"orientation":[6 strings]|null,"position":[3]|null,"spacing":[2]|null,
    "calibrated":bool}],"stack_keys":[[...]],"frame_digests":[sha256 of stored pixels],
    "representativeness":{...}} ; numbers that are not integers are decimal strings.
    """
    raise NotImplementedError


def arrange(facts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sort instances of one series, given their `facts`, into volumes, without opening a file.

    Each: {"slices":[[instance position in `facts`, frame]],"is_volume","plane","slice_spacing":str
    or None,"oblique_degrees","tilt_degrees","gaps","duplicates","reason"}.
    """
    raise NotImplementedError
