"""Two verifiers, written apart, say the same of the same edited bundles."""

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

from ledger.verifier.main import main as verify_py
from tests.ledger.verifier.bundle_edits import TRUSTED, edited
from tests.ledger.verifier.opened_page import Opened, codes

pytestmark = pytest.mark.browser
AGREED = 500


def said_by_python(path: Path) -> tuple[int, dict[str, Any]]:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
        exit_code = verify_py([str(path), "--key", TRUSTED, "--json"])
    return exit_code, json.loads(printed.getvalue() or '{"streams": []}')


def brief(result: dict[str, Any] | None) -> list[Any]:
    streams = (result or {"streams": []})["streams"]
    return [
        (
            each["integrity"],
            each["completeness"],
            each["first_bad_seq"],
            codes(each["findings"]),
        )
        for each in streams
    ]


def test_both_verifiers_agree(opened: Opened, tmp_path: Path) -> None:
    apart = []
    for seed in range(AGREED):
        path = tmp_path / "edited.zip"
        path.write_bytes(edited(seed))

        exit_code, said = said_by_python(path)
        answer = opened.run(path.read_bytes(), {"keys": [TRUSTED]})

        streams = {
            each["origin"]: each for each in (answer["result"] or {"streams": []})["streams"]
        }
        same = (exit_code == 0) == (answer["exit"] == 0)
        for stream in said["streams"]:
            other = streams[stream["origin"]]
            # A blob that an entry needs is told at the entry here, of the bundle there.
            extra = {"L111"} & codes(other["findings"])
            for name in () if extra else ("integrity", "completeness", "first_bad_seq"):
                same &= stream[name] == other[name]
            same &= codes(stream["findings"]) - extra == codes(other["findings"]) - extra
        if not same:
            apart.append((seed, brief(said), brief(answer["result"])))
    assert apart == []
