"""The command line: what the user brings, exit codes, and no traceback ever."""

import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.verifier import build, main
from ledger.verifier.notes import VKey
from ledger.verifier.report import as_json
from tests.ledger.verifier.singles import GROWTH, KEY, RECEIPT, run
from tests.ledger.verifier.world import DATA, ORG, P1, PUBLIC, World, vkey


def test_what_the_user_brings_is_read_or_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.write_bytes(b"x")
    witness = str(VKey.for_witness("w", PUBLIC[0]))
    for arguments in (
        ["--key", "x"],
        ["--key", witness],
        ["--witness", str(vkey())],
        ["--checkpoint", str(bad)],
        ["--checkpoint", str(tmp_path / "absent")],
        ["--receipt", str(bad)],
        ["--tsa", str(bad)],
        ["--tsa", str(tmp_path)],
    ):
        code, said = run("bundle-ok.zip", *arguments)
        assert code == 2
        assert said["error"].startswith("verify: ")
        assert "None" not in said["error"]
    with pytest.raises(SystemExit) as stopped:
        main.main(["x", "--unknown"])
    assert stopped.value.code == 2


@pytest.mark.parametrize("content", [b"", b"x", b"\0" * 99, b"{" + b" " * (4 << 20)])
def test_what_is_nothing_of_ours_is_refused(content: bytes) -> None:
    assert run(content, *KEY)[0] == 2
    for name in ("absent", ""):
        code, said = run(name, *KEY)
        assert (code, list(said)) == (2, ["error"])
        assert said["error"].startswith(f"verify: {DATA}")


def test_a_file_may_be_as_long_as_the_limit(tmp_path: Path) -> None:
    assert run(b"{" + b" " * ((4 << 20) - 1), *KEY)[0] == 1
    note = (DATA / "reference-p1-6.note").read_bytes()
    stranger = "x" * ((64 << 10) - len(note) - 64_000 - len("—  \n".encode()))
    full = note + f"— {stranger} {'A' * 64_000}\n".encode()
    assert len(full) == 64 << 10
    kept = tmp_path / "kept.note"
    for content, code in ((full, 0), (full + b"\n", 2)):
        kept.write_bytes(content)
        assert run(GROWTH, *KEY, "--checkpoint", str(kept))[0] == code
    assert "too long" in run(GROWTH, *KEY, "--checkpoint", str(kept))[1]["error"]


def test_the_package_that_is_needed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    code, said = run("bundle-ok.zip", *KEY)
    assert (code, "`cryptography` is needed" in said["error"]) == (2, True)


@given(
    st.sampled_from(["PK", "{", "old 1", "c2sp.org/tlog-proof@v1", ""]), st.binary(max_size=200)
)
@settings(deadline=None)
def test_any_bytes_give_an_answer(beginning: str, content: bytes) -> None:
    code, said = run(beginning.encode() + content, *KEY)
    assert code in (1, 2)
    assert said


@pytest.mark.parametrize(
    "content",
    [
        b"{" + b'"a":{' * 100_000,
        b'{"seq":' + b"9" * 5000 + b"}",
        b"old " + b"9" * 5000 + b"\n\nx",
        b"c2sp.org/tlog-proof@v1\nextra \nindex " + b"9" * 5000 + b"\n\n",
        b"PK\5\6" + bytes(18),
        b"PK\3\4" + bytes(4 << 20),
        b"{}\0",
    ],
)
def test_hostile_files_give_a_finding(content: bytes) -> None:
    assert run(content, *KEY)[0] == 1


def test_the_report_for_readers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([str(DATA / "bundle-ok.zip"), *KEY]) == 0
    told = capsys.readouterr().out
    assert "Bundle: ok" in told
    assert f"Stream {P1}: 12 entries" in told
    assert told.count("integrity (nothing was altered): ok") == 2
    assert told.count("completeness (nothing is missing): ok") == 2
    assert "Everything checked is good." in told
    assert main.main([str(DATA / "bundle-bad-01.zip"), *KEY]) == 1
    told = capsys.readouterr().out
    assert "first entry at fault: 8" in told
    assert "L301 at entry 8: " in told
    assert "Something FAILED" in told
    assert main.main([str(DATA / "bundle-ok.zip")]) == 3
    assert "not everything could be judged" in capsys.readouterr().out
    assert main.main([str(DATA / RECEIPT), *KEY]) == 0
    assert "completeness" not in capsys.readouterr().out


def test_a_hostile_name_does_not_speak_to_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "bundle.zip"
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as bundle:
        bundle.writestr("\x1b[2J", b"")
    place.write_bytes(made.getvalue())
    assert main.main([str(place), *KEY]) == 1
    assert "\x1b" not in capsys.readouterr().out


def test_the_root_is_told() -> None:
    said = as_json(World().verify(), 1.23456)
    assert said["seconds"] == 1.235
    [org, p1] = said["streams"]
    assert (org["origin"], p1["origin"], p1["size"]) == (ORG, P1, 12)
    assert p1["root"] == "78ufxry+ZbXN7OnJenemfumycwjdiyQOCqm3CmSdWjw="


def test_the_one_file_says_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "verify.py").write_bytes(build.verify_py())
    (tmp_path / "json.py").write_text("raise SystemExit(77)")  # beside it, and never imported
    name = str(DATA / "bundle-ok.zip")
    told = subprocess.run([sys.executable, "verify.py", name, *KEY], cwd=tmp_path, check=False)
    assert told.returncode == 0
    bare = [sys.executable, "-I", "-S", "verify.py", name, *KEY]
    told_bare = subprocess.run(bare, cwd=tmp_path, capture_output=True, check=False, text=True)
    assert told_bare.returncode == 2
    assert "`cryptography` is needed" in told_bare.stderr
    assert "Traceback" not in told_bare.stderr
