"""The size a compressed frame claims for itself, read before a decoder believes it."""

from __future__ import annotations

import struct

JPEG_START = b"\xff\xd8"
JPEG2000_START = b"\xff\x4f\xff\x51"
JP2_BOX = b"\x00\x00\x00\x0cjP  "
# Start-of-frame markers: ISO/IEC 10918-1 B.1.1.3 (no DHT C4, JPG C8, DAC CC), 14495-1 SOF55 F7
FRAME_MARKERS = frozenset({*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC})
STANDALONE = frozenset({0x01, 0xD8, *range(0xD0, 0xD8)})
START_OF_SCAN = 0xDA
FILL = 0xFF


def claimed_size(frame: bytes) -> tuple[int, int] | None:
    """Return (rows, columns) from a JPEG, JPEG-LS or JPEG 2000 header, or None."""
    if frame[:2] == JPEG_START:
        return _jpeg(frame)
    if frame[:8] == JP2_BOX:
        start = frame.find(JPEG2000_START)
        frame = frame[start:] if start >= 0 else b""
    if frame[:4] == JPEG2000_START:
        return _jpeg2000(frame)
    return None


def _jpeg(frame: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(frame) and frame[at] == FILL:
        marker = frame[at + 1]
        if marker in FRAME_MARKERS:
            rows, columns = struct.unpack(">HH", frame[at + 5 : at + 9])
            return rows, columns
        if marker == START_OF_SCAN:
            return None
        if marker == FILL:
            at += 1
        elif marker in STANDALONE:
            at += 2
        else:
            at += 2 + int(struct.unpack(">H", frame[at + 2 : at + 4])[0])
    return None


def _jpeg2000(frame: bytes) -> tuple[int, int] | None:
    if len(frame) < 24:  # noqa: PLR2004 - SIZ up to YOsiz, ISO/IEC 15444-1 A.5.1
        return None
    width, height, left, top = struct.unpack(">4I", frame[8:24])
    return height - top, width - left
