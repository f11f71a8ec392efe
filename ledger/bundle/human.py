"""The copy for people: plain pages without script, that print, and that outlive programs.

Every value comes from the entries themselves and is escaped by the templates.  Entries that
are withheld or erased have their place and their digest, so that nothing looks absent.
"""

from __future__ import annotations

import tempfile
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

from django.template.loader import get_template
from django.utils.safestring import mark_safe

from ledger.bundle.reading import told
from ledger.bundle.reading_copy import Teller, sealed
from ledger.references import ORGANISATION, key_of
from ledger.verifier.tree import BLOCK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.bundle.archive import Spool
    from ledger.bundle.heads import Head
    from ledger.bundle.reading import Row

STYLE = Path(__file__).parent / "copy.css"
CONTENT = "<!-- content -->"  # where a page's content goes; escaped text cannot hold it
SIGNATURES = 200  # on one page
_AT_ONCE = 64  # entries rendered together
_BYTES_AT_ONCE = 1 << 20


class Frame:
    """The beginning and end of every page; its policy allows its own style and nothing else."""

    def __init__(self, common: Mapping[str, Any]) -> None:
        style = STYLE.read_text(encoding="utf-8")
        digest = b64encode(sha256(style.encode()).digest()).decode()
        self.common = dict(common) | {
            "style": mark_safe(style),  # noqa: S308  our own file
            "policy": f"default-src 'none'; style-src 'sha256-{digest}'",
        }

    def around(self, title: str, up: str, **context: Any) -> tuple[bytes, bytes]:
        """Return what stands before and after a page's content; `up` leads to `human/`."""
        page: str = get_template("ledger/copy/frame.html").render(
            {**self.common, "title": title, "up": up, **context}
        )
        before, _, after = page.partition(CONTENT)
        return before.encode(), after.encode()

    def fragment(self, name: str, **context: Any) -> bytes:
        page: str = get_template(f"ledger/copy/{name}.html").render({**self.common, **context})
        return page.encode()


class Copy:
    """Writes the pages into a spool of their own while the streams are gone through."""

    def __init__(self, spool: Spool, frame: Frame, folder: Path) -> None:
        self.spool, self.frame = spool, frame
        self.streams: list[StreamPages] = []
        self.signatures = 0
        self._signed: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  see __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._signed.close()

    def stream(self, head: Head, names: Mapping[str, str]) -> StreamPages:
        """Return what writes the pages of one stream."""
        erasures = {
            int(written["payload"]["seq"]): row.seq
            for row, written in told(head.stream.pk, head.size, "ledger.entry_erased")
            if isinstance(written["payload"].get("seq"), int)
        }
        pages = StreamPages(self, head, Teller(head.origin, names, erasures))
        self.streams.append(pages)
        return pages

    def sign(self, signature: dict[str, Any], page: str) -> None:
        """Note a signature for the list of all of them."""
        fragment = self.frame.fragment("signature", signature=signature, page=page, root="../")
        self._signed.write(len(fragment).to_bytes(4, "big") + fragment)
        self.signatures += 1

    def finish(self, **context: Any) -> None:
        """Write the list of signatures and the first page."""
        lists = self._signature_pages()
        title = "Copy of the record"
        before, after = self.frame.around(title, "", first=True)
        body = self.frame.fragment(
            "index",
            streams=sorted(self.streams, key=lambda pages: pages.head.origin),
            signatures=self.signatures,
            lists=lists,
            root="../",
            **context,
        )
        self.spool.add("human/index.html", [before, body, after])

    def _signature_pages(self) -> list[dict[str, Any]]:
        self._signed.seek(0)
        lists = []
        for first in range(0, self.signatures, SIGNATURES):
            count = min(SIGNATURES, self.signatures - first)
            number = first // SIGNATURES + 1
            title = f"Signatures {first + 1:,} to {first + count:,}"
            before, after = self.frame.around(title, "../")
            self.spool.begin(f"human/signatures/{number:06}.html")
            self.spool.write(before)
            for _ in range(count):
                size = int.from_bytes(self._signed.read(4), "big")
                self.spool.write(self._signed.read(size))
            self.spool.write(after)
            self.spool.end()
            lists.append({"path": f"signatures/{number:06}.html", "title": title})
        return lists


class StreamPages:
    """The pages of one stream: 256 entries each, like its entry bundles."""

    def __init__(self, copy: Copy, head: Head, teller: Teller) -> None:
        self.copy, self.head, self.teller = copy, head, teller
        self.key = key_of(head.origin)
        self.pages: list[dict[str, Any]] = []
        self._waiting: list[dict[str, Any]] = []
        self._bytes = 0

    @property
    def name(self) -> str:
        """What the stream is called on the pages."""
        if self.key == ORGANISATION:
            return "Organisation"
        return self.teller.names.get(f"accounts.project:{self.key}", f"Project {self.key}")

    @property
    def has_unreadable(self) -> bool:
        return any(page["unreadable"] for page in self.pages)

    def begin(self, first: int, width: int) -> None:
        """Begin the page of `width` entries from `first` on."""
        last = first + width - 1
        title = f"{self.name}: entries #{first:,} to #{last:,}"
        page = {"first": first, "last": last, "path": _path(self.key, first), "title": title}
        self.pages.append(page | {"shown": 0, "withheld": 0, "erased": 0, "unreadable": 0})
        before, self._after = self.copy.frame.around(
            title,
            "../",
            older=_file(first - BLOCK) if first else None,
            newer=_file(first + width) if first + width < self.head.size else None,
        )
        self.copy.spool.begin(f"human/{page['path']}")
        self.copy.spool.write(before)

    def entry(self, row: Row, reason: str | None) -> None:
        """Print one entry, or that it is hidden and why."""
        told_entry = self.teller.entry(row, reason)
        page = self.pages[-1]
        page[told_entry["state"]] += 1
        page.setdefault("since", sealed(row))
        page["until"] = told_entry["sealed"]
        if told_entry.get("signature"):
            self.copy.sign(told_entry["signature"], page["path"])
        self._waiting.append(told_entry)
        self._bytes += len(row.body or b"")
        if len(self._waiting) == _AT_ONCE or self._bytes > _BYTES_AT_ONCE:
            self._flush()

    def end(self) -> None:
        """End the page."""
        self._flush()
        self.copy.spool.write(self._after)
        self.copy.spool.end()

    def _flush(self) -> None:
        self.copy.spool.write(self.copy.frame.fragment("entries", entries=self._waiting))
        self._waiting, self._bytes = [], 0


def _path(key: str, first: int) -> str:
    return f"{key}/{_file(first)}"


def _file(first: int) -> str:
    return f"{first:09}.html"
