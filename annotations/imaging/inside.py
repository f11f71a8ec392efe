"""What runs inside the sandbox: one file judged, de-identified, decoded and described.

Called through `sandbox.run` by `intake`; no settings, no database.  Files are left in the job
folder: `clean.dcm`, `frame-<n>.z` (zlib) and `thumbnail.png`.
"""

from __future__ import annotations

import hashlib
import hmac
import zlib
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotations import deid, readers
from annotations.image_errors import DamagedImageError
from annotations.imaging import cohort, pixels
from annotations.imaging.dicom.guard import reading

if TYPE_CHECKING:
    from pydicom import Dataset

    from annotations.imaging.geometry import Geometry
    from annotations.readers.base import Image
    from annotations.readers.dicom import DicomImage

CLEAN = "clean.dcm"
THUMBNAIL = "thumbnail.png"
COMPRESSION = 1  # frames are read often and kept on fast disks: speed over size


def receive(path: str, folder: str, key: bytes, options: list[str]) -> dict[str, Any]:
    """Judge, de-identify and render the file at `path` into `folder`; raises ImageError."""
    image: Any = readers.open_image(path)
    _require_identity(image)
    original: Dataset = image.dataset
    decision = deid.pixel_decision(original)
    clean, counts = deid.deidentify_with_counts(original, key=key, options=frozenset(options))
    if decision.outcome == "clear":
        clean.PatientIdentityRemoved = "YES"
    target = Path(folder) / CLEAN
    _write(clean, target)
    return {
        "decision": decision._asdict(),
        "counts": counts,
        "subject_key": deid.subject_key(original, key=key),
        "cohort": cohort.described(original),
        "input_digest": _keyed_digest(Path(path), key),
        "output_sha256": hashlib.sha256(target.read_bytes()).hexdigest(),
        **render(str(target), folder),
    }


def release(path: str, folder: str) -> dict[str, Any]:
    """Mark a cleaned file whose pixels a person has looked at, and write it to `folder`."""
    image: Any = readers.open_image(path)
    image.dataset.PatientIdentityRemoved = "YES"
    image.dataset.BurnedInAnnotation = "NO"
    target = Path(folder) / CLEAN
    _write(image.dataset, target)
    return {"output_sha256": hashlib.sha256(target.read_bytes()).hexdigest()}


def render(path: str, folder: str) -> dict[str, Any]:
    """Decode every frame of a cleaned file into `folder` and describe the image."""
    image = readers.open_image(path)
    kinds = [_keep_frame(image, index, folder) for index in range(image.frames)]
    dtype = pixels.widest(set(kinds))
    for index, kind in enumerate(kinds):
        if kind != dtype:
            _keep_frame(image, index, folder, dtype)
    middle = image.frames // 2
    (Path(folder) / THUMBNAIL).write_bytes(pixels.thumbnail(image, middle))
    digests = [image.frame_digest(index) for index in range(image.frames)]
    return {
        "pixel_sha256": pixels.combined_sha256(digests),
        "facts": {**facts(image, middle), "dtype": dtype, "frame_digests": digests},
    }


def facts(image: Image, shown: int = 0) -> dict[str, Any]:
    """Describe an image without its pixels, as JSON without floats; see `intake.Received`."""
    windows, source = pixels.chosen_windows(image, shown)
    texts = [[str(each.center), str(each.width)] for each in windows]
    every = range(image.frames)
    return {
        "format": image.format,
        "modality": image.modality,
        "rows": image.rows,
        "columns": image.columns,
        "frames": image.frames,
        "samples": image.samples,
        "inverted": image.inverted,
        "unit": image.unit,
        "study_uid": image.study_uid,
        "series_uid": image.series_uid,
        "sop_uid": image.sop_uid,
        "sop_class_uid": image.sop_class_uid,
        "frame_of_reference_uid": image.frame_of_reference_uid,
        "window": texts[0],
        "windows": texts,
        "window_function": windows[0].function,
        "window_source": source,
        "geometry": [_described(image.geometry(index)) for index in every],
        "stack_keys": [list(image.stack_key(index)) for index in every],
        "time_keys": [list(image.time_key(index)) for index in every],
    }


def _keep_frame(
    image: Image, index: int, folder: str, dtype: pixels.DType | None = None
) -> pixels.DType:
    content, meta = pixels.frame_bytes(image, index, dtype)
    packed = zlib.compress(content, COMPRESSION)
    (Path(folder) / f"frame-{index}.z").write_bytes(packed)
    image.frame_digest(index)  # now, while the frame is decoded
    return meta.dtype


def _described(place: Geometry) -> dict[str, Any]:
    return {
        "orientation": _decimals(place.orientation),
        "position": _decimals(place.position),
        "spacing": _decimals(place.spacing),
        "calibrated": place.calibrated,
    }


def _decimals(numbers: tuple[float, ...] | None) -> list[str] | None:
    if numbers is None:
        return None
    return [format(Decimal(repr(each)), "f") for each in numbers]


def _require_identity(image: DicomImage) -> None:
    if not (image.sop_uid and image.series_uid and image.study_uid and image.sop_class_uid):
        raise DamagedImageError("it lacks the UIDs that tell images, series and studies apart")


def _keyed_digest(path: Path, key: bytes) -> str:
    """Digest identified input under the key, so that nobody can test a file against it."""
    with path.open("rb") as file:
        return hmac.new(key, hashlib.file_digest(file, "sha256").digest(), "sha256").hexdigest()


def _write(dataset: Dataset, target: Path) -> None:
    from pydicom import dcmwrite
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import UID

    from annotations.imaging.dicom import parse

    with reading("the cleaned file"):
        if getattr(dataset, "file_meta", None) is None:
            dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = UID(parse.transfer_syntax(dataset))
        dcmwrite(target, dataset, enforce_file_format=True)
