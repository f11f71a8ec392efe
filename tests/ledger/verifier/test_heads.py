"""What the organisation recorded of each stream, and the largest of it."""

from typing import Any

from ledger.verifier.findings import Findings
from ledger.verifier.heads import Head, Heads
from tests.ledger.verifier.world import ORG, P1

P2 = "example.org/ledger/p/p2"


def payload(size: int, digit: str = "0", origin: str = P1) -> dict[str, Any]:
    return {"key_id": "00ff00ff", "origin": origin, "root": digit * 64, "size": size}


def test_heads_are_kept_by_stream_in_their_order() -> None:
    heads, findings = Heads(ORG), Findings()
    for seq, told in enumerate(
        [payload(5), payload(9, "1"), payload(2, origin=P2), payload(7)]
    ):
        heads.take(seq, told, findings)
    assert findings.all() == []
    assert heads.origins() == [P1, P2]
    assert [(head.size, head.seq) for head in heads.of(P1)] == [(5, 0), (9, 1), (7, 3)]
    assert heads.newest(P1) == Head(9, 1, b"\x11" * 32, bytes.fromhex("00ff00ff"))
    assert heads.newest("example.org/ledger/p/p3") is None
    heads.take(4, payload(9, "2"), findings)
    newest = heads.newest(P1)
    assert newest is not None
    assert newest.seq == 4


def test_the_largest_size_is_one_that_a_stream_can_have() -> None:
    heads, findings = Heads(ORG), Findings()
    heads.take(0, payload((1 << 63) - 1), findings)
    heads.take(0, payload(1), findings)
    assert findings.all() == []
    heads.take(1, payload(1 << 63), findings)
    assert [(f.code, f.seq) for f in findings.all()] == [("L304", 1)]
