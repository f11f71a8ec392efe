"""Bundles that the site keeps for a while: who may have them, and when their files go."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ledger import chain
from ledger.bundle.draft import PREFIX
from ledger.bundle.errors import BundleError
from ledger.bundle.events import ExportDownloaded
from ledger.bundle.models import Bundle
from ledger.bundle.scope import Scope
from ledger.events import EntryErased
from ledger.models import Entry, Stream
from ledger.references import ORGANISATION, origin_of

if TYPE_CHECKING:
    from ledger.references import Actor

logger = logging.getLogger(__name__)

VIEW = "ledger.view_entry"
DRAFT_SECONDS = 86_400  # nobody writes one for as long


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
    if not bundle.is_kept or not path.is_file() or _shows_erased(bundle):
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
    """Remove the files whose time is over, and those that show what was erased since.

    Returns how many; bundles stay on record.  What was erased is asked of the record, not of
    whoever erases: a crash between the two, or a bundle being made meanwhile, leaves nothing.
    """
    over = Q(file_until__lte=timezone.now())
    kept = Bundle.objects.filter(file_until__isnull=False).annotate(is_over=over)
    _remove_drafts()
    return sum(_remove(one) for one in kept if one.is_over or _shows_erased(one))


def _shows_erased(bundle: Bundle) -> bool:
    """Tell whether a stream of it goes on with an erasure: the file may hold those bytes."""
    erased = Entry.objects.filter(body__indexed__event=EntryErased.name)
    return any(
        erased.filter(stream__origin=head["origin"], seq__gte=head["size"]).exists()
        for head in bundle.facts.get("heads", [])
    )


def _remove_drafts() -> None:
    """Remove what a crash left half written, where the file system has no unnamed files."""
    for draft in Path(settings.BUNDLE_DIR).glob(f"{PREFIX}*"):
        with suppress(FileNotFoundError):  # it was finished meanwhile
            if time.time() - draft.stat().st_mtime > DRAFT_SECONDS:
                draft.unlink()


def _remove(bundle: Bundle) -> bool:
    """Remove a file; one that the disk does not let go is told, and tried again later."""
    try:
        Path(bundle.file_path).unlink(missing_ok=True)
    except OSError as error:
        logger.error("the file of %s stays: %s", bundle.ledger_ref, error.strerror)  # noqa: TRY400  a sentence
        return False
    bundle.file_until = None
    bundle.save(update_fields=["file_until"])
    return True
