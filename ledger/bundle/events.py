"""What the record says about bundles: which was made, for whom, and who took it away."""

from dataclasses import dataclass

from ledger.registry import Event


@dataclass(frozen=True, kw_only=True)
class BundledStream:
    """A stream in a bundle: how many entries, the root over them, how many bodies shown."""

    origin: str
    size: int
    root: str
    shown: int
    withheld: int
    erased: int


class ExportCreated(Event, name="ledger.export_created"):
    """An inspection bundle of the record was made, and verified before anybody could have it.

    `manifest_sha256` names the list of every file in it with its own SHA-256; `scope` says in
    words which entries it shows, `since`, `until` and `record` the same for programs.
    """

    export_id: str
    project: str | None
    scope: str
    since: str | None
    until: str | None
    record: str | None
    with_files: bool
    created_at: str
    bundle_sha256: str
    bundle_size: int
    manifest_sha256: str
    signatures: int
    streams: tuple[BundledStream, ...]


class ExportDownloaded(Event, name="ledger.export_downloaded"):
    """A person took an inspection bundle out of the system."""

    export_id: str
    project: str | None
    scope: str
    bundle_sha256: str
