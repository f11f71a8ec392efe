"""Write a bundle: read at one moment, gathered, listed, signed, put into one file."""

from __future__ import annotations

import tempfile
import tomllib
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from django.conf import settings

from ledger import checkpoints
from ledger.bundle import blobs, disclosure, heads, human
from ledger.bundle.anchored import cosigned, write_anchors
from ledger.bundle.archive import Spool, write_zip
from ledger.bundle.draft import draft
from ledger.bundle.errors import EmptyScopeError, NotSignedError, disk_faults_named
from ledger.bundle.keys import Keys
from ledger.bundle.manifest import NAME, NOTE, IncludedStream, Manifest, content, note_text
from ledger.bundle.reading import one_moment
from ledger.bundle.reading_copy import moment
from ledger.bundle.scope import references_in
from ledger.bundle.streams import StreamWriter, Written
from ledger.bundle.verifiers import verifiers
from ledger.envelope import TIME_FORMAT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from io import BufferedReader

    from ledger.bundle.draft import Draft
    from ledger.bundle.progress import Progress
    from ledger.bundle.reading import Row
    from ledger.bundle.scope import Scope

NAMED = "annotation-ledger"
TRIES = 5  # signing again after an erasure came in between


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is asked for: a scope, whether files are put in, and the time printed on it."""

    scope: Scope
    created_at: datetime
    with_blobs: bool = False


@dataclass
class Made:
    """What a bundle turned out to hold; `heads` are its signed heads."""

    order: Order
    heads: heads.Heads
    vkey: str
    size: int = 0
    sha256: str = ""
    manifest_sha256: str = ""
    shown: int = 0
    withheld: int = 0
    erased: int = 0
    signatures: int = 0
    counts: dict[str, Written] = field(default_factory=dict)


def generator() -> dict[str, str]:
    """Return who makes bundles here: name and version of this software."""
    project = Path(settings.BASE_DIR) / "pyproject.toml"
    return {"name": NAMED, "version": tomllib.loads(project.read_text())["project"]["version"]}


@contextmanager
def drawn_up(place: Path, order: Order, progress: Progress) -> Iterator[tuple[Draft, Made]]:
    """Yield a bundle that is written but has no name yet; it is gone unless it is kept.

    Signs a fresh checkpoint first.  `progress` is told a stage, how many entries are done and
    of how many.  Raises BundleError, or SignerError with what keeps the signer from signing.
    """
    folder = place.absolute().parent
    with disk_faults_named(folder), draft(place) as made_draft, ExitStack() as stack:
        spools = _Spools(stack, folder)
        with _signed_moment(order.scope, progress) as found:
            made = _Maker(order, found, spools, progress).gather()
        made.size = _assemble(made_draft, spools, made, progress)
        made_draft.flush()
        made.sha256 = _digest(made_draft)
        yield made_draft, made


@contextmanager
def _signed_moment(scope: Scope, progress: Progress) -> Iterator[heads.Heads]:
    """Yield the heads to end with, and let everything be read as it stood then."""
    for _ in range(TRIES):
        progress("signing", 0, 0)
        checkpoints.sign_everything()
        with one_moment():
            found = heads.heads_of(scope)
            if heads.erased_after(found):
                continue
            yield found
            return
    raise NotSignedError("Entries are being erased all the time; try again when that is over.")


class _Spools:
    """Where everything waits until its digests are known."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self.folder = folder
        self.files = stack.enter_context(Spool(folder))
        self.pages = stack.enter_context(Spool(folder))
        self.stack = stack
        self.withheld: dict[str, IO[bytes]] = {}
        self.anchors: list[dict[str, Any]] = []
        self.blobs: list[dict[str, Any]] = []

    def withheld_of(self, origin: str) -> IO[bytes]:
        """Return where the manifest's lines about one stream wait."""
        lines = tempfile.TemporaryFile(dir=self.folder)  # noqa: SIM115  the stack closes it
        self.stack.enter_context(lines)
        self.withheld[origin] = lines
        return lines

    def withheld_lines(self) -> Iterator[bytes]:
        """Yield those lines, streams by origin, entries by number."""
        for origin in sorted(self.withheld):
            lines = self.withheld[origin]
            lines.seek(0)
            for line in lines:
                yield line.rstrip(b"\n")


