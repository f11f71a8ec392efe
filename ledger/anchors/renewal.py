r"""Stamp time stamps anew before what they rest on ends: RFC 4998 in spirit.

A token is believed while the authority's certificate holds and its algorithms are strong.
Before that ends, a new stamp is taken over the digests of the old tokens: it proves that they
existed while they were still believed, and so on, without end.

The bytes of an anchor of kind "renewal" are a statement and the token over exactly it:

    ledger/v1 renewal\n
    sha256 | sha512\n                         the hash of the digests below
    <origin>\n<size>\n<base64 root>\n         the checkpoint's text, the newest one then
    <hex digest of an earlier token>\n        once or more, ascending
    \n
    <TimeStampResp, DER>

Its stream and size are those of the checkpoint.  An earlier token is the bytes of an anchor:
a first time stamp, or a renewal, statement included (RFC 4998 §5.2: the whole of it).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings

from ledger.anchors.stamps import Stamp, StampError, read_stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cryptography.x509 import Certificate

KIND = "renewal"
TITLE = "ledger/v1 renewal"
HASHES = ("sha256", "sha512")
TEXT_LINES = 3
MAX_TOKENS = 4_000  # in one renewal: half a megabyte of digests at most
_END = re.compile(r"([a-z0-9]+(?:-[0-9]+)?) ([0-9]{4}-[0-9]{2}-[0-9]{2})")

Ends = dict[str, datetime]


class RenewalError(StampError):
    """A chain of time stamps that proves nothing any more; the sentence says where it ends."""


class Renewal(NamedTuple):
    """A statement and the token over it, taken apart."""

    statement: bytes
    algorithm: str
    text: bytes
    digests: list[str]
    token: bytes


@dataclass(frozen=True)
class Chain:
    """What a chain proves: the text existed `at` that time; it is believed `until` then."""

    at: datetime
    until: datetime
    links: int


def algorithm_ends() -> Ends:
    """Return when each algorithm stops to be believed, as TSA_ALGORITHM_ENDS says.

    Raises ValueError, whose sentence names the setting.
    """
    ends: Ends = {}
    for line in settings.TSA_ALGORITHM_ENDS:
        match = _END.fullmatch(line.strip())
        name, day = (match[1], match[2]) if match else ("", "")
        try:
            ends[name] = datetime.fromisoformat(day).replace(tzinfo=UTC)
        except ValueError:
            raise ValueError(
                f"TSA_ALGORITHM_ENDS: {line!r} is not an algorithm and a day, such as"
                " 'rsa-2048 2031-01-01'."
            ) from None
    return ends


def believed_until(stamp: Stamp, ends: Mapping[str, datetime]) -> datetime:
    """Return when the certificate or the first of the algorithms of a stamp ends."""
    return earliest(stamp.until, stamp.algorithms, ends)


def earliest(
    until: datetime, algorithms: Iterable[str], ends: Mapping[str, datetime]
) -> datetime:
    """Return `until`, or when the first of `algorithms` ends before."""
    return min([until, *(ends[name] for name in algorithms if name in ends)])


def statement(text: bytes, tokens: Iterable[bytes], algorithm: str = "sha256") -> bytes:
    """Return what a renewal stamps: the checkpoint's text and the digests of earlier tokens."""
    digests = sorted({hashlib.new(algorithm, token).hexdigest() for token in tokens})
    lines = "".join(f"{digest}\n" for digest in digests)
    return f"{TITLE}\n{algorithm}\n".encode() + text + lines.encode()


def renewal_bytes(stated: bytes, token: bytes) -> bytes:
    """Return the bytes of an anchor of kind "renewal"."""
    return stated + b"\n" + token


def parse_renewal(content: bytes) -> Renewal:
    """Take the bytes of a renewal apart.  Raises RenewalError."""
    stated, gap, token = content.partition(b"\n\n")
    stated += b"\n"
    try:
        title, algorithm, *lines = stated.decode("ascii").split("\n")[:-1]
    except (UnicodeDecodeError, ValueError):
        title, algorithm, lines = "", "", []
    digests = lines[TEXT_LINES:]
    width = 2 * hashlib.new(algorithm).digest_size if algorithm in HASHES else 0
    if not gap or title != TITLE or not width or not digests:
        raise RenewalError("This is no renewal of a time stamp.")
    if any(not re.fullmatch(rf"[0-9a-f]{{{width}}}", digest) for digest in digests):
        raise RenewalError("A renewal names each earlier token by its digest.")
    text = "".join(f"{line}\n" for line in lines[:TEXT_LINES]).encode()
    return Renewal(stated, algorithm, text, digests, token)


def covers(renewal: Renewal, token: bytes) -> bool:
    """Tell whether a renewal names an earlier token."""
    return hashlib.new(renewal.algorithm, token).hexdigest() in renewal.digests


def verify_chain(
    text: bytes,
    tokens: Sequence[bytes],
    trusted: Sequence[Certificate],
    *,
    at: datetime,
    ends: Mapping[str, datetime] | None = None,
) -> Chain:
    """Return what a time stamp over `text` and its renewals prove at the time `at`.

    `tokens` begins with a TimeStampResp over `text`; each renewal after it must name the token
    before it, and be stamped while that one was still believed (RFC 4998 §5.3).  A renewal
    that changes the hash names every token so far: what the old hash tied together, it ties
    anew.  The last link must be believed at `at`.  Raises StampError, which says where it ends.
    """
    if not tokens:
        raise RenewalError("There is no time stamp.")
    ends = ends or {}
    first = stamp = read_stamp(tokens[0], text, trusted)
    hashed_by = "sha256"
    for place, token in enumerate(tokens[1:], start=1):
        renewal = parse_renewal(token)
        named = tokens[:place] if renewal.algorithm != hashed_by else tokens[place - 1 : place]
        if not all(covers(renewal, earlier) for earlier in named):
            raise RenewalError("A renewal does not name the time stamp before it.")
        renewed = read_renewal(renewal, trusted)
        _require_believed(stamp, renewed.at, ends)
        if renewed.at < stamp.at:
            raise RenewalError("A renewal is older than the time stamp before it.")
        stamp, hashed_by = renewed, renewal.algorithm
    _require_believed(stamp, at, ends)
    return Chain(first.at, believed_until(stamp, ends), len(tokens))


def read_renewal(renewal: Renewal, trusted: Sequence[Certificate]) -> Stamp:
    """Return what a renewal's own token proves; it rests on the hash of its digests too."""
    stamp = read_stamp(renewal.token, renewal.statement, trusted)
    return replace(stamp, algorithms=stamp.algorithms | {renewal.algorithm})


def _require_believed(stamp: Stamp, when: datetime, ends: Mapping[str, datetime]) -> None:
    until = believed_until(stamp, ends)
    if when >= until:
        raise RenewalError(
            f"The time stamp of {stamp.at:%Y-%m-%d} was believed until {until:%Y-%m-%d};"
            f" nothing had renewed it by then."
        )
