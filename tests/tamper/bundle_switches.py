"""Each mechanism of the offline verifier, and how to switch it off: the smallest that finds.

A rule that is off takes whatever it finds for good; nothing that another rule says is silenced.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ledger.verifier import bundle, stream
from ledger.verifier.blocks import BODY_PRESENT, FramingError, read_bodies
from ledger.verifier.bundle import BundleCheck
from ledger.verifier.checkpoints import RootJudge
from ledger.verifier.erasures import Erasures
from ledger.verifier.files import Files
from ledger.verifier.notes import VKey
from ledger.verifier.signatures import Signatures
from ledger.verifier.stream import StreamCheck
from ledger.verifier.trust import Signed, Trust

_each_body, _take = StreamCheck._each_body, Files.take  # noqa: SLF001  what is switched off


def _nothing(*_: Any, **__: Any) -> None:
    return None


def _any_bodies(self: StreamCheck, block: Any, chunks: Any, times: Any, committed: Any) -> None:
    """Take the bodies that are there for those that the leaves commit to."""
    content, found = b"".join(chunks), list(committed)
    try:
        for at, kind, salt, body in read_bodies(iter([content]), block.width):
            if kind == BODY_PRESENT and at < len(found):
                found[at] = hashlib.sha256(b"\2" + salt + body).digest()
    except FramingError:
        pass  # the rule about framing says so
    _each_body(self, block, iter([content]), times, tuple(found))


def _only_what_is_there(self: Files, path: str, digest: bytes, size: int) -> None:
    if self.archive.find(path) is not None:
        _take(self, path, digest, size)


def _every_epoch(self: Trust, _origin: str) -> frozenset[int]:
    """Believe every key that the bundle names, whoever brought which."""
    return frozenset(range(len(self.epochs)))


def _believed(self: Trust, *_: Any) -> Signed:
    """Take every note for one that the right key signed."""
    return Signed(None, "", trusted=True, epochs=frozenset(range(len(self.epochs))))


def _any_root(self: RootJudge, *_: Any) -> bool:
    return True


def _any_algorithm(text: str) -> VKey:
    """Read a vkey of whatever algorithm as one of ours."""
    name, _, encoded = text.split("+", 2)
    return VKey.for_origin(name, base64.b64decode(encoded)[1:])


def _json(body: bytes, *_: Any) -> Any:
    return json.loads(body)


SWITCHES: dict[str, tuple[object, str, Any]] = {
    # C: number, link and time of each leaf
    "chain": (StreamCheck, "_judge_leaves", _nothing),
    # C: bodies are those that the leaves commit to
    "commitments": (StreamCheck, "_each_body", _any_bodies),
    # bytes in their one canonical form
    "canonical form": (stream, "read_object", _json),
    # M: the root that the newest checkpoint, the manifest and the organisation give
    "roots": (RootJudge, "judge", _any_root),
    # M: who signed
    "signed notes": (Trust, "judge", _believed),
    # pinned key
    "pinned key": (Trust, "trusted", _every_epoch),
    # allowlist of algorithms
    "algorithms": (VKey, "parse", _any_algorithm),
    # X: the manifest is signed
    "manifest note": (BundleCheck, "_manifest_note", _nothing),
    # X: the files that it lists are there, and no others
    "listed files": (Files, "take", _only_what_is_there),
    "unlisted files": (Files, "sweep", _nothing),
    "blobs": (BundleCheck, "_blobs", _nothing),
    # signed scope: every stream that is recorded is listed
    "recorded streams": (BundleCheck, "_recorded", _nothing),
    # S
    "signatures": (Signatures, "_signature", _nothing),
    # every blank body has an entry that says so
    "erasures": (Erasures, "finish", _nothing),
    # W: a checkpoint that the receiver kept, or a witness did for them
    "references": (bundle, "judge_references", _nothing),
    # R
    "receipts": (bundle, "judge_kept_receipts", _nothing),
    # K: from one key to the next
    "successions": (Trust, "_succession_fault", _nothing),
    "rotations": (Trust, "judge_rotations", _nothing),
    "double signature": (bundle, "judge_double_signatures", _nothing),
}
ALL = frozenset(SWITCHES)


@contextmanager
def off(names: Collection[str]) -> Iterator[None]:
    """Verify without these rules."""
    with pytest.MonkeyPatch.context() as patch:
        for name in names:
            patch.setattr(*SWITCHES[name])
        yield