class _Maker:
    """Gathers one bundle's files."""

    def __init__(
        self, order: Order, found: heads.Heads, spools: _Spools, progress: Progress
    ) -> None:
        self.order, self.heads, self.spools, self.progress = order, found, spools, progress
        self.keys = Keys.at(found.organisation.size)
        self.made = Made(order, found, self.keys.vkey)
        self.done, self.total = 0, sum(head.size for head in found.included)
        self.names = disclosure.names_told(*found.included)
        self.concerned: set[str] = set()
        self.blobs: set[str] = set()

    def gather(self) -> Made:
        """Put everything into the spools but the manifest."""
        common = {
            "made": moment(self.order.created_at),
            "org": self.heads.organisation.origin,
        }
        copy = human.Copy(self.spools.pages, human.Frame(common), self.spools.folder)
        with copy:
            self._streams(copy)
            self._others(copy)
        return self.made

    def _streams(self, copy: human.Copy) -> None:
        """Write the project first: who is concerned there decides what is shown elsewhere."""
        scope, project, org = self.order.scope, self.heads.project, self.heads.organisation
        known = set(self.names)
        first = disclosure.of_scope(scope)
        asked = project or org
        if scope.record or scope.has_period:
            self.progress("selecting", 0, self.total)
            if not first.prepare(asked.stream.pk, asked.size, known):
                raise EmptyScopeError(f"No entry is within what was asked for: {scope.words}.")
        self._stream(asked, first, copy)
        if project:
            concerned = (self.concerned & known) | {f"accounts.project:{scope.key}"}
            second = disclosure.of_organisation(scope, concerned)
            if not scope.record:
                second.prepare(org.stream.pk, org.size, known)
            self._stream(org, second, copy)

    def _stream(self, head: heads.Head, shown: disclosure.Disclosure, copy: human.Copy) -> None:
        noted = {size: cosigned(head, size, note) for size, note in head.older.items()}
        signed = head._replace(note=cosigned(head, head.size, head.note), older=noted)
        writer = StreamWriter(
            signed,
            shown,
            spool=self.spools.files,
            withheld=self.spools.withheld_of(head.origin),
            human=copy.stream(head, self.names),
        )
        counts = writer.write(self._seen, self._step)
        self.made.counts[head.origin] = counts
        self.made.shown += counts.shown
        self.made.erased += counts.erased
        self.made.withheld += counts.withheld.total()
        self.spools.anchors += write_anchors(head, self.spools.files)

    def _seen(self, row: Row) -> None:
        self.concerned |= references_in(row.body or b"") & self.names.keys()
        self.blobs.update(blobs.named_in(row.body or b""))

    def _step(self, entries: int) -> None:
        self.done += entries
        self.progress("writing", self.done, self.total)

    def _others(self, copy: human.Copy) -> None:
        """Write keys, verifiers, files and the first page."""
        files = self.spools.files
        for path, data in self.keys.files():
            files.add(path, [data])
        for path, content_of in verifiers().items():
            files.add(path, [content_of])
        included = self.order.with_blobs
        self.spools.blobs = blobs.write(sorted(self.blobs), files, included=included)
        self.made.signatures = copy.signatures
        copy.finish(**self._context())

    def _context(self) -> dict[str, Any]:
        withheld = sum(
            (c.withheld for c in self.made.counts.values()), start=Written().withheld
        )
        made_by = generator()
        return {
            "scope": self.order.scope.words,
            "project": self.names.get(f"accounts.project:{self.order.scope.key}"),
            "generator": f"{made_by['name']} {made_by['version']}",
            "vkey": self.keys.vkey,
            "heads": [
                {"origin": head.origin, "size": head.size, "root": head.root.hex()}
                for head in self.heads.included
            ],
            "withheld": sorted(withheld.items()),
            "others": self.heads.others,
            "anchors": self.spools.anchors,
            "blobs": self.spools.blobs,
        }


def _assemble(target: Draft, spools: _Spools, made: Made, progress: Progress) -> int:
    parts = [*spools.files.parts, *spools.pages.parts]
    manifest = Manifest(
        created_at=made.order.created_at.strftime(TIME_FORMAT),
        generator=generator(),
        org=made.heads.organisation.origin,
        scope=made.order.scope.told(),
        anchors=spools.anchors,
        blobs=spools.blobs,
        streams=[*map(_included, made.heads.included), *made.heads.others],
        withheld=spools.withheld_lines(),
    )
    listed = spools.files.add(NAME, content(manifest, parts))
    org = made.heads.organisation
    note = Keys.at(org.size).signed(note_text(org.origin, listed))
    signed = spools.files.add(NOTE, [note.encode()])
    made.manifest_sha256 = listed.sha256.hex()
    total = sum(part.size for part in parts)
    return write_zip(
        target.file, [listed, signed], parts, lambda done: progress("assembling", done, total)
    )


def _included(head: heads.Head) -> IncludedStream:
    return IncludedStream(
        head.origin, head.origin_id, head.size, head.root.hex(), (*head.older, head.size)
    )


def _digest(written: Draft) -> str:
    written.file.seek(0)
    return file_digest(cast("BufferedReader", written.file), "sha256").hexdigest()
