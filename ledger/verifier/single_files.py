"""Single files: a receipt, an inclusion proof (.tlog-proof), a consistency proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ledger.verifier.envelope import envelope_fault, is_count, is_hex64
from ledger.verifier.findings import Findings
from ledger.verifier.hashes import (
    LEAF,
    LEAF_BYTES,
    VERSION_LINE,
    commitment_of,
    leaf_bytes,
    leaf_hash,
    origin_id,
)
from ledger.verifier.notes import (
    MAX_SIZE,
    Checkpoint,
    Note,
    NoteError,
    is_origin,
    parse_checkpoint,
    parse_decimal,
    parse_note,
    strict_base64,
)
from ledger.verifier.strict_json import MAX_BODY, JsonError, read_object
from ledger.verifier.tree import verify_consistency, verify_inclusion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PROOF_TITLE = "c2sp.org/tlog-proof@v1"
RECEIPT_SCHEMA = "ledger.receipt/1"
RECEIPT_FIELDS = frozenset({
    "checkpoint", "commitment", "hash", "origin", "prev", "proof", "schema", "sealed_us", "seq",
})  # fmt: skip
MAX_SINGLE = 4 << 20
MAX_PROOF = 63  # hashes: a tree has fewer than 2^63 leaves


class Single(NamedTuple):
    """What a single file says: of which stream, and the root it was compared with."""

    origin: str
    checkpoint: Checkpoint | None
    note: Note | None


class Receipt(NamedTuple):
    """A receipt of the right form; `hash` follows from its fields or `fault` says that not."""

    origin: str
    seq: int
    hash: bytes
    proof: list[bytes]  # empty where there is no checkpoint
    note: Note | None
    checkpoint: Checkpoint | None
    fault: str | None


class FileFormError(ValueError):
    """A single file has another form; `origin` is its stream, if that could be read."""

    def __init__(self, code: str, message: str, origin: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.origin = origin


def read_receipt(content: bytes) -> Receipt:
    """Read a receipt; raise FileFormError."""
    try:
        value = read_object(content.rstrip(b"\n"))
    except JsonError as error:
        raise FileFormError("L704", f"This is no receipt. {error}") from None
    origin = value.get("origin")
    if not isinstance(origin, str) or not is_origin(origin) or not _is_receipt(value):
        raise FileFormError("L704", "This is no receipt: a field has another form.")
    told = {name: bytes.fromhex(value[name]) for name in ("commitment", "hash", "prev")}
    stream, seq, sealed = origin_id(origin), value["seq"], value["sealed_us"]
    leaf = leaf_bytes(stream, seq, sealed, told["prev"], told["commitment"])
    fault = None if leaf_hash(leaf) == told["hash"] else "Its hash is not that of its fields."
    note, checkpoint, proof = None, None, []
    if value["checkpoint"] is not None:
        note, checkpoint = _read_note(value["checkpoint"].encode(), origin)
        proof = [bytes.fromhex(digest) for digest in value["proof"]]
    return Receipt(origin, seq, told["hash"], proof, note, checkpoint, fault)


def _is_receipt(value: dict[str, Any]) -> bool:
    if value.keys() != RECEIPT_FIELDS or value["schema"] != RECEIPT_SCHEMA:
        return False
    if not all(is_hex64(value[name]) for name in ("commitment", "hash", "prev")):
        return False
    if not is_count(value["seq"]) or not is_count(value["sealed_us"]):
        return False
    proof, note = value["proof"], value["checkpoint"]
    if proof is None and note is None:
        return True
    return isinstance(note, str) and type(proof) is list and all(map(is_hex64, proof))


def _read_note(content: bytes, origin: str) -> tuple[Note, Checkpoint]:
    try:
        note = parse_note(content)
        return note, parse_checkpoint(note)
    except NoteError as error:
        raise FileFormError("L401", str(error), origin) from None


def judge_receipt(receipt: Receipt, findings: Findings) -> None:
    """Judge a receipt by itself; who signed its checkpoint is judged elsewhere."""
    if receipt.fault:
        findings.add("L704", receipt.fault, receipt.seq)
    if receipt.checkpoint is None:
        findings.add("N910", "It holds no checkpoint yet: nobody has signed what it says.")
        return
    checkpoint = receipt.checkpoint
    if checkpoint.origin != receipt.origin:
        findings.add("L403", "The checkpoint of the receipt is that of another stream.")
    elif not verify_inclusion(
        receipt.seq, checkpoint.size, receipt.hash, receipt.proof, checkpoint.root
    ):
        findings.add("L702", "The proof does not show the entry in the tree.", receipt.seq)


def judge_proof(content: bytes, findings: Findings) -> Single:
    """Judge a .tlog-proof; raise FileFormError if it cannot be read."""
    head, note, checkpoint = _split(content)
    lines = head.split("\n")
    if len(lines) < 3 or lines[0] != PROOF_TITLE or not lines[1].startswith("extra "):
        raise FileFormError("L701", "This is no inclusion proof.", checkpoint.origin)
    if not lines[2].startswith("index ") or len(lines) - 3 > MAX_PROOF:
        raise FileFormError(
            "L701", "The proof has no index, or too many lines.", checkpoint.origin
        )
    try:
        extra = strict_base64(lines[1][6:])
        index = parse_decimal(lines[2][6:])
        proof = [strict_base64(line) for line in lines[3:]]
    except NoteError as error:
        raise FileFormError("L701", str(error), checkpoint.origin) from None
    if len(extra) < LEAF_BYTES or LEAF_BYTES < len(extra) < LEAF_BYTES + 16:
        raise FileFormError("L701", "The proof holds no leaf.", checkpoint.origin)
    leaf = extra[:LEAF_BYTES]
    _judge_leaf(leaf, index, checkpoint.origin, findings)
    if len(extra) > LEAF_BYTES:
        _judge_body(leaf, extra[LEAF_BYTES:], index, findings)
    if not verify_inclusion(index, checkpoint.size, leaf_hash(leaf), proof, checkpoint.root):
        findings.add("L702", "The proof does not show the entry in the tree.", index)
    return Single(checkpoint.origin, checkpoint, note)


def _judge_leaf(leaf: bytes, index: int, origin: str, findings: Findings) -> None:
    version, stream, seq, time, _, _ = LEAF.unpack(leaf)
    if (version, stream) != (VERSION_LINE, origin_id(origin)):
        findings.add("L201", "The leaf is none of this stream.", index)
    if seq != index:
        findings.add("L202", f"The leaf is entry {seq}.", index)
    if time > MAX_SIZE:
        findings.add("L204", "Its time is none.", index)


def _judge_body(leaf: bytes, salted: bytes, index: int, findings: Findings) -> None:
    salt, body = salted[:16], salted[16:]
    if len(body) > MAX_BODY:
        findings.add("L302", "The body is longer than 1 MiB.", index)
    if commitment_of(salt, body) != leaf[-32:]:
        findings.add("L301", "The body is not the one that was sealed.", index)
    try:
        fault = envelope_fault(read_object(body))
    except JsonError as error:
        findings.add("L303", f"The body is not canonical. {error}", index)
        return
    if fault:
        findings.add("L304", f"The body is no event: {fault}.", index)


def judge_consistency(
    content: bytes, known: Callable[[str, int], Iterable[bytes]], findings: Findings
) -> tuple[Single, bool]:
    """Judge a .tlog-consistency against the roots that the user knows for its old size.

    Also tells whether there was any.  Raises FileFormError if it cannot be read.
    """
    head, note, checkpoint = _split(content)
    first, *lines = head.split("\n")
    if not first.startswith("old ") or len(lines) > MAX_PROOF:
        raise FileFormError("L701", "This is no consistency proof.", checkpoint.origin)
    try:
        old = parse_decimal(first[4:])
        proof = [strict_base64(line) for line in lines]
    except NoteError as error:
        raise FileFormError("L701", str(error), checkpoint.origin) from None
    roots = list(known(checkpoint.origin, old))
    for root in roots:
        if not verify_consistency(old, checkpoint.size, root, checkpoint.root, proof):
            findings.add(
                "L703", "The proof does not lead from the reference to the checkpoint."
            )
    return Single(checkpoint.origin, checkpoint, note), bool(roots)


def _split(content: bytes) -> tuple[str, Note, Checkpoint]:
    head, gap, rest = content.partition(b"\n\n")
    if not gap or not head:
        raise FileFormError("L701", "The file has no checkpoint after an empty line.")
    if not head.isascii():
        raise FileFormError("L701", "The lines before the checkpoint are not plain text.")
    note, checkpoint = _read_note(rest, "")
    return head.decode(), note, checkpoint


def kind_of(beginning: bytes) -> str:
    """Tell what a file is by how it begins: bundle, proof, consistency, receipt or nothing."""
    if beginning.startswith(b"PK"):
        return "bundle"
    if beginning.startswith(PROOF_TITLE.encode()):
        return "proof"
    if beginning.startswith(b"old "):
        return "consistency"
    return "receipt" if beginning.startswith(b"{") else ""
