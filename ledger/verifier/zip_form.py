"""The one form of a bundle's archive: every header's bytes (APPNOTE 6.3 §4.3, stored only).

Whoever writes a bundle can use these functions; whoever reads one compares with them.
"""

from __future__ import annotations

import struct

LIMIT_32 = 0xFFFFFFFF
LIMIT_16 = 0xFFFF
LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")
END_64 = struct.Struct("<4sQ2H2L4Q")
LOCATOR_64 = struct.Struct("<4sLQL")
_DATE = 0x21  # 1980-01-01
_UNIX = 3 << 8
_MODE = 0o100644 << 16


def local_header(path: str, crc: int, size: int) -> bytes:
    """Return what stands before the content of a member."""
    name, extra, shown, version = path.encode(), b"", size, 20
    if size >= LIMIT_32:
        extra, shown, version = struct.pack("<2H2Q", 1, 16, size, size), LIMIT_32, 45
    fields = (version, 0, 0, 0, _DATE, crc, shown, shown, len(name), len(extra))
    return LOCAL.pack(b"PK\3\4", *fields) + name + extra


def central_header(path: str, crc: int, size: int, offset: int) -> bytes:
    """Return a member's record in the central directory; `offset` is its local header's."""
    name, wide = path.encode(), []
    if size >= LIMIT_32:
        wide += [size, size]
    if offset >= LIMIT_32:
        wide.append(offset)
    extra = struct.pack(f"<2H{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
    version, shown, at = 45 if wide else 20, min(size, LIMIT_32), min(offset, LIMIT_32)
    fields = (_UNIX | version, version, 0, 0, 0, _DATE, crc, shown, shown)
    tail = (len(name), len(extra), 0, 0, 0, _MODE, at)
    return CENTRAL.pack(b"PK\1\2", *fields, *tail) + name + extra


def archive_end(count: int, length: int, offset: int) -> bytes:
    """Return what ends an archive of `count` members, whose directory lies at `offset`."""
    wide = b""
    if count >= LIMIT_16 or length >= LIMIT_32 or offset >= LIMIT_32:
        version = _UNIX | 45
        fields = (44, version, 45, 0, 0, count, count, length, offset)
        wide = END_64.pack(b"PK\6\6", *fields)
        wide += LOCATOR_64.pack(b"PK\6\7", 0, offset + length, 1)
    shown = min(count, LIMIT_16)
    fields_32 = (0, 0, shown, shown, min(length, LIMIT_32), min(offset, LIMIT_32), 0)
    return wide + END.pack(b"PK\5\6", *fields_32)
