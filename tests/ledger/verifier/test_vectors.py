"""Every vector, through the parts in this process and through the one file they make."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ledger.verifier import main
from ledger.verifier.build import verify_py
from tests.ledger.verifier.world import DATA, World, faults, rotated, vkey

CASES = json.loads((DATA / "expected.json").read_text(encoding="utf-8"))["cases"]


def judge(case: dict[str, Any], code: int, said: dict[str, Any]) -> None:
    assert code == case["exit"]
    top = said["bundle"] or {"integrity": None, "findings": []}
    assert case["bundle"] in (None, top["integrity"])
    streams = {stream["origin"]: stream for stream in said["streams"]}
    for origin, expected in case["streams"].items():
        stream = streams[origin] if origin else top
        found = {f["code"] for f in stream["findings"] if f["code"].startswith("L")}
        assert found == set(expected["codes"])
        for name in expected.keys() - {"codes"}:
            assert stream[name] == expected[name], name


@pytest.mark.parametrize("case", CASES, ids=[f"{c['file']}" for c in CASES])
def test_the_parts_say_what_is_expected(
    case: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(DATA)
    code = main.main([case["file"], *case["args"], "--json"])
    judge(case, code, json.loads(capsys.readouterr().out))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("verify") / "verify.py"
    place.write_bytes(verify_py())
    return place


@pytest.mark.parametrize("case", CASES, ids=[f"{c['file']}" for c in CASES])
def test_the_one_file_says_the_same(case: dict[str, Any], program: Path) -> None:
    command = [sys.executable, "-I", str(program), case["file"], *case["args"], "--json"]
    run = subprocess.run(command, cwd=DATA, capture_output=True, check=False, timeout=60)
    assert run.stderr == b""
    judge(case, run.returncode, json.loads(run.stdout))


def test_the_one_file_is_made_the_same_each_time_and_stands_alone() -> None:
    made = verify_py()
    assert made == verify_py()
    assert b"import ledger" not in made
    assert b"from ledger" not in made
    assert b"import django" not in made


def test_a_bundle_taken_apart_and_packed_again_is_good_and_has_the_same_bytes() -> None:
    assert World().pack() == (DATA / "bundle-ok.zip").read_bytes()
    assert rotated().pack() == (DATA / "bundle-ok-rotation.zip").read_bytes()
    assert faults(World().verify()) == {}
    for epoch in (0, 1):
        assert faults(rotated().verify(vkey(epoch=epoch))) == {}
