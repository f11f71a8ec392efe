"""The published bundles, loaded into a database byte for byte: verify_ledger's code agrees.

Two things differ in a database.  Nothing may be withheld there, so that a body that a bundle
keeps back reads L305; and what is wrong with the archive itself cannot be asked.
"""

import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from ledger.signer_state import Epoch, KeyHistory, SignerState
from ledger.verdicts import StreamVerdict
from ledger.verifier.notes import VKey
from ledger.verify import verify
from tests.ledger.loading import Loaded, load

pytestmark = pytest.mark.django_db(transaction=True)
FOLDER = Path(__file__).resolve().parents[1] / "data" / "ledger"
ORG = "example.org/ledger/org"
OF_THE_ARCHIVE = {"bundle-bad-05.zip", "bundle-bad-06.zip"}  # the streams in them are good
HIDDEN_UNSAID = "bundle-bad-08.zip"  # a list that only bundles have
CASES = [
    case
    for case in json.loads((FOLDER / "expected.json").read_text())["cases"]
    if case["file"].endswith(".zip")
]


def brought(case: dict[str, Any], option: str) -> list[str]:
    """Return what the user of a case brings with this option."""
    told = case["args"]
    return [told[at + 1] for at, word in enumerate(told) if word == option]


def keep_keys(folder: Path, bundle: Path) -> None:
    """Make a signer's folder of the keys and successions that a bundle lists."""
    state = SignerState(folder, ORG)
    with ZipFile(bundle) as archive:
        listed = json.loads(archive.read("keys.json"))["keys"]
        for key in listed[1:]:
            note = archive.read(f"keys/{key['epoch']}.note").decode()
            state.keep_succession(key["epoch"], note)
    state.keep_history(
        KeyHistory(
            tuple(
                Epoch(key["epoch"], VKey.parse(key["vkey"]).public, key["rotated_seq"])
                for key in listed
            )
        )
    )


def as_in_a_bundle(verdict: StreamVerdict, loaded: Loaded) -> StreamVerdict:
    """Return the verdict without what a database says of withheld bodies."""
    verdict.faults = [
        fault
        for fault in verdict.faults
        if not (fault.code == "L305" and fault.seq in loaded.withheld)
    ]
    return verdict


@pytest.mark.parametrize("case", CASES, ids=[case["file"] for case in CASES])
def test_the_database_gives_the_verdict_of_the_bundle(
    case: dict[str, Any], superuser_cursor: Any, settings: Any, tmp_path: Path
) -> None:
    settings.LEDGER_SITE, settings.SIGNER_DIR = "example.org", tmp_path / "signer"
    bundle = FOLDER / case["file"]
    loaded = load(superuser_cursor, bundle)
    keep_keys(settings.SIGNER_DIR, bundle)

    found = verify(
        keys=[VKey.parse(text) for text in brought(case, "--key")],
        notes=[(FOLDER / name).read_bytes() for name in brought(case, "--checkpoint")],
    )

    verdicts = {s.origin: as_in_a_bundle(s, loaded[s.origin]) for s in found.streams}
    if case["file"] == HIDDEN_UNSAID:
        assert loaded["example.org/ledger/p/p1"].withheld == {3}
        return
    if case["file"] in OF_THE_ARCHIVE:
        assert {s.integrity for s in verdicts.values()} == {"ok"}
        return
    for origin, wanted in case["streams"].items():
        told = {
            "integrity": verdicts[origin].integrity,
            "completeness": verdicts[origin].completeness,
            "first_bad_seq": verdicts[origin].first_bad_seq,
        }
        assert told == {name: wanted[name] for name in told}, verdicts[origin].faults
        assert set(wanted["codes"]) <= verdicts[origin].codes
        if not wanted["codes"]:
            assert verdicts[origin].codes == set()
