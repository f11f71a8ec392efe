"""Who checks the checker: bundles that must fail, and proofs in which every part counts.

Rows 42, 49 and 50 of the matrix.
"""

from __future__ import annotations

import base64
import hashlib
import inspect
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.bundle.verifiers import verifiers
from ledger.merkle import tree_hash
from ledger.verifier import single_files, tree
from ledger.verifier.build import verify_py
from ledger.verifier.bundle import Brought
from ledger.verifier.findings import Findings
from ledger.verifier.main import verify
from ledger.verifier.notes import VKey, parse_checkpoint, parse_note
from ledger.verifier.tree import verify_consistency, verify_inclusion
from ledger.verifier.trust import Epoch, Trust
from tests.ledger.test_proofs import consistency_proof, inclusion_proof
from tests.ledger.verifier.bundle_edits import VECTORS
from tests.tamper.world import ORG, World

CASES = json.loads((VECTORS / "expected.json").read_text(encoding="utf-8"))["cases"]
CANARIES = [case for case in CASES if case["exit"] == 1]
ALWAYS_GREEN = "import sys; print('{}'); sys.exit(0)"
SIZES = (1, 2, 3, 7, 8, 13)
OTHER = hashlib.sha256(b"another").digest()


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory, honest: World) -> Path:
    """Return the verify.py that travels in a bundle of ours."""
    place = tmp_path_factory.mktemp("shipped") / "verify.py"
    place.write_bytes(_in_bundle(honest))
    return place


def _in_bundle(honest: World) -> bytes:
    with zipfile.ZipFile(honest.bundle) as bundle:
        return bundle.read("verify.py")


def exit_code(program: Path, case: dict[str, Any]) -> int:
    command = [sys.executable, "-I", str(program), case["file"], *case["args"], "--json"]
    return subprocess.run(command, cwd=VECTORS, capture_output=True, check=False).returncode


@pytest.mark.parametrize("case", CANARIES, ids=lambda case: case["file"])
def test_a_bundle_that_must_fail_fails_in_the_shipped_verifier(
    case: dict[str, Any], shipped: Path
) -> None:
    assert exit_code(shipped, case) == 1


def test_a_verifier_that_is_always_green_is_shown_by_the_first_canary(tmp_path: Path) -> None:
    replaced = tmp_path / "verify.py"
    replaced.write_text(ALWAYS_GREEN)

    assert exit_code(replaced, CANARIES[0]) == 0


def test_the_shipped_verifiers_are_those_that_anybody_builds(shipped: Path) -> None:
    built = hashlib.sha256(verify_py()).digest()

    assert hashlib.sha256(shipped.read_bytes()).digest() == built
    assert verifiers()["verify.py"] == shipped.read_bytes()


def leaves(count: int) -> list[bytes]:
    return [hashlib.sha256(bytes([number])).digest() for number in range(count)]


def changed(proof: list[bytes]) -> list[list[bytes]]:
    """Return the proof with each of its hashes flipped, left out, or given twice."""
    found = []
    for at, part in enumerate(proof):
        for place in (0, 15, 31):
            flipped = bytearray(part)
            flipped[place] ^= 1
            found.append([*proof[:at], bytes(flipped), *proof[at + 1 :]])
        found.append([*proof[:at], *proof[at + 1 :]])
        found.append([*proof[:at], part, *proof[at:]])
    return found


Verify = Callable[..., bool]


def wrong_inclusions(verify: Verify, size: int) -> list[list[bytes]]:
    """Return the changed proofs that a verifier takes; it must take the true ones."""
    made, root = leaves(size), tree_hash(leaves(size))
    taken = []
    for index in range(size):
        proof = inclusion_proof(index, made)
        assert verify(index, size, made[index], proof, root)
        tried = changed(proof)
        taken += [wrong for wrong in tried if verify(index, size, made[index], wrong, root)]
        if verify(index, size, OTHER, proof, root) or verify(
            index, size, made[index], proof, OTHER
        ):
            taken.append(proof)
    return taken


