"""manifest.json, read item by item in its canonical form: its length costs little memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ledger.verifier.archive import safe_path
from ledger.verifier.envelope import is_count, is_hex64, time_us
from ledger.verifier.hashes import origin_id
from ledger.verifier.notes import is_origin
from ledger.verifier.strict_json import (
    JSON_DECODER,
    JsonError,
    check_value,
    dumps,
    iterate_list,
)

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_MANIFEST = 64 << 20
MANIFEST_SCHEMA = "ledger.bundle/1"
_LISTS = ("anchors", "blobs", "files", "streams", "withheld")
_FIELDS = (
    "anchors", "blobs", "created_at", "files", "generator", "org", "schema", "scope",
    "streams", "withheld",
)  # fmt: skip


class ListedStream(NamedTuple):
    """A stream of the manifest; `checkpoints` are the sizes of those that are included."""

    origin: str
    size: int
    root: bytes
    included: bool
    checkpoints: tuple[int, ...]

    @property
    def id(self) -> str:
        return origin_id(self.origin).hex()


class ListedAnchor(NamedTuple):
    kind: str
    origin: str
    path: str
    size: int


class Manifest:
    """What a bundle says that it holds; `files` has been handed on while reading."""

    def __init__(self) -> None:
        self.org = ""
        self.streams: dict[str, ListedStream] = {}
        self.anchors: list[ListedAnchor] = []
        self.blobs: dict[str, tuple[bool, int]] = {}  # hex digest: included, size
        self.withheld: dict[str, dict[int, bytes]] = {}  # origin: seq: commitment

    def included(self) -> list[ListedStream]:
        """Return the included streams: the organisation's first, then by origin."""
        found = [stream for stream in self.streams.values() if stream.included]
        return sorted(found, key=lambda stream: (stream.origin != self.org, stream.origin))


def read_manifest(content: bytes, take_file: Callable[[str, bytes, int], None]) -> Manifest:
    """Read the manifest; hand each file's path, digest and size to `take_file`, in order.

    Raises JsonError if anything about it is not as specified.
    """
    if len(content) > MAX_MANIFEST:
        raise JsonError("The manifest has more than 64 MiB.")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise JsonError("The manifest is not UTF-8.") from None
    return _Reader(text, take_file).read()


