"""The command line: what the user brings is read first; nothing ends in a traceback."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger.verifier.bundle import Brought, verify_bundle
from ledger.verifier.checkpoints import judge_witnesses
from ledger.verifier.findings import Findings
from ledger.verifier.manifest import site_prefix
from ledger.verifier.notes import (
    COSIGNATURE,
    ED25519,
    MAX_NOTE_BYTES,
    NoteError,
    VKey,
    parse_checkpoint,
    parse_note,
)
from ledger.verifier.report import UNUSABLE, Report, StreamReport, as_json, as_text
from ledger.verifier.single_files import (
    MAX_SINGLE,
    FileFormError,
    Single,
    judge_consistency,
    judge_proof,
    judge_receipt,
    kind_of,
    read_receipt,
)
from ledger.verifier.trust import Epoch, Trust

if TYPE_CHECKING:
    from collections.abc import Sequence

USAGE = """Verify a record: a bundle (.zip), a receipt, a .tlog-proof or a .tlog-consistency.

Bring what you trust: the organisation's key, and checkpoints or receipts that you kept.
Exit code: 0 everything is good, 1 something failed, 3 something could not be judged,
2 the file or an argument cannot be read."""


_BROUGHT = (
    ("--key", "VKEY", "a key that you trust"),
    ("--checkpoint", "NOTE", "a checkpoint that you kept"),
    ("--receipt", "FILE", "a receipt that you kept"),
    ("--witness", "VKEY", "a witness that you trust"),
    ("--tsa", "PEM", "a time-stamp authority that you trust"),
)


class UsageError(Exception):
    """An argument, or a file that the user named, cannot be used."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify the file that the arguments name; print the report; return the exit code."""
    asked = _parser().parse_args(arguments)
    started = time.monotonic()
    try:
        report = verify(asked.file, _brought(asked))
    except UsageError as error:
        print(f"verify: {error}", file=sys.stderr)
        return UNUSABLE
    except ImportError as error:
        print(f"verify: the package `cryptography` is needed: {error}", file=sys.stderr)
        return UNUSABLE
    except Exception as error:  # noqa: BLE001  hostile files: no traceback
        print(f"verify: {asked.file} cannot be judged: {type(error).__name__}", file=sys.stderr)
        return UNUSABLE
    seconds = time.monotonic() - started
    if asked.json:
        # ASCII, so that no console encoding can spoil it.
        print(json.dumps(as_json(report, seconds), indent=1))
    else:
        shown = as_text(report, seconds)
        encoding = sys.stdout.encoding or "ascii"
        print(shown.encode(encoding, "replace").decode(encoding), end="")
    return report.exit_code()


def verify(path: str, brought: Brought) -> Report:
    """Verify one file with what the user brought; raise UsageError if it is nothing of ours."""
    with Path(path).open("rb") as file:
        kind = kind_of(file.read(32))
        file.seek(0)
        if kind == "bundle":
            return verify_bundle(file, brought)
        content = file.read(MAX_SINGLE + 1)
    if not kind or len(content) > MAX_SINGLE:
        raise UsageError(f"{path} is no bundle, receipt or proof.")
    return _verify_single(kind, content, brought)


def _verify_single(kind: str, content: bytes, brought: Brought) -> Report:
    findings = Findings()
    try:
        single, judged = _judge_single(kind, content, brought, findings)
    except FileFormError as error:
        findings.add(error.code, str(error))
        return _single_report(error.origin, None, findings, judged=False)
    origin, _, note = single
    trust = _single_trust(origin, brought)
    if not trust.given(origin):
        findings.add("N902", "You brought no key for it: nothing says whose record this is.")
    elif note is not None:
        signed = trust.judge(note, origin, None)
        if signed.code:
            findings.add(signed.code, signed.message)
    _judge_brought(single, brought, findings)
    judged = judged and trust.given(origin)
    return _single_report(origin, single, findings, judged=judged)


