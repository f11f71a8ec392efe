"""Receipts and proofs as files: the golden bytes, and what is refused."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ledger import checkpoints, single_files
from ledger.hashing import origin_id
from ledger.models import Entry, Stream
from ledger.proofs import verify_inclusion
from ledger.single_files import NoSuchEntryError, NotYetProvenError
from tests.ledger.signing import ORIGIN, grow, head_of, stream

DATA = Path(__file__).resolve().parents[1] / "data" / "ledger"
GOLDEN = "example.org/ledger/p/p1"
LEAF = 106
pytestmark = pytest.mark.django_db(transaction=True)


def plant(cursor: Any) -> Stream:
    """Put the stream of the golden bundle into the database, as a superuser could."""
    folder = f"streams/{origin_id(GOLDEN).hex()}"
    with zipfile.ZipFile(DATA / "bundle-ok.zip") as bundle:
        leaves = bundle.read(f"{folder}/tile/entries/000.p/12")
        hashes = bundle.read(f"{folder}/tile/0/000.p/12")
        bodies = bundle.read(f"{folder}/bodies/000.p/12")
    cursor.execute("SELECT ledger.open_stream(%s)", [GOLDEN])
    number = cursor.fetchone()[0]
    cursor.execute("ALTER TABLE ledger.body DISABLE TRIGGER ALL")
    for seq in range(12):
        leaf = leaves[seq * (LEAF + 2) + 2 : (seq + 1) * (LEAF + 2)]
        salt, body, bodies = _take(bodies)
        cursor.execute(
            "INSERT INTO ledger.body (stream, salt, body) VALUES (%s, %s, %s) RETURNING id",
            [number, salt, body],
        )
        place = [number, seq, cursor.fetchone()[0], int.from_bytes(leaf[34:42], "big")]
        hash_ = hashes[seq * 32 : (seq + 1) * 32]
        cursor.execute(
            "INSERT INTO ledger.entry VALUES (%s, %s, %s, %s, %s, %s)",
            [*place, leaf[74:], hash_],
        )
    cursor.execute("ALTER TABLE ledger.body ENABLE TRIGGER ALL")
    return Stream.objects.get(pk=number)


def _take(bodies: bytes) -> tuple[bytes | None, bytes | None, bytes]:
    if bodies[0] != 1:
        return None, None, bodies[1:]
    end = 21 + int.from_bytes(bodies[17:21], "big")
    return bodies[1:17], bodies[21:end], bodies[end:]


def publish(cursor: Any, planted: Stream) -> None:
    note = (DATA / "reference-p1-12.note").read_text()
    cursor.execute(
        "INSERT INTO ledger.checkpoint (stream, size, root, note) VALUES (%s, 12, %s, %s)",
        [planted.pk, head_of(note).root, note],
    )


def test_the_files_are_the_golden_ones(superuser_cursor: Any) -> None:
    planted = plant(superuser_cursor)
    early = single_files.receipt(planted, 6)
    publish(superuser_cursor, planted)

    assert early == (DATA / "receipt-p1-6-early.json").read_bytes()
    assert single_files.receipt(planted, 6) == (DATA / "receipt-p1-6.json").read_bytes()
    assert single_files.tlog_proof(planted, 6) == (DATA / "proof-p1-6.tlog-proof").read_bytes()
    assert (
        single_files.tlog_consistency(planted, 6)
        == (DATA / "p1-6-12.tlog-consistency").read_bytes()
    )


def test_a_withheld_or_erased_body_leaves_the_leaf(superuser_cursor: Any) -> None:
    planted = plant(superuser_cursor)
    publish(superuser_cursor, planted)
    gone = Entry.objects.filter(stream=planted, body__body=None).order_by("seq")[0].seq

    for proof in (
        single_files.tlog_proof(planted, 6, withheld=True),
        single_files.tlog_proof(planted, gone),
    ):
        extra = proof.split(b"\n")[1].removeprefix(b"extra ")
        assert len(extra) == -(-LEAF // 3) * 4


def test_a_receipt_has_checkpoint_and_proof_or_neither() -> None:
    grow(3)
    before = json.loads(single_files.receipt(stream(), 2))
    checkpoints.sign(ORIGIN)
    grow(1)

    told = json.loads(single_files.receipt(stream(), 2))
    head = head_of(told["checkpoint"])
    proof = [bytes.fromhex(each) for each in told["proof"]]
    assert (before["checkpoint"], before["proof"]) == (None, None)
    assert verify_inclusion(2, 3, bytes.fromhex(told["hash"]), proof, head.root)
    assert json.loads(single_files.receipt(stream(), 3))["proof"] is None


def test_what_is_not_there_is_refused() -> None:
    grow(2)
    for ask in (single_files.receipt, single_files.tlog_proof):
        with pytest.raises(NoSuchEntryError, match="#2"):
            ask(stream(), 2)
    with pytest.raises(NotYetProvenError, match="minute"):
        single_files.tlog_proof(stream(), 1)
    checkpoints.sign(ORIGIN)

    assert single_files.tlog_consistency(stream(), 1).startswith(b"old 1\n")
    assert single_files.tlog_consistency(stream(), 2).startswith(b"old 2\n\nlocalhost/")
    with pytest.raises(NotYetProvenError):
        single_files.tlog_consistency(stream(), 3)
    for size in (0, -1):
        with pytest.raises(NoSuchEntryError):
            single_files.tlog_consistency(stream(), size)