class _Reader:
    def __init__(self, text: str, take_file: Callable[[str, bytes, int], None]) -> None:
        self.text = text
        self.take_file = take_file
        self.manifest = Manifest()
        self.last_path = ""
        self.last_origin = ""

    def read(self) -> Manifest:
        at = 0
        for number, field in enumerate(_FIELDS):
            opening = f'{"," if number else "{"}"{field}":'
            if not self.text.startswith(opening, at):
                raise JsonError(f"The manifest has no {field} where it belongs.")
            at += len(opening)
            at = self._list(field, at) if field in _LISTS else self._value(field, at)
        if self.text[at:] != "}":
            raise JsonError("The manifest does not end where it should.")
        self._judge()
        return self.manifest

    def _list(self, field: str, at: int) -> int:
        take = getattr(self, f"_take_{field}")
        end = at
        for item, end in iterate_list(self.text, at):  # noqa: B007  the last end counts
            if item is None:
                continue
            if type(item) is not dict:
                raise JsonError(f"An item of {field} is no object.")
            take(item)
        return end

    def _value(self, field: str, at: int) -> int:
        try:
            value, end = JSON_DECODER.raw_decode(self.text, at)
        except (ValueError, RecursionError):
            raise JsonError(f"{field} is no JSON.") from None
        check_value(value, 2)
        if dumps(value).decode() != self.text[at:end]:
            raise JsonError(f"{field} is not in the canonical form.")
        if not _is_good(field, value):
            raise JsonError(f"{field} has another form.")
        if field == "org":
            self.manifest.org = value
        return end

    def _take_anchors(self, item: dict[str, Any]) -> None:
        _require(item, "kind", "origin", "path", "size")
        anchor = ListedAnchor(item["kind"], item["origin"], item["path"], item["size"])
        texts = isinstance(anchor.kind, str) and isinstance(anchor.origin, str)
        if not texts or not is_origin(anchor.origin) or not _positive(anchor.size):
            raise JsonError("An anchor has another form.")
        if not _is_path(anchor.path) or not anchor.path.startswith("anchors/"):
            raise JsonError("An anchor lies at another place.")
        self.manifest.anchors.append(anchor)

    def _take_blobs(self, item: dict[str, Any]) -> None:
        included = _included(item, ("sha256", "size"), ())
        digest, size = item["sha256"], item["size"]
        if not is_hex64(digest) or not is_count(size) or digest in self.manifest.blobs:
            raise JsonError("A blob has another form, or is there twice.")
        self.manifest.blobs[digest] = (included, size)

    def _take_files(self, item: dict[str, Any]) -> None:
        _require(item, "path", "sha256", "size")
        path = item["path"]
        if not _is_path(path) or not is_hex64(item["sha256"]) or not is_count(item["size"]):
            raise JsonError("A file has another form.")
        if path <= self.last_path or path in ("manifest.json", "manifest.note"):
            raise JsonError("The files are not sorted by path, or one is there twice.")
        self.last_path = path
        self.take_file(path, bytes.fromhex(item["sha256"]), item["size"])

    def _take_streams(self, item: dict[str, Any]) -> None:
        included = _included(item, ("id", "origin", "root", "size"), ("checkpoints",))
        origin, sizes = item["origin"], item.get("checkpoints", [])
        if not isinstance(origin, str) or not is_origin(origin) or origin <= self.last_origin:
            raise JsonError("The streams are not sorted by origin, or one has another form.")
        if item["id"] != origin_id(origin).hex() or not is_hex64(item["root"]):
            raise JsonError(f"The id or root of {origin} has another form.")
        if not _positive(item["size"]) or not _are_sizes(sizes):
            raise JsonError(f"A size of {origin} has another form.")
        self.last_origin = origin
        root = bytes.fromhex(item["root"])
        listed = ListedStream(origin, item["size"], root, included, tuple(sizes))
        self.manifest.streams[origin] = listed

    def _take_withheld(self, item: dict[str, Any]) -> None:
        _require(item, "commitment", "origin", "reason", "seq")
        origin, seq = item["origin"], item["seq"]
        if not isinstance(origin, str) or not is_origin(origin) or not is_count(seq):
            raise JsonError("A withheld entry has another form.")
        if not is_hex64(item["commitment"]) or not isinstance(item["reason"], str):
            raise JsonError("A withheld entry has another form.")
        found = self.manifest.withheld.setdefault(origin, {})
        if seq in found:
            raise JsonError("A withheld entry is listed twice.")
        found[seq] = bytes.fromhex(item["commitment"])

    def _judge(self) -> None:
        prefix = site_prefix(self.manifest.org)
        for origin in self.manifest.streams:
            if not origin.startswith(prefix):
                raise JsonError(f"{origin} does not belong to this organisation.")


def site_prefix(org: str) -> str:
    """Return what the origins of all streams of an organisation begin with."""
    return org.rpartition("/")[0] + "/"


def _included(item: dict[str, Any], fields: tuple[str, ...], more: tuple[str, ...]) -> bool:
    included = item.get("included")
    if included is True:
        _require(item, "included", *fields, *more)
    elif included is False:
        _require(item, "included", "reason", *fields)
        if not isinstance(item["reason"], str):
            raise JsonError("A reason is text.")
    else:
        raise JsonError("An item says neither that it is included nor that it is not.")
    return included


def _require(item: dict[str, Any], *fields: str) -> None:
    if item.keys() != set(fields):
        raise JsonError("An item of the manifest has other fields.")


def _texts(value: Any, *fields: str) -> bool:
    if type(value) is not dict or value.keys() != set(fields):
        return False
    return all(isinstance(text, str) for text in value.values())


def _is_good(field: str, value: Any) -> bool:
    """Tell whether the value of a field that is no list has its form."""
    if field == "created_at":
        return time_us(value) is not None
    if field == "org":
        return isinstance(value, str) and is_origin(value)
    if field == "schema":
        return bool(value == MANIFEST_SCHEMA)
    return _texts(value, "name", "version") if field == "generator" else _is_scope(value)


def _is_scope(value: Any) -> bool:
    if type(value) is not dict or value.keys() != {"kind", "project"}:
        return False
    project = value["project"]
    return isinstance(value["kind"], str) and (project is None or isinstance(project, str))


def _is_path(value: Any) -> bool:
    return isinstance(value, str) and safe_path(value)


def _positive(value: Any) -> bool:
    return is_count(value) and value > 0


def _are_sizes(value: Any) -> bool:
    if type(value) is not list or not all(_positive(size) for size in value):
        return False
    return value == sorted(set(value))
