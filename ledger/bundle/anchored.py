"""Anchors in a bundle: tokens as files, and cosignatures as lines of the notes they are for."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Any

from ledger.anchors.renewing import renewals_of
from ledger.anchors.witnesses import with_cosignatures
from ledger.models import Anchor

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from ledger.bundle.archive import Spool
    from ledger.bundle.heads import Head

WITNESS = "witness"  # its token is a note's line (C2SP tlog-cosignature)
STAMP, RENEWAL = "rfc3161", "renewal"
ENDINGS = {STAMP: "tsr", WITNESS: "txt"}
OTHER = "bin"


def write_anchors(head: Head, spool: Spool) -> list[dict[str, Any]]:
    """Write the tokens for the checkpoints of `head` that are in the bundle; return the list.

    In the manifest's form; numbered in the order in which they came back.
    """
    listed: list[dict[str, Any]] = []
    number: Counter[int] = Counter()
    kept = Anchor.objects.filter(stream=head.stream, size__in=[*head.older, head.size])
    first = kept.exclude(kind=RENEWAL).order_by("size", "pk").iterator(chunk_size=100)
    for anchor in chain(first, _renewals(head, kept)):
        number[anchor.size] += 1
        ending = ENDINGS.get(anchor.kind, OTHER)
        path = f"anchors/{head.origin_id}/{anchor.size}-{number[anchor.size]}.{ending}"
        spool.add(path, [bytes(anchor.token)])
        told = {"kind": anchor.kind, "origin": head.origin, "path": path, "size": anchor.size}
        listed.append(told)
    return listed


def _renewals(head: Head, kept: QuerySet[Anchor]) -> list[Anchor]:
    """Return what carries on the time stamps among `kept`, at whatever size it was taken."""
    stamps = kept.filter(kind=STAMP).values_list("token", flat=True)
    return renewals_of(head.stream.pk, [bytes(token) for token in stamps])


def cosigned(head: Head, size: int, note: str) -> str:
    """Return the note of `head` at `size` with the cosignatures that came back for it."""
    kept = Anchor.objects.filter(stream=head.stream, size=size, kind=WITNESS).order_by("pk")
    return with_cosignatures(note, map(bytes, kept.values_list("token", flat=True)))