def _judge_brought(single: Single, brought: Brought, findings: Findings) -> None:
    origin, checkpoint, note = single
    if checkpoint is None or note is None:
        return
    if any(r != checkpoint.root for r in _references(brought, origin, checkpoint.size)):
        findings.add("L405", "Your checkpoint of this size has another root.", 0)
    judge_witnesses(note, brought.witnesses, findings)


def _judge_single(
    kind: str, content: bytes, brought: Brought, findings: Findings
) -> tuple[Single, bool]:
    if kind == "proof":
        return judge_proof(content, findings), True
    if kind == "consistency":
        single, known = judge_consistency(
            content, lambda origin, size: _references(brought, origin, size), findings
        )
        if not known:
            findings.add("N903", "You brought no checkpoint of the old size.")
        return single, known
    receipt = read_receipt(content)
    judge_receipt(receipt, findings)
    return Single(receipt.origin, receipt.checkpoint, receipt.note), True


def _references(brought: Brought, origin: str, size: int) -> list[bytes]:
    """Return the roots that the user's trusted checkpoints of this size have."""
    trust = _single_trust(origin, brought)
    return [
        checkpoint.root
        for note, checkpoint in brought.references
        if (checkpoint.origin, checkpoint.size) == (origin, size)
        and (not trust.given(origin) or trust.judge(note, origin, None).code is None)
    ]


def _single_trust(origin: str, brought: Brought) -> Trust:
    """Take the user's keys as they are: a single file carries none."""
    site = next((key.name for key in brought.keys if _vouches(key, origin)), origin)
    epochs = [Epoch(None, key) for key in brought.keys if key.name in (site, origin)]
    return Trust(site, epochs, brought.keys)


def _vouches(key: VKey, origin: str) -> bool:
    """Tell whether `key` is that of an organisation, and `origin` one of its streams."""
    return key.name.endswith("/ledger/org") and origin.startswith(site_prefix(key.name))


def _single_report(
    origin: str, single: Single | None, findings: Findings, *, judged: bool
) -> Report:
    checkpoint = single.checkpoint if single else None
    size, root = (checkpoint.size, checkpoint.root) if checkpoint else (0, None)
    return Report(None, [StreamReport(origin, size, root, findings, judged, single=True)])


def _brought(asked: argparse.Namespace) -> Brought:
    return Brought(
        [_vkey(text, ED25519) for text in asked.key],
        [_reference(path) for path in asked.checkpoint],
        [_receipt(path) for path in asked.receipt],
        [_vkey(text, COSIGNATURE) for text in asked.witness],
        [certificate for path in asked.tsa for certificate in _authorities(path)],
        asked.hashes_only,
    )


def _vkey(text: str, kind: int) -> VKey:
    try:
        key = VKey.parse(text.strip())
    except NoteError as error:
        raise UsageError(str(error)) from None
    if key.kind != kind:
        raise UsageError(
            f"{key.name} is the key of something else: logs sign, witnesses cosign."
        )
    return key


def _read(path: str, limit: int) -> bytes:
    try:
        with Path(path).open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    if len(content) > limit:
        raise UsageError(f"{path} is too long.")
    return content


def _reference(path: str) -> Any:
    try:
        note = parse_note(_read(path, MAX_NOTE_BYTES))
        return note, parse_checkpoint(note)
    except NoteError as error:
        raise UsageError(f"{path} is no checkpoint. {error}") from None


def _receipt(path: str) -> Any:
    try:
        return read_receipt(_read(path, MAX_SINGLE))
    except FileFormError as error:
        raise UsageError(f"{path}: {error}") from None


def _authorities(path: str) -> list[Any]:
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificates(_read(path, MAX_SINGLE))
    except (ValueError, x509.InvalidVersion):
        raise UsageError(f"{path} holds no certificates in PEM.") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="verify", description=USAGE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", metavar="FILE")
    for name, kind, told in _BROUGHT:
        parser.add_argument(name, metavar=kind, help=told, action="append", default=[])
    parser.add_argument("--hashes-only", action="store_true", help="skip the form of bodies")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
