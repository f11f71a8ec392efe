"""The manifest: golden bytes, canonical, and never longer than verifiers read."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

import ledger
from ledger.bundle import manifest
from ledger.bundle.archive import Spool
from ledger.bundle.errors import BundleTooLargeError
from ledger.bundle.manifest import IncludedStream, Manifest, OtherStream, withheld_line
from tests.ledger.bundle.test_archive import GOLDEN


def manifest_of(told: dict[str, Any], **changed: Any) -> Manifest:
    """Return what a golden manifest says, to be written again."""
    facts = {
        "created_at": told["created_at"],
        "generator": told["generator"],
        "org": told["org"],
        "scope": told["scope"],
        "anchors": told["anchors"],
        "blobs": told["blobs"],
        "streams": [
            IncludedStream(s["origin"], s["id"], s["size"], s["root"], tuple(s["checkpoints"]))
            for s in told["streams"]
        ],
        "withheld": [
            withheld_line(w["origin"], w["seq"], bytes.fromhex(w["commitment"]), w["reason"])
            for w in told["withheld"]
        ],
    }
    return Manifest(**{**facts, **changed})


def test_a_golden_manifest_is_written_byte_for_byte(tmp_path: Path) -> None:
    with zipfile.ZipFile(GOLDEN) as golden, Spool(tmp_path) as spool:
        original = golden.read("manifest.json")
        told = json.loads(original)
        for name in reversed(golden.namelist()[2:]):
            spool.add(name, [golden.read(name)])
        files = list(spool.parts)
        told["blobs"].reverse()
        told["streams"].reverse()

        made = spool.add("manifest.json", manifest.content(manifest_of(told), files))

        assert b"".join(manifest.content(manifest_of(told), files)) == original
        note = golden.read("manifest.note").decode()
        assert note.startswith(manifest.note_text(told["org"], made) + "\n")


def test_a_stream_that_is_left_out_says_why() -> None:
    with zipfile.ZipFile(GOLDEN) as golden:
        told = json.loads(golden.read("manifest.json"))
    other = OtherStream("example.org/ledger/p/p2", "ab" * 16, 3, "cd" * 32, "not asked for")

    written = b"".join(manifest.content(manifest_of(told, streams=[other]), []))

    [stream] = ledger.parse(written)["streams"]
    assert stream == {
        "id": "ab" * 16,
        "included": False,
        "origin": "example.org/ledger/p/p2",
        "reason": "not asked for",
        "root": "cd" * 32,
        "size": 3,
    }


def test_a_manifest_that_verifiers_would_not_read_is_refused() -> None:
    with zipfile.ZipFile(GOLDEN) as golden:
        told = json.loads(golden.read("manifest.json"))
    line = withheld_line("example.org/ledger/org", 1, b"\0" * 32, "outside the period")
    many = (line for _ in range((64 << 20) // len(line) + 1))

    with pytest.raises(BundleTooLargeError, match="64 MiB"):
        for _ in manifest.content(manifest_of(told, withheld=many), []):
            pass
