"""Receipts that the user kept, against the stream that a bundle holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.verifier.blocks import RECORD_BYTES, read_leaves, tile_name
from ledger.verifier.hashes import leaf_hash
from ledger.verifier.single_files import judge_receipt
from ledger.verifier.tree import BLOCK

if TYPE_CHECKING:
    from ledger.verifier.checkpoints import Facts
    from ledger.verifier.files import Files
    from ledger.verifier.findings import Findings
    from ledger.verifier.manifest import ListedStream
    from ledger.verifier.single_files import Receipt
    from ledger.verifier.trust import Trust


def hash_at(files: Files, listed: ListedStream, seq: int) -> bytes | None:
    """Return the hash of an entry as found, or None if it is not there."""
    number, at = divmod(seq, BLOCK)
    width = min(BLOCK, listed.size - number * BLOCK)
    name = f"streams/{listed.id}/tile/entries/{tile_name(number, width)}"
    read = read_leaves(files, name, width)
    if read is None or len(read[0]) < (at + 1) * RECORD_BYTES:
        return None
    return leaf_hash(read[0][at * RECORD_BYTES + 2 : (at + 1) * RECORD_BYTES])


def judge_kept_receipts(
    facts: Facts, trust: Trust, receipt: Receipt, there: bytes | None, findings: Findings
) -> None:
    """Judge one receipt by itself, by its signature, and against the entry that is `there`."""
    judge_receipt(receipt, findings)
    if there is None:
        message = f"Your receipt is of entry {receipt.seq}; from here on they are missing."
        findings.add("L406", message, facts.size)
    elif there != receipt.hash:
        findings.add("L704", "Your receipt is of another entry.", receipt.seq)
    checkpoint = receipt.checkpoint
    if checkpoint is None or receipt.note is None or checkpoint.origin != facts.origin:
        return
    signed = trust.judge(receipt.note, facts.origin, None)
    if signed.code:
        findings.add(signed.code, f"The receipt's checkpoint: {signed.message}")
    elif checkpoint.size > facts.size:
        findings.add("L406", "Your receipt's checkpoint has more entries.", facts.size)
    elif facts.roots.get(checkpoint.size) != checkpoint.root:
        findings.add("L405", "Your receipt's checkpoint has another root.", 0)
