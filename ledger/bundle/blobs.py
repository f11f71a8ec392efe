"""Files that entries name by their digest: put into the bundle, or listed as left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger.bundle.errors import BundleError
from ledger.canonical_json import CanonicalError, parse
from ledger.hashing import sha256_hex
from ledger.registry import blob_stores

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ledger.bundle.archive import Spool

STAYS = "files stay at the site"
GONE = "not in the store"
_MARK = b'"blobs":['


class BlobBrokenError(BundleError):
    """A file that an entry names is not what it was; no bundle carries it."""

    def __init__(self, digest: str) -> None:
        super().__init__(
            f"The file {digest[:12]}… that an entry names is damaged in the store. Restore it"
            " from the backup, or export without files."
        )


def named_in(body: bytes) -> Iterator[str]:
    """Yield the digests of the files that an entry names."""
    if _MARK not in body:
        return
    try:
        named = parse(body)["payload"].get("blobs")
    except (CanonicalError, KeyError, AttributeError):
        return
    yield from (digest for digest in named or [] if isinstance(digest, str))


def write(digests: Iterable[str], spool: Spool, *, included: bool) -> list[dict[str, Any]]:
    """Write the files named, if they are to be included; return the manifest's list of them."""
    return [_write(digest, spool, included=included) for digest in digests]


def _write(digest: str, spool: Spool, *, included: bool) -> dict[str, Any]:
    size = next((s for store in blob_stores if (s := store.size(digest)) is not None), None)
    if size is None or not included:
        reason = GONE if size is None else STAYS
        return {"included": False, "reason": reason, "sha256": digest, "size": size or 0}
    content = next(
        store.read(digest) for store in blob_stores if store.size(digest) is not None
    )
    if sha256_hex(content) != digest or len(content) != size:
        raise BlobBrokenError(digest)
    spool.add(f"blobs/{digest}", [content])
    return {"included": True, "sha256": digest, "size": size}
