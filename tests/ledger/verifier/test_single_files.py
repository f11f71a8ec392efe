"""Single files: receipts, inclusion proofs and consistency proofs, good and changed."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.verifier.hashes import first_prev, leaf_bytes, leaf_hash, origin_id
from ledger.verifier.notes import Checkpoint, checkpoint_text
from tests.ledger.verifier.singles import (
    EARLY,
    GROWTH,
    KEY,
    PROOF,
    RECEIPT,
    SIX,
    codes,
    extra,
    lines,
    put,
    receipt,
    run,
)
from tests.ledger.verifier.test_checkpoints import WITNESS, cosigned
from tests.ledger.verifier.world import P1, World, signed, vkey


@pytest.mark.parametrize("name", [RECEIPT, EARLY, PROOF, GROWTH])
def test_single_files_without_a_key_are_unknown(name: str) -> None:
    code, said = run(name, *SIX)
    assert (code, codes(said)) == (3, set())
    assert "N902" in {f["code"] for f in said["streams"][0]["findings"]}
    assert run(name, *SIX, "--key", str(vkey(P1)))[0] == 0
    assert run(name, *SIX, "--key", str(vkey("example.net/ledger/org")))[0] == 3


@pytest.mark.parametrize(
    "other",
    [
        "example.org/ledger/p/p2",
        "example.org/ledger/p/org",
        "example.org/org",
        "example.org/ledger/x",
    ],
)
def test_the_key_of_another_stream_vouches_for_nothing_else(other: str) -> None:
    code, said = run(PROOF, "--key", str(vkey(other)))
    assert (code, codes(said)) == (3, set())
    assert "N902" in {f["code"] for f in said["streams"][0]["findings"]}


@pytest.mark.parametrize("name", [RECEIPT, PROOF, GROWTH])
def test_single_files_by_another_key_fail(name: str) -> None:
    code, said = run(name, "--key", str(vkey(epoch=1)))
    assert (code, codes(said)) == (1, {("L402", None)})
    code, said = run(name, "--key", str(vkey(epoch=1)), *KEY, *SIX)
    assert (code, codes(said)) == (0, set())


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r.update(more=1),
        lambda r: r.pop("seq"),
        lambda r: r.update(schema="ledger.receipt/2"),
        lambda r: r.update(origin="x"),
        lambda r: r.update(origin=1),
        lambda r: r.update(hash="x"),
        lambda r: r.update(prev=None),
        lambda r: r.update(commitment="0" * 63),
        lambda r: r.update(seq=-1),
        lambda r: r.update(seq=True),
        lambda r: r.update(sealed_us="1"),
        lambda r: r.update(proof=None),
        lambda r: r.update(checkpoint=None),
        lambda r: r.update(checkpoint=1),
        lambda r: r.update(proof={}),
        lambda r: r["proof"].append("x"),
    ],
)
def test_a_receipt_of_another_form_is_found(change: Callable[[dict[str, Any]], Any]) -> None:
    code, said = run(receipt(change), *KEY)
    assert (code, codes(said)) == (1, {("L704", None)})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda r: r.update(hash="0" * 64), {("L704", 6), ("L702", 6)}),
        (lambda r: r.update(prev="0" * 64), {("L704", 6)}),
        (lambda r: r.update(commitment="0" * 64), {("L704", 6)}),
        (lambda r: r.update(sealed_us=5), {("L704", 6)}),
        (lambda r: r.update(seq=5), {("L704", 5), ("L702", 5)}),
        (lambda r: r["proof"].pop(), {("L702", 6)}),
        (lambda r: r.update(checkpoint="x"), {("L401", None)}),
        (lambda r: r.update(checkpoint=World().org.note(5).decode()), {("L403", None)}),
    ],
)
def test_a_receipt_is_judged(change: Callable[[dict[str, Any]], Any], expected: Any) -> None:
    code, said = run(receipt(change), *KEY)
    assert code == 1
    assert codes(said) >= expected
    assert codes(said) - expected <= {("L402", None)}


def json_of(changes: dict[str, Any]) -> bytes:
    return receipt(lambda told: told.update(changes))


def test_large_numbers_in_a_receipt_are_no_matter() -> None:
    for field in ("seq", "sealed_us"):
        large = {field: (1 << 53) - 1}
        code, said = run(json_of(large), *KEY)
        assert (code, {c for c, _ in codes(said)} >= {"L704"}) == (1, True)


def repeated(at: int) -> Callable[[list[str]], Any]:
    """Return what gives a proof more lines than any tree can need."""
    return lambda told: told.__setitem__(slice(at, at), [told[at]] * 63)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (lines(PROOF, put(2, "index 7")), {("L202", 7), ("L702", 7)}),
        (lines(PROOF, put(2, "index 07")), {("L701", None)}),
        (lines(PROOF, put(2, "at 6")), {("L701", None)}),
        (lines(PROOF, put(0, "c2sp.org/tlog-proof@v1 ")), {("L701", None)}),
        (lines(PROOF, put(1, "extra AAAA")), {("L701", None)}),
        (lines(PROOF, put(1, "extra !")), {("L701", None)}),
        (lines(PROOF, put(1, "more AAAA")), {("L701", None)}),
        (lines(PROOF, lambda t: t.pop(1)), {("L701", None)}),
        (lines(PROOF, put(3, "A" * 43 + "=")), {("L702", 6)}),
        (lines(PROOF, put(3, "AAAA")), {("L702", 6)}),
        (lines(PROOF, put(3, "AAA")), {("L701", None)}),
        (lines(PROOF, put(3, "é")), {("L701", None)}),
        (lines(PROOF, lambda t: t.pop(3)), {("L702", 6)}),
        (lines(PROOF, lambda t: t.insert(3, t[3])), {("L702", 6)}),
        (lines(PROOF, repeated(3)), {("L701", None)}),
        (lines(PROOF, lambda t: t.pop(-4)), {("L401", None)}),
        (lines(PROOF, lambda t: t.__delitem__(slice(7, 99))), {("L701", None)}),
        (lines(GROWTH, put(0, "old 5")), set()),
        (lines(GROWTH, put(0, "old")), None),
        (lines(GROWTH, put(0, "old x")), {("L701", None)}),
        (lines(GROWTH, put(1, "A" * 43 + "=")), {("L703", None)}),
        (lines(GROWTH, put(1, "AAA")), {("L701", None)}),
        (lines(GROWTH, lambda t: t.pop(1)), {("L703", None)}),
        (lines(GROWTH, repeated(1)), {("L701", None)}),
    ],
)
def test_proofs_are_judged(content: bytes, expected: set[Any] | None) -> None:
    code, said = run(content, *KEY, *SIX)
    if expected is None:
        assert (code, set(said)) == (2, {"error"})
        return
    assert codes(said) == expected
    assert code == (1 if expected else 3)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda c: c[:106], set()),
        (lambda c: c[:105], {("L701", None)}),
        (lambda c: c[:121], {("L701", None)}),
        (lambda c: c[:122], {("L301", 6), ("L303", 6)}),
        (lambda c: c + b" ", {("L301", 6), ("L303", 6)}),
        (lambda c: c[:122] + b"{}", {("L301", 6), ("L304", 6)}),
        (lambda c: c[:122] + bytes((1 << 20) + 1), {("L301", 6), ("L302", 6), ("L303", 6)}),
        (lambda c: b"x" + c[1:], {("L201", 6), ("L702", 6)}),
        (lambda c: c[:10] + b"x" + c[11:], {("L201", 6), ("L702", 6)}),
        (lambda c: c[:34] + b"\xff" + c[35:], {("L204", 6), ("L702", 6)}),
        (lambda c: c[:34] + b"\x7f" + b"\xff" * 7 + c[42:], {("L702", 6)}),
        (lambda c: c[:122] + bytes(1 << 20), {("L301", 6), ("L303", 6)}),
        (lambda c: c[:50] + b"x" + c[51:], {("L702", 6)}),
    ],
)
def test_the_leaf_and_body_of_a_proof_are_judged(
    change: Callable[[bytes], bytes], expected: Any
) -> None:
    assert codes(run(extra(change), *KEY)[1]) == expected


def test_a_reference_of_the_same_size_has_the_same_root(tmp_path: Path) -> None:
    note = tmp_path / "reference.note"
    note.write_bytes(signed(P1, checkpoint_text(Checkpoint(P1, 12, bytes(32))), 0))
    for name in (RECEIPT, PROOF, GROWTH):
        told = run(name, *KEY, *SIX, "--checkpoint", str(note))
        assert (told[0], codes(told[1])) == (1, {("L405", 0)})
    note.write_bytes(signed(P1, checkpoint_text(Checkpoint(P1, 6, bytes(32))), 0))
    assert codes(run(GROWTH, *KEY, "--checkpoint", str(note))[1]) == {("L703", None)}
    note.write_bytes(signed(P1, checkpoint_text(Checkpoint(P1, 6, bytes(32))), 1))
    assert run(GROWTH, *KEY, "--checkpoint", str(note))[0] == 3


def test_what_was_compared_is_told() -> None:
    for name in (RECEIPT, PROOF, GROWTH):
        [stream] = run(name, *KEY, *SIX)[1]["streams"]
        assert (stream["origin"], stream["size"]) == (P1, 12)
        assert stream["root"] == "78ufxry+ZbXN7OnJenemfumycwjdiyQOCqm3CmSdWjw="
    for brought, noted in ((SIX, []), ([], ["N903"])):
        code, said = run(GROWTH, *KEY, *brought)
        assert code == (3 if noted else 0)
        assert [f["code"] for f in said["streams"][0]["findings"]] == noted


def test_a_receipt_may_end_in_line_feeds_and_in_nothing_else() -> None:
    content = receipt(lambda _: None)
    assert run(content + b"\n\n", *KEY)[0] == 0
    assert codes(run(content + b"X", *KEY)[1]) == {("L704", None)}
    assert codes(run(content + b" ", *KEY)[1]) == {("L704", None)}
    code, said = run(EARLY, *KEY)
    assert (code, [f["code"] for f in said["streams"][0]["findings"]]) == (0, ["N910"])


@pytest.mark.parametrize(
    ("content", "origin"),
    [
        (lines(PROOF, put(0, "c2sp.org/tlog-proof@v1 ")), P1),
        (lines(PROOF, put(2, "at 6")), P1),
        (lines(PROOF, put(2, "index x")), P1),
        (lines(PROOF, put(1, "extra AAAA")), P1),
        (lines(GROWTH, put(0, "old x")), P1),
        (lines(GROWTH, repeated(1)), P1),
        (receipt(lambda r: r.update(checkpoint="x")), P1),
        (receipt(lambda r: r.update(seq="x")), ""),
        (lines(PROOF, lambda t: t.pop(-4)), ""),
        (lines(PROOF, lambda t: t.__delitem__(slice(7, 99))), ""),
    ],
)
def test_the_stream_is_told_where_it_can_be_read(content: bytes, origin: str) -> None:
    code, said = run(content, *KEY)
    [stream] = said["streams"]
    assert (code, stream["origin"], stream["size"], stream["root"]) == (1, origin, 0, None)


def test_the_only_entry_of_a_stream_needs_no_hashes() -> None:
    stream = origin_id(P1)
    leaf = leaf_bytes(stream, 0, 7, first_prev(stream), bytes(32))
    note = signed(P1, checkpoint_text(Checkpoint(P1, 1, leaf_hash(leaf))), 0)
    told = f"c2sp.org/tlog-proof@v1\nextra {base64.b64encode(leaf).decode()}\nindex 0\n\n"
    code, said = run(told.encode() + note, *KEY)
    assert (code, codes(said)) == (0, set())


@pytest.mark.parametrize(("name", "first", "code"), [(PROOF, 3, "L702"), (GROWTH, 1, "L703")])
def test_a_proof_has_at_most_63_hashes(name: str, first: int, code: str) -> None:
    def filled(count: int) -> bytes:
        def change(told: list[str]) -> None:
            told[first : told.index("")] = [told[first]] * count

        return lines(name, change)

    assert {c for c, _ in codes(run(filled(63), *KEY, *SIX)[1])} == {code}
    assert {c for c, _ in codes(run(filled(64), *KEY, *SIX)[1])} == {"L701"}


def test_a_single_file_s_checkpoint_may_be_witnessed() -> None:
    code, said = run(RECEIPT, *KEY, "--witness", str(WITNESS))
    assert (code, codes(said)) == (1, {("L409", None)})
    world = World()
    cosigned(world)
    files: dict[str, bytes] = {}
    also = world.also

    def keep(made: dict[str, bytes]) -> None:
        also(made)
        files.update(made)

    world.also = keep
    world.pack()
    note = files[world.p1.folder + "checkpoint"].decode()
    content = receipt(lambda r: r.update(checkpoint=note))
    assert run(content, *KEY, "--witness", str(WITNESS))[0] == 0
