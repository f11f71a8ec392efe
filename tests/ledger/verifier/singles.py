"""What the command line says of a file, and single files with one thing changed."""

import base64
import contextlib
import io
import json
import tempfile
from collections.abc import Callable
from typing import Any

from ledger.verifier import main
from ledger.verifier.strict_json import dumps
from tests.ledger.verifier.sentences import is_sentence
from tests.ledger.verifier.world import DATA, vkey

KEY = ["--key", str(vkey())]
RECEIPT, EARLY = "receipt-p1-6.json", "receipt-p1-6-early.json"
PROOF, GROWTH = "proof-p1-6.tlog-proof", "p1-6-12.tlog-consistency"
SIX = ["--checkpoint", str(DATA / "reference-p1-6.note")]
Said = tuple[int, dict[str, Any]]


def run(content: bytes | str, *arguments: str) -> Said:
    """Verify bytes, or a vector by its name; return exit code and JSON (or the error)."""
    told, error = io.StringIO(), io.StringIO()
    with tempfile.NamedTemporaryFile() as file:
        place = str(DATA / content) if isinstance(content, str) else file.name
        if isinstance(content, bytes):
            file.write(content)
            file.flush()
        with contextlib.redirect_stdout(told), contextlib.redirect_stderr(error):
            code = main.main([place, *arguments, "--json"])
    return code, json.loads(told.getvalue() or json.dumps({"error": error.getvalue()}))


def codes(said: dict[str, Any]) -> set[tuple[str, int | None]]:
    """Return the L findings of a single file, whose verdicts must agree with them."""
    [stream] = said["streams"]
    assert (said["bundle"], stream["completeness"]) == (None, None)
    assert all(is_sentence(f["message"]) for f in stream["findings"])
    found = {(f["code"], f["seq"]) for f in stream["findings"] if f["code"][0] == "L"}
    altered = {code for code, _ in found} - {"L409"}
    assert stream["integrity"] == ("failed" if altered else "ok")
    return found


def receipt(change: Callable[[dict[str, Any]], Any], name: str = RECEIPT) -> bytes:
    told = json.loads((DATA / name).read_text(encoding="utf-8"))
    change(told)
    return dumps(told)


def lines(name: str, change: Callable[[list[str]], Any]) -> bytes:
    told = (DATA / name).read_text(encoding="utf-8").split("\n")
    change(told)
    return "\n".join(told).encode()


def put(at: int, text: str) -> Callable[[list[str]], Any]:
    return lambda told: told.__setitem__(at, text)


def extra(change: Callable[[bytes], bytes]) -> bytes:
    """Change the leaf, salt and body of the inclusion proof."""

    def edit(told: list[str]) -> None:
        content = change(base64.b64decode(told[1][6:]))
        told[1] = "extra " + base64.b64encode(content).decode()

    return lines(PROOF, edit)
