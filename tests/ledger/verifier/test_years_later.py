"""A bundle that is opened decades later, when its authority's certificate has long ended.

Neither verifier asks what time it is: a time stamp is judged at its own time.  Renewals travel
along and are told as carried, not judged (formats.md, "Bundle").
"""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from ledger.anchors.renewal import renewal_bytes, statement
from ledger.verifier.build import verify_py
from tests.ledger.verifier.opened_page import Opened
from tests.ledger.verifier.world import DATA, ORG, World, vkey

LATER = datetime(2051, 6, 1, tzinfo=UTC)
TSA = DATA / "tsa.pem"
# Begins the program with a clock that somebody moved, and says which time it shows.
MOVED = """
import datetime, runpy, sys, time
ahead = float(sys.argv.pop(1)) - time.time()
really, at = time.time, datetime.datetime
time.time = lambda: really() + ahead
class Moved(at):
    @classmethod
    def now(cls, tz=None):
        return at.fromtimestamp(time.time(), tz)
    @classmethod
    def utcnow(cls):
        return at.utcfromtimestamp(time.time())
datetime.datetime = Moved
print(Moved.now(datetime.timezone.utc).year, file=sys.stderr)
sys.argv.pop(0)
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a bundle with a time stamp and the renewal that carried it on."""
    world = World()
    [anchor] = world.manifest["anchors"]
    token, path = world.kept[anchor["path"]], "anchors/5-1.bin"
    stated = statement(world.org.note(anchor["size"]).partition(b"\n\n")[0] + b"\n", [token])
    world.kept[path] = renewal_bytes(stated, token)
    renewal = {"kind": "renewal", "origin": ORG, "path": path, "size": anchor["size"]}
    world.manifest["anchors"] = sorted([anchor, renewal], key=lambda each: each["path"])
    place = tmp_path_factory.mktemp("later") / "bundle.zip"
    place.write_bytes(world.pack())
    return place


def said(bundle: Path, at: datetime) -> tuple[int, Any]:
    """Return exit code and JSON of verify.py where the clock shows `at`."""
    program = bundle.parent / "verify.py"
    program.write_bytes(verify_py())
    asked = [str(bundle), "--key", str(vkey()), "--tsa", str(TSA), "--json"]
    command = [sys.executable, "-I", "-c", MOVED, str(at.timestamp()), str(program), *asked]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == f"{at.year}\n"
    return done.returncode, json.loads(done.stdout) | {"seconds": 0}


def anchors_of(found: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Return code and file of what is said about anchors."""
    about = (each for each in found if each["code"] in {"N904", "L801", "L802"})
    return {(each["code"], "bin" if ".bin" in each["message"] else "tsr") for each in about}


def test_the_certificate_has_ended_by_then() -> None:
    [authority] = x509.load_pem_x509_certificates(TSA.read_bytes())

    assert authority.not_valid_after_utc < LATER


def test_verify_py_says_the_same_decades_later(bundle: Path) -> None:
    then, later = said(bundle, datetime(2026, 12, 1, tzinfo=UTC)), said(bundle, LATER)

    assert then == later
    assert later[0] == 0
    assert anchors_of(later[1]["bundle"]["findings"]) == {("N904", "bin")}


@pytest.mark.browser
def test_verify_html_says_the_same_decades_later(opened: Opened, bundle: Path) -> None:
    given = {"keys": [str(vkey())], "tsa": [TSA.read_text()]}
    then = opened.run(bundle.read_bytes(), given)

    opened.page.clock.set_fixed_time(LATER)
    later = opened.run(bundle.read_bytes(), given)

    assert opened.page.evaluate("new Date().getUTCFullYear()") == LATER.year
    assert (later["exit"], later["result"]["streams"]) == (0, then["result"]["streams"])
    assert anchors_of(later["result"]["bundle"]["findings"]) == {("N904", "bin")}
