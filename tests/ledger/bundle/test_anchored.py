"""Anchors in a bundle: tokens as files, and the renewals that carry them on."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from ledger import checkpoints
from ledger.anchors.renewal import renewal_bytes, statement
from ledger.bundle.anchored import write_anchors
from ledger.bundle.archive import Spool
from ledger.bundle.heads import Head
from ledger.models import Checkpoint
from tests.ledger.signing import ORIGIN, grow

pytestmark = pytest.mark.django_db(transaction=True)


def put(checkpoint: Any, kind: str, token: bytes) -> None:
    with connections["seal"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger.anchor (stream, size, kind, token) VALUES (%s, %s, %s, %s)",
            [checkpoint.stream_id, checkpoint.size, kind, token],
        )


def test_the_renewals_of_the_time_stamps_that_are_carried_come_along(tmp_path: Path) -> None:
    for entries in (2, 3, 4):
        grow(entries)
        checkpoints.sign(ORIGIN)
    first, second, third = Checkpoint.objects.filter(stream__origin=ORIGIN).order_by("size")
    text = b"a\n1\nb\n"
    renewed = renewal_bytes(statement(text, [b"stamp", b"another"]), b"1")
    again = renewal_bytes(statement(text, [renewed]), b"2")
    unrelated = renewal_bytes(statement(text, [b"unknown"]), b"3")
    put(first, "rfc3161", b"stamp")
    put(first, "rfc3161_test", b"untrusted")
    for checkpoint, token in ((second, renewed), (third, again), (third, unrelated)):
        put(checkpoint, "renewal", token)
    head = Head(first.stream, first.size, bytes(first.root), first.note, {})

    with Spool(tmp_path) as spool:
        listed = write_anchors(head, spool)

    place = f"anchors/{head.origin_id}"
    assert [(one["kind"], one["path"], one["size"]) for one in listed] == [
        ("rfc3161", f"{place}/2-1.tsr", 2),
        ("rfc3161_test", f"{place}/2-2.bin", 2),
        ("renewal", f"{place}/5-1.bin", 5),
        ("renewal", f"{place}/9-1.bin", 9),
    ]
