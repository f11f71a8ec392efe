"""Parsing a DICOM file (PS3.10): header first, with limits, before any pixel is touched."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from annotations.image_errors import (
    DamagedImageError,
    ImageTooLargeError,
    NoPixelsError,
    UnsupportedImageError,
)
from annotations.imaging.dicom import values
from annotations.imaging.dicom.guard import reading

if TYPE_CHECKING:
    from pydicom import Dataset

MAX_FILE_BYTES = 2 * 1024**3
MAX_HEADER_BYTES = 256 * 1024**2
MAX_FRAME_SAMPLES = 2**27  # 134 million: four times the largest mammogram
MAX_DECODED_BYTES = 4 * 1024**3
MAX_RATIO = 1000
SMALL_BYTES = 64 * 1024**2  # below this a high ratio harms nobody: empty frames pack well

PREAMBLE_BYTES = 128
UNDEFINED_LENGTH = 0xFFFFFFFF
DEFLATED = "1.2.840.10008.1.2.1.99"
PIXEL_TAGS = {0x7FE00010: "PixelData", 0x7FE00008: "FloatPixelData"} | {
    0x7FE00009: "DoubleFloatPixelData"
}
SAMPLES = {
    "MONOCHROME1": 1,
    "MONOCHROME2": 1,
    "PALETTE COLOR": 1,
    "RGB": 3,
    "YBR_FULL": 3,
    "YBR_FULL_422": 3,
    "YBR_ICT": 3,
    "YBR_RCT": 3,
}


@dataclass(frozen=True, kw_only=True)
class Header:
    """What a file says before its pixels; `pixels_length` may be UNDEFINED_LENGTH."""

    dataset: Dataset
    pixels: str
    pixels_length: int


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Frames, rows, columns, samples stored per pixel, bits, and how samples mean colour."""

    frames: int
    rows: int
    columns: int
    samples: int
    bits_allocated: int
    bits_stored: int
    signed: bool
    photometric: str

    @property
    def frame_samples(self) -> int:
        """Values in one decoded frame."""
        return self.rows * self.columns * self.samples

    @property
    def decoded_bytes(self) -> int:
        """Bytes of all decoded frames in memory."""
        return self.frames * self.frame_samples * max(1, self.bits_allocated // 8)


def dataset(path: Path) -> Dataset:
    """Read a whole DICOM file within the limits; ImageError if it cannot be read.

    Files without preamble or File Meta Information are read too, as many archives hold them.
    """
    from pydicom import dcmread

    _check_size(path)
    with reading("the data set"):
        _check_inflation(path)
        return dcmread(path, force=True)


def header(path: Path) -> Header:
    """Read up to the pixels; NoPixelsError if none follow."""
    from pydicom.filereader import read_partial

    _check_size(path)
    found: list[tuple[str, int]] = []

    def at_pixels(tag: int, _vr: str | None, length: int) -> bool:
        if int(tag) in PIXEL_TAGS:
            found.append((PIXEL_TAGS[int(tag)], length))
        return bool(found)

    with reading("the header"):
        _check_inflation(path)
        with path.open("rb") as file:
            parsed = read_partial(file, stop_when=at_pixels, force=True)
    if not len(parsed):
        raise DamagedImageError("it holds no attributes")
    if not found:
        raise NoPixelsError
    name, length = found[0]
    return Header(dataset=parsed, pixels=name, pixels_length=length)


def shape(head: Header, size: int) -> Shape:
    """Check the claims of the image pixel module (PS3.3 C.7.6.3) on each other.

    `size` is the file's length in bytes.
    """
    found = _claimed(head.dataset, head.pixels)
    if min(found.frames, found.rows, found.columns) < 1:
        raise DamagedImageError("it claims to have no frames, rows or columns")
    if found.frame_samples > MAX_FRAME_SAMPLES or found.decoded_bytes > MAX_DECODED_BYTES:
        raise ImageTooLargeError(
            f"{found.frames} frames of {found.columns} × {found.rows} pixels are claimed"
        )
    _check_length(head, found, size)
    return found


def _claimed(ds: Dataset, pixels: str) -> Shape:
    photometric = values.text(ds, "PhotometricInterpretation").upper()
    if photometric not in SAMPLES:
        raise UnsupportedImageError("its photometric interpretation is not known")
    samples = values.integer(ds, "SamplesPerPixel", 1)
    if samples != SAMPLES[photometric]:
        raise DamagedImageError("samples per pixel and photometric interpretation disagree")
    allocated = values.integer(ds, "BitsAllocated")
    stored = values.integer(ds, "BitsStored", allocated)
    widest = 64 if pixels == "DoubleFloatPixelData" else 32
    if allocated not in {1, 8, 16, 32, 64} or allocated > widest:
        raise UnsupportedImageError("its bits allocated are not 1, 8, 16 or 32")
    if not 1 <= stored <= allocated:
        raise DamagedImageError("more bits are stored than allocated")
    representation = values.integer(ds, "PixelRepresentation", 0)
    if representation not in {0, 1}:
        raise DamagedImageError("its pixel representation is neither signed nor unsigned")
    return Shape(
        frames=values.integer(ds, "NumberOfFrames", 1),
        rows=values.integer(ds, "Rows"),
        columns=values.integer(ds, "Columns"),
        samples=samples,
        bits_allocated=allocated,
        bits_stored=stored,
        signed=representation == 1,
        photometric=photometric,
    )


def _check_length(head: Header, found: Shape, size: int) -> None:
    deflated = transfer_syntax(head.dataset) == DEFLATED
    if head.pixels_length == UNDEFINED_LENGTH:
        if found.decoded_bytes > max(SMALL_BYTES, MAX_RATIO * size):
            raise ImageTooLargeError("it would grow more than a thousandfold when decoded")
        return
    bits = found.frames * found.frame_samples * found.bits_allocated
    if found.photometric == "YBR_FULL_422":
        bits = bits * 2 // 3
    if head.pixels_length < bits // 8 or (head.pixels_length > size and not deflated):
        raise DamagedImageError("it holds fewer pixels than it claims")


def transfer_syntax(ds: Dataset) -> str:
    """Return the transfer syntax UID, guessed for a file without File Meta Information."""
    with reading("the transfer syntax"):
        meta = getattr(ds, "file_meta", None)
        uid = str(meta.get("TransferSyntaxUID", "") or "") if meta is not None else ""
        if uid:
            return uid
        implicit, little = ds.original_encoding
        if not little:
            return "1.2.840.10008.1.2.2"
        return "1.2.840.10008.1.2" if implicit else "1.2.840.10008.1.2.1"


def _check_size(path: Path) -> None:
    with reading("the file"):
        size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise ImageTooLargeError("the file is larger than 2 GiB")


def _check_inflation(path: Path) -> None:
    """Inflate a deflated data set (PS3.5 A.5) piece by piece, up to the limits."""
    from pydicom.filereader import read_file_meta_info

    with path.open("rb") as file:
        if file.read(PREAMBLE_BYTES + 4)[PREAMBLE_BYTES:] != b"DICM":
            return
    meta = read_file_meta_info(path)
    if str(meta.get("TransferSyntaxUID", "")) != DEFLATED:
        return
    start = PREAMBLE_BYTES + 4 + 12 + int(meta.FileMetaInformationGroupLength)
    limit = max(SMALL_BYTES, MAX_RATIO * path.stat().st_size)
    with path.open("rb") as file:
        file.seek(start)
        _inflate(file.read(), min(limit, MAX_HEADER_BYTES))


def _inflate(packed: bytes, limit: int) -> None:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    total = 0
    while packed and not inflater.eof:
        total += len(inflater.decompress(packed, 2**20))
        if total > limit:
            raise ImageTooLargeError("its deflated data set grows too much when inflated")
        packed = inflater.unconsumed_tail
