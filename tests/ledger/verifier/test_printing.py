"""What the command line prints: its help, on any console, and for machines."""

import contextlib
import io
import json
import zipfile
from pathlib import Path

import pytest

from ledger.verifier import main
from tests.ledger.verifier.singles import KEY, RECEIPT
from tests.ledger.verifier.world import DATA


@pytest.fixture
def hostile(tmp_path: Path) -> str:
    """Return the place of an archive with a name that terminals would obey."""
    place = tmp_path / "bundle.zip"
    with zipfile.ZipFile(place, "w") as bundle:
        bundle.writestr("é", b"")
        bundle.writestr("a//b", b"")
    return str(place)


def test_the_help_names_everything_that_can_be_brought(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main.main(["--help"])
    told = capsys.readouterr().out
    assert stopped.value.code == 0
    assert told.startswith("usage: verify [-h] ")
    assert main.USAGE in told
    squeezed = " ".join(told.split())
    for option in (
        "positional arguments: FILE options",
        "--key VKEY a key that you trust",
        "--checkpoint NOTE a checkpoint that you kept",
        "--receipt FILE a receipt that you kept",
        "--witness VKEY a witness that you trust",
        "--tsa PEM a time-stamp authority that you trust",
        "--hashes-only skip the form of bodies",
        "--json print JSON",
    ):
        assert option in squeezed


def test_machines_get_ascii_in_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([str(DATA / RECEIPT), *KEY, "--json"]) == 0
    out = capsys.readouterr().out
    assert out.isascii()
    assert out.startswith('{\n "bundle": null,\n "streams": [\n  {\n')
    assert out.endswith("}\n")
    assert json.loads(out)["seconds"] >= 0


@pytest.mark.parametrize("encoding", ["ascii", None, "utf-8"])
def test_readers_get_what_their_console_can_show(hostile: str, encoding: str | None) -> None:
    raw = io.BytesIO()
    console = io.TextIOWrapper(raw, encoding=encoding) if encoding else io.StringIO()
    with contextlib.redirect_stdout(console):
        assert main.main([hostile, *KEY]) == 1
    console.flush()
    told = raw.getvalue().decode() if encoding else console.getvalue()  # type: ignore[union-attr]
    assert told.startswith("Bundle: failed\n  L101: ")
    assert told.endswith(" seconds\n")
    assert not told.endswith("\n\n")


def test_the_time_that_it_took_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    main.main([str(DATA / RECEIPT), *KEY])
    seconds = capsys.readouterr().out.splitlines()[-1]
    assert 0 <= float(seconds.removesuffix(" seconds")) < 600


def test_a_file_without_end_is_refused_before_it_is_read() -> None:
    for arguments in (["/dev/zero"], [str(DATA / RECEIPT), "--receipt", "/dev/zero"]):
        error = io.StringIO()
        with contextlib.redirect_stderr(error):
            assert main.main(arguments) == 2
        assert error.getvalue().startswith("verify: /dev/zero is ")


def test_what_cannot_be_judged_is_told_apart_from_the_report(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("absent", "keys.json"):
        assert main.main([str(DATA / name), *KEY]) in (1, 2)
    assert main.main([str(DATA / "tsa.pem"), *KEY]) == 2
    said = capsys.readouterr().err.splitlines()
    absent = DATA / "absent"
    assert said[0] == f"verify: {absent} cannot be judged: FileNotFoundError"
    assert said[-1] == f"verify: {DATA / 'tsa.pem'} is no bundle, receipt or proof."