def wrong_consistencies(verify: Verify, size: int) -> list[list[bytes]]:
    """Return the same of proofs between two sizes."""
    made, taken = leaves(size), []
    for old in range(1, size):
        roots = tree_hash(made[:old]), tree_hash(made)
        proof = consistency_proof(old, made)
        assert verify(old, size, *roots, proof)
        taken += [wrong for wrong in changed(proof) if verify(old, size, *roots, wrong)]
        if verify(old, size, OTHER, roots[1], proof) or verify(
            old, size, roots[0], OTHER, proof
        ):
            taken.append(proof)
    return taken


@pytest.mark.parametrize("size", SIZES)
def test_every_part_of_a_proof_counts(size: int) -> None:
    assert wrong_inclusions(verify_inclusion, size) == []
    assert wrong_consistencies(verify_consistency, size) == []


def without(part: str, instead: str) -> dict[str, Any]:
    """Return the verifier's functions about trees, one condition of theirs changed."""
    source = inspect.getsource(tree)
    assert source.count(part) >= 1
    made: dict[str, Any] = {"__name__": "without"}
    exec(source.replace(part, instead), made)  # noqa: S102  our own source
    return made


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        ("return last == 0 and current == root", "return last == 0"),
        ("return last == 0 and current == root", "return current == root or last == 0"),
    ],
)
def test_a_verifier_that_does_not_recompute_all_is_shown_by_inclusions(
    part: str, instead: str
) -> None:
    assert wrong_inclusions(without(part, instead)["verify_inclusion"], 13)


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        ("== (root1, root2, True)", "[1:] == (root2, True)"),
        ("== (root1, root2, True)", "[0] == root1"),
        ("== (root1, root2, True)", "[2]"),
    ],
)
def test_a_verifier_that_does_not_recompute_all_is_shown_by_consistencies(
    part: str, instead: str
) -> None:
    assert wrong_consistencies(without(part, instead)["verify_consistency"], 13)


FILES = [
    ("proof-p1-6.tlog-proof", "L702"),
    ("receipt-p1-6.json", "L702"),
    ("p1-6-12.tlog-consistency", "L703"),
]
MIDDLE = {b"tyL3gyMm": b"tyP3gyMm", b"b722f783": b"b723f783"}  # of their proofs, one bit


def judged(folder: Path, name: str) -> set[str]:
    """Return the codes for a file whose proof was changed in its middle."""
    content = (VECTORS / name).read_bytes()
    for old, new in MIDDLE.items():
        content = content.replace(old, new)
    assert content != (VECTORS / name).read_bytes()
    (folder / name).write_bytes(content)
    note = parse_note((VECTORS / "reference-p1-6.note").read_bytes())
    key = VKey.parse(CANARIES[0]["args"][1])
    brought = Brought([key], [(note, parse_checkpoint(note))], [], [], [])
    [stream] = verify(str(folder / name), brought).streams
    return {code for code in stream.findings.codes() if code.startswith("L")}


@pytest.mark.parametrize(("name", "code"), FILES)
def test_a_file_whose_proof_was_changed_in_the_middle_is_found(
    name: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert judged(tmp_path, name) == {code}

    for checks in ("verify_inclusion", "verify_consistency"):
        monkeypatch.setattr(single_files, checks, lambda *_: True)
    assert judged(tmp_path, name) == set()


def test_trust_passes_only_where_the_old_key_signed(honest: World) -> None:
    """Row 42: a succession that the new key alone has signed hands nothing on."""
    epochs = [Epoch(None, VKey.parse(honest.old_vkey)), Epoch(1, VKey.parse(honest.vkey))]
    note = (honest.folder / "signer" / "keys" / "1.note").read_bytes()
    lines = note.decode().splitlines(keepends=True)
    of_old = VKey.parse(honest.old_vkey)
    alone = "".join(
        line
        for line in lines
        if not line.startswith("\u2014 ")
        or base64.b64decode(line.split()[-1])[:4] != of_old.key_id
    ).encode()

    for content, reached, codes in ((note, {0, 1}, set()), (alone, {0}, {"L502"})):
        trust, findings = Trust(ORG, epochs, [of_old]), Findings()
        trust.judge_successions({1: content}.get, findings)
        assert set(trust.trusted(ORG)) == reached
        assert findings.codes() == codes
