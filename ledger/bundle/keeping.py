"""Bundles that the site keeps for a while: who may have them, and when their files go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from ledger import chain
from ledger.bundle.errors import BundleError
from ledger.bundle.events import ExportDownloaded
from ledger.bundle.models import Bundle
from ledger.bundle.scope import Scope
from ledger.models import Stream
from ledger.references import ORGANISATION, origin_of

if TYPE_CHECKING:
    from ledger.references import Actor

VIEW = "ledger.view_entry"


class NotKeptError(BundleError):
    """The file of a bundle is no longer kept here; another can be made."""

    def __init__(self) -> None:
        super().__init__(
            "The file of this bundle is not kept any more. Ask for a new one: it shows what"
            " this one did, and what came since."
        )


def may_export(by: Actor | str, key: str) -> bool:
    """Tell whether somebody may take a bundle of this stream away.

    It holds the organisation's stream too, so they must be allowed to read both.
    """
    if isinstance(by, str):
        return True
    streams = [
        Stream(origin=origin_of(settings.LEDGER_SITE, name)) for name in (ORGANISATION, key)
    ]
    return all(by.has_perm(VIEW, stream) for stream in streams)  # type: ignore[attr-defined]  # whoever acts on a page is a user


def require_permission(by: Actor | str, key: str) -> None:
    """Raise PermissionDenied unless they may read everything that would be in it."""
    if not may_export(by, key):
        raise PermissionDenied(
            "A bundle holds the project's record and parts of the organisation's; it is made by"
            " people whose roles read both."
        )


def scope_of(bundle: Bundle) -> Scope:
    """Return what a bundle was asked to show."""
    return Scope(
        key=bundle.stream_key,
        since=bundle.since,
        until=bundle.until,
        record=bundle.record or None,
    )


@transaction.atomic
def hand_out(bundle: Bundle, *, by: Actor) -> Path:
    """Let somebody take the file away, and record that they did; return where it is.

    Raises PermissionDenied, or NotKeptError when it is gone.
    """
    require_permission(by, bundle.stream_key)

    path = Path(bundle.file_path)
    if not bundle.is_kept or not path.is_file():
        raise NotKeptError

    chain.append(
        ExportDownloaded(
            export_id=str(bundle.pk),
            project=None if bundle.stream_key == ORGANISATION else bundle.stream_key,
            scope=scope_of(bundle).words,
            bundle_sha256=bundle.sha256,
        ),
        actor=by,
        subject=bundle,
        reason=None,
    )
    return path


def expire() -> int:
    """Remove the files whose time is over; return how many.  Bundles stay on record."""
    over = Bundle.objects.filter(file_until__lte=timezone.now())
    return _remove(list(over))


def discard(key: str) -> int:
    """Remove the files of every bundle that shows the stream `key`: it was erased from.

    `key` is "org" or a project's; the organisation's stream is in all of them.
    """
    kept = Bundle.objects.filter(file_until__isnull=False)
    return _remove(list(kept if key == ORGANISATION else kept.filter(stream_key=key)))


def _remove(bundles: list[Bundle]) -> int:
    for bundle in bundles:
        Path(bundle.file_path).unlink(missing_ok=True)
        bundle.file_until = None
        bundle.save(update_fields=["file_until"])
    return len(bundles)
