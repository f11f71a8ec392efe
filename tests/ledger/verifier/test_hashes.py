"""The bytes that are hashed: every golden stream, tile by tile."""

import json
from typing import Any

import pytest

from ledger.verifier.blocks import RECORD_BYTES, is_block_place, tile_name
from ledger.verifier.envelope import base64url, envelope_fault
from ledger.verifier.erasures import Erasures
from ledger.verifier.findings import Findings
from ledger.verifier.hashes import (
    commitment_of,
    first_prev,
    leaf_bytes,
    leaf_hash,
    origin_id,
)
from ledger.verifier.notes import parse_checkpoint, parse_note, signers
from ledger.verifier.signatures import read_signed
from ledger.verifier.strict_json import read_object
from ledger.verifier.tree import Tree
from ledger.verifier.webauthn import Passkey, assertion_fault
from tests.ledger.verifier.world import DATA, vkey

LONG = "example.org/ledger/p/long"


def told(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["stream-5", "stream-300", "stream-org"])
def test_golden_streams(name: str) -> None:
    golden, tree, roots = told(f"{name}.json"), Tree(), {}
    stream = origin_id(golden["origin"])
    prev = first_prev(stream)
    for seq, entry in enumerate(golden["entries"]):
        body = entry["canonical"].encode()
        assert envelope_fault(read_object(body)) is None
        committed = commitment_of(bytes.fromhex(entry["salt"]), body)
        assert committed.hex() == entry["commitment"]
        leaf = leaf_bytes(stream, seq, entry["sealed_us"], prev, committed)
        assert leaf.hex() == entry.get("leaf", leaf.hex())
        prev = leaf_hash(leaf)
        assert prev.hex() == entry["hash"]
        tree.add(prev)
        roots[seq + 1] = tree.root()
    for size, note in golden["checkpoints"].items():
        checkpoint = parse_checkpoint(parse_note(note.encode()))
        assert (checkpoint.size, checkpoint.root) == (int(size), roots[int(size)])


def test_golden_tiles() -> None:
    folder = DATA / "long"
    files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    content = b"".join(files[p].read_bytes() for p in sorted(files) if "entries" in p)
    leaves = [
        content[at + 2 : at + RECORD_BYTES] for at in range(0, len(content), RECORD_BYTES)
    ]
    hashes, tree, roots = [leaf_hash(leaf) for leaf in leaves], Tree(), {}
    for digest in hashes:
        tree.add(digest)
        roots[tree.size] = tree.root()
    assert files["tile/0/000"].read_bytes() == b"".join(hashes[:256])
    assert files["tile/0/001.p/44"].read_bytes() == b"".join(hashes[256:])
    assert files["tile/1/000.p/1"].read_bytes() == roots[256]
    for path in (p for p in files if "checkpoint" in p):
        note = parse_note(files[path].read_bytes())
        checkpoint = parse_checkpoint(note)
        assert checkpoint.root == roots[checkpoint.size]
        assert signers(note, [vkey(LONG)]) == [vkey(LONG)]
    for path in (p for p in files if p.startswith("tile/")):
        assert is_block_place(path, 300)


@pytest.mark.parametrize(
    ("number", "width", "name"),
    [
        (0, 256, "000"),
        (0, 1, "000.p/1"),
        (999, 256, "999"),
        (1000, 256, "x001/000"),
        (1234067, 8, "x001/x234/067.p/8"),
        (67, 255, "067.p/255"),
    ],
)
def test_the_names_of_tiles(number: int, width: int, name: str) -> None:
    """C2SP tlog-tiles: groups of three digits, all but the last with an x."""
    assert tile_name(number, width) == name


@pytest.mark.parametrize(
    ("path", "size"),
    [
        ("tile/0/000.p/5", 5),
        ("tile/entries/000", 256),
        ("bodies/000", 257),
        ("bodies/001.p/1", 257),
        ("tile/1/000.p/1", 256),
        ("tile/2/000.p/1", 1 << 16),
        ("tile/0/x001/000.p/3", 256_003),
    ],
)
def test_places_of_blocks(path: str, size: int) -> None:
    assert is_block_place(path, size)
    assert not is_block_place(path + "x", size)
    assert not is_block_place("x" + path, size)


@pytest.mark.parametrize(
    ("path", "size"),
    [
        ("tile/0/000", 255),
        ("tile/0/000.p/5", 6),
        ("tile/0/000.p/256", 256),
        ("tile/0/001", 256),
        ("tile/1/000.p/1", 255),
        ("tile/-1/000", 256),
        ("tile/00/000", 256),
        ("tile/entries/0", 256),
        ("tile/entries/x000/000", 256),
        ("checkpoint", 256),
        ("bodies/000.p/", 5),
    ],
)
def test_other_places(path: str, size: int) -> None:
    assert not is_block_place(path, size)


def test_the_golden_erasure_explains_its_entry() -> None:
    golden, findings, erasures = told("erasure.json"), Findings(), Erasures()
    event = read_object(golden["event"].encode())
    erasures.feed(golden["event_seq"], event["payload"])
    blank = {golden["blank_seq"]: bytes.fromhex(golden["blank_commitment"])}
    erasures.finish(blank, findings)
    assert findings.all() == []
    erasures.finish({**blank, 3: bytes(32)}, findings)
    assert [(f.code, f.seq) for f in findings.all()] == [("L305", 3)]


def test_the_golden_signature_is_good() -> None:
    golden = told("signature.json")
    payload = {"components": ["passkey"], "manifest": golden["manifest"]}
    manifest, fault = read_signed({**payload, "webauthn": golden["webauthn"]})
    assert manifest is not None, fault
    text = golden["manifest"].encode()
    spki = base64url(golden["public_key_spki"]) or b""
    for algorithm, good in ((-7, True), (-8, False)):
        passkey = Passkey(manifest["signer"], algorithm, spki)
        found = assertion_fault(golden["webauthn"], text, "example.org", passkey)
        assert (found is None) is good


def test_findings_are_bounded_and_counted() -> None:
    findings = Findings()
    for seq in range(99, -1, -1):
        findings.add("L201", "x", seq)
    findings.add("N902", "y")
    assert len(findings.all()) == 52
    assert findings.first_bad_seq == 0
    assert findings.all()[0] == (None, "N902", "y")
    assert findings.all()[-1] == (None, "N909", "50 more of L201 are not listed.")
    assert findings.codes() == {"L201", "N902"}
    assert (findings.altered(), findings.missing()) == (True, False)


@pytest.mark.parametrize(
    ("code", "altered", "missing"),
    [("L202", True, True), ("L405", True, True), ("N906", False, False), ("L203", True, False)]
    + [(code, False, True) for code in ("L205", "L406", "L407", "L408", "L409")],
)
def test_what_a_code_says_of_the_verdicts(code: str, altered: bool, missing: bool) -> None:
    findings = Findings()
    findings.add(code, "x", 5 if code == "N906" else None)
    assert (findings.altered(), findings.missing()) == (altered, missing)
    assert findings.first_bad_seq is None
