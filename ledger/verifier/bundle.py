"""A whole bundle: the rules in their order, going on after each finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from ledger.verifier.anchors import judge_anchors
from ledger.verifier.archive import Archive, ArchiveError
from ledger.verifier.checkpoints import (
    Facts,
    Stored,
    StreamCheckpoints,
    judge_double_signatures,
    judge_heads,
    judge_references,
    judge_witnesses,
    read_checkpoint,
)
from ledger.verifier.files import Files
from ledger.verifier.findings import Findings
from ledger.verifier.manifest import MAX_MANIFEST, ListedStream, Manifest, read_manifest
from ledger.verifier.notes import MAX_NOTE_BYTES, NoteError, bundle_text, parse_note
from ledger.verifier.receipts import hash_at, judge_kept_receipts
from ledger.verifier.replay import replay
from ledger.verifier.report import Report, StreamReport
from ledger.verifier.rules import FirstReading
from ledger.verifier.signatures import Signatures
from ledger.verifier.stream import CheckedStream, StreamCheck
from ledger.verifier.strict_json import JsonError
from ledger.verifier.trust import MAX_KEYS_BYTES, Epoch, Trust, read_keys

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ledger.verifier.notes import Checkpoint, Note, VKey
    from ledger.verifier.single_files import Receipt

REQUIRED = ("human/index.html", "keys.json", "manifest.note", "verify.html", "verify.py")


class Brought(NamedTuple):
    """What the user brought: nothing in a bundle can stand for it."""

    keys: list[VKey]
    references: list[tuple[Note, Checkpoint]]
    receipts: list[Receipt]
    witnesses: list[VKey]
    authorities: list[Any]  # x509.Certificate
    hashes_only: bool = False


def verify_bundle(file: BinaryIO, brought: Brought) -> Report:
    """Verify the bundle in an open file."""
    findings = Findings()
    try:
        archive = Archive(file)
        files = Files(archive, findings)
        manifest = _open(files, findings)
        streams = [] if manifest is None else BundleCheck(files, manifest, brought).run()
        files.sweep()
        for code, message in archive.faults:
            findings.add(code, message)
    except ArchiveError as error:
        findings.add("L101", str(error))
        streams = []
    return Report(findings, streams)


def _open(files: Files, findings: Findings) -> Manifest | None:
    for name in ("manifest.json", "manifest.note"):
        files.skip(name)
    for name in REQUIRED:
        if files.place(name) is None:
            findings.add("L108", f"{name} is missing.")
    content = files.read("manifest.json", MAX_MANIFEST)
    if content is None:
        findings.add("L108", "manifest.json is missing, or longer than 64 MiB.")
        return None
    try:
        return read_manifest(content, files.take)
    except JsonError as error:
        findings.add("L103", str(error))
        return None


class BundleCheck:
    """Checks what the manifest lists; `files.findings` takes what is about no stream."""

    def __init__(self, files: Files, manifest: Manifest, brought: Brought) -> None:
        self.files = files
        self.found = files.findings
        self.manifest = manifest
        self.brought = brought
        self.rules = FirstReading(manifest.org, manifest.blobs)
        self.checked: dict[str, CheckedStream] = {}
        self.stored: dict[str, list[Stored]] = {}
        self.trust = self._trust()

    def run(self) -> list[StreamReport]:
        """Follow the rules in their order."""
        listed = self.manifest.included()
        if not listed or listed[0].origin != self.manifest.org:
            self.found.add("L108", "The organisation's stream is missing.")
        for stream in listed:
            self._stream(stream)
        for origin in self.manifest.withheld.keys() - self.checked.keys():
            for seq in self.manifest.withheld[origin]:
                self.found.add("L306", f"Withheld from {origin}, which is not included.", seq)
        self._keys()
        complete = {s.origin for s in listed if self._checkpoints(s.origin)}
        self._recorded()
        self._manifest_note()
        self._signatures(listed)
        self._blobs()
        judge_anchors(self.files, self.manifest.anchors, self.stored, self.brought.authorities)
        self._brought()
        return [self._report(stream.origin, complete) for stream in listed]

    def _trust(self) -> Trust:
        org, users = self.manifest.org, self.brought.keys
        content = self.files.read("keys.json", MAX_KEYS_BYTES)
        if content is not None:
            try:
                return Trust(org, read_keys(content, org), users)
            except (JsonError, NoteError) as error:
                self.found.add("L501", str(error))
        own = [Epoch(None, key) for key in users if key.name == org][:1]
        return Trust(org, own, users)

    def _stream(self, listed: ListedStream) -> None:
        folder = f"streams/{listed.id}/"
        *older, newest = listed.checkpoints or (listed.size,)
        places = [(size, f"checkpoints/{size}") for size in older]
        stored = []
        for size, name in [*places, (newest, "checkpoint")]:
            content = self.files.read(folder + name, MAX_NOTE_BYTES)
            if content is None:
                self.found.add("L108", f"{folder}{name} is missing, or too long.")
                content = b""
            stored.append(read_checkpoint(size, content))
        check = StreamCheck(listed, self.files, self.rules)
        self.stored[listed.origin], self.checked[listed.origin] = stored, check.checked
        self.rules.watch(listed.origin, check.found)
        sizes = {one.checkpoint.size for one in stored if one.checkpoint}
        sizes |= {head.size for head in self.rules.heads.of(listed.origin)}
        sizes |= {c.size for _, c in self.brought.references if c.origin == listed.origin}
        sizes |= {r.checkpoint.size for r in self.brought.receipts if r.checkpoint}
        checked = check.run(sizes | {listed.size}, hashes_only=self.brought.hashes_only)
        withheld = self.manifest.withheld.get(listed.origin, {})
        self.rules.judge_bodies(listed.origin, checked.blank, checked.withheld, withheld)

    def _keys(self) -> None:
        org = self.checked.get(self.manifest.org)
        found = org.findings if org else self.found
        read = self.files.read
        self.trust.judge_successions(lambda e: read(f"keys/{e}.note", MAX_NOTE_BYTES), found)
        self.trust.judge_rotations(self.rules.rotations, found)

    def _facts(self, origin: str) -> Facts:
        checked = self.checked[origin]
        return Facts(origin, checked.size, checked.roots)

    def _checkpoints(self, origin: str) -> bool:
        """Judge a stream's checkpoints and records; tell whether the newest one is good."""
        facts, checked, org = self._facts(origin), self.checked[origin], self.manifest.org
        found, hidden = checked.findings, org in self.checked and self.checked[org].hidden
        judge = StreamCheckpoints(facts, self.trust, self.rules.heads, hidden=hidden)
        good = judge.judge(self.stored[origin], found)
        newest = self.stored[origin][-1].checkpoint
        known = {facts.roots.get(checked.listed.size), newest.root if newest else None}
        if checked.listed.root not in known:
            if not found.codes() & {"L404", "L205"}:
                found.add("L404", "The manifest gives another root.", 0)
            good = False
        if origin == org:
            judge_double_signatures(self.trust, judge.signed, found)
        else:
            judge_heads(facts, self.trust, self.rules.heads, found)
        judge_witnesses(self.stored[origin][-1].note, self.brought.witnesses, found)
        if not self.trust.given(origin):
            found.add("N902", "You brought no key for it: nothing says whose record this is.")
        return good

    def _recorded(self) -> None:
        """Check that every recorded stream is listed, and the newest head of those left out."""
        org = self.checked.get(self.manifest.org)
        if org is None:
            return
        for origin in self.rules.heads.origins():
            if origin not in self.manifest.streams:
                org.findings.add("L408", f"{origin} is recorded and not listed.")
        for listed in self.manifest.streams.values():
            if not listed.included:
                self._left_out(listed, org)

    def _left_out(self, listed: ListedStream, org: CheckedStream) -> None:
        head = self.rules.heads.newest(listed.origin)
        if head is not None and (head.size, head.root) != (listed.size, listed.root):
            org.findings.add("L405", f"{listed.origin} was recorded otherwise.", head.seq)
        elif head is None and not org.hidden:
            org.findings.add("L408", f"{listed.origin} is listed and never recorded.")

    def _manifest_note(self) -> None:
        content, org = self.files.read("manifest.note", MAX_NOTE_BYTES), self.manifest.org
        manifest = self.files.read("manifest.json", MAX_MANIFEST)
        if content is None or manifest is None:
            return
        try:
            note = parse_note(content)
        except NoteError as error:
            self.found.add("L107", str(error))
            return
        if note.text != bundle_text(org, manifest):
            self.found.add("L107", "manifest.note is about another manifest.")
        size = self.checked[org].size if org in self.checked else 0
        signed = self.trust.judge(note, org, {self.trust.in_force(size)})
        if signed.code:
            self.found.add("L107", f"manifest.note: {signed.message}")
        if signed.code == "L505":
            self.found.add("L505", f"manifest.note: {signed.message}")

    def _signatures(self, listed: Iterable[ListedStream]) -> None:
        if not self.rules.signed:
            return
        signatures = Signatures(self.rules.wanted)
        for origin, seq, event in replay(self.files, listed):
            signatures.feed(origin, seq, event)
        for origin, finding in signatures.findings:
            self.checked[origin].findings.extend([finding])

    def _blobs(self) -> None:
        for digest, (included, size) in self.manifest.blobs.items():
            if not included:
                continue
            path = f"blobs/{digest}"
            member = self.files.place(path)
            if member is None or member.size != size:
                self.found.add("L111", f"{path} is missing, or has another size.")
            elif self.files.digest(path) != bytes.fromhex(digest):
                self.found.add("L111", f"{path} is not what its name says.")

    def _brought(self) -> None:
        if not self.brought.references:
            self.found.add("N903", "You brought no checkpoint of your own to compare with.")
        for origin, checked in self.checked.items():
            own = [kept for kept in self.brought.references if kept[1].origin == origin]
            judge_references(self._facts(origin), self.trust, own, checked.findings)
        org = self.checked.get(self.manifest.org)
        elsewhere = org.findings if org else self.found
        for _, checkpoint in self.brought.references:
            if checkpoint.origin not in self.checked:
                message = f"Your checkpoint is of {checkpoint.origin}, which is not included."
                elsewhere.add("L408", message)
        for receipt in self.brought.receipts:
            self._receipt(receipt)

    def _receipt(self, receipt: Receipt) -> None:
        checked = self.checked.get(receipt.origin)
        if checked is None:
            self.found.add("L704", f"Your receipt is of {receipt.origin}.", receipt.seq)
            return
        there = hash_at(self.files, checked.listed, receipt.seq)
        judge_kept_receipts(
            self._facts(receipt.origin), self.trust, receipt, there, checked.findings
        )

    def _report(self, origin: str, complete: set[str]) -> StreamReport:
        checked = self.checked[origin]
        root, good = checked.tree.root(), origin in complete
        return StreamReport(origin, checked.size, root, checked.findings, good)
