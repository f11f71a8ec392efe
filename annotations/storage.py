"""Which stored bytes an imported file still needs, and the end of those it does not."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

import ledger
from annotations import project_keys
from annotations.image_errors import BlobMissingError
from annotations.imaging import blobs
from annotations.models import ImportedFile, Instance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LOCK = 0x424C4F42  # one number for "stored bytes are coming or going", of PostgreSQL's own kind
SALT_BYTES = 32


def keep_original(content: bytes) -> str:
    """Keep an original until it is decided about; its name in the store says nothing of it."""
    return blobs.put(secrets.token_bytes(SALT_BYTES) + content, kind="original")


def original(file: ImportedFile) -> bytes:
    """Return the bytes that were sent; raises BlobError if the store does not hold them."""
    return blobs.get(file.original)[SALT_BYTES:]


def require_stored(digests: Iterable[str], *, owner: str = "") -> None:
    """Raise BlobMissingError unless each of `digests` is stored, and stays so until commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])
    for digest in digests:
        if not blobs.exists(digest, owner=owner):
            raise BlobMissingError(digest)


def dispose(file: ImportedFile) -> None:
    """Destroy what was kept of a settled `file` only until its decision.

    Bytes that an image or another undecided file also uses stay.  Does nothing for a file that
    still waits.
    """
    with transaction.atomic():
        file = ImportedFile.objects.select_for_update().get(pk=file.pk)
        if file.status == ImportedFile.Status.WAITING or file.is_undecided:
            return
        if file.original:
            blobs.remove(file.original)
        _dispose_of_images(file)
        file.original = file.received = ""
        file.save(update_fields=["original", "received"])


def leftovers() -> Iterable[ImportedFile]:
    """Return settled files whose bytes are still to be destroyed, after a crash."""
    settled = ImportedFile.objects.exclude(status=ImportedFile.Status.WAITING)
    undecided = ImportedFile.objects.undecided()
    return settled.exclude(pk__in=undecided.values("pk")).exclude(original="", received="")


def give_owners() -> Iterator[Instance]:
    """Encrypt each image's bytes under its patient's own key, yielding each image done.

    Bytes that two patients share get a copy for each before the site's copy goes; what a held
    file still needs under the site's key stays.  Stopped half-way it is simply begun again.
    """
    done: set[str] = set()
    images = Instance.objects.filter(series__subject__erased_at=None)
    for image in images.select_related("series__subject").order_by("pk").iterator():
        subject = image.series.subject
        owner = project_keys.subject_key_name(subject.project_id, subject.key_hash)
        digests = {image.file_sha256, image.thumbnail, *image.renditions} - {""}
        for digest in digests:
            if not blobs.is_owned(digest, owner=owner):
                blobs.put(blobs.get(digest), kind="image", owner=owner)
        done |= digests
        yield image
    held = ImportedFile.objects.undecided().exclude(received="")
    kept = {name for file in held for name in _kept_for(ledger.parse(file.received.encode()))}
    for digest in done - kept:
        blobs.remove(digest)


def _dispose_of_images(file: ImportedFile) -> None:
    if not file.received:
        return
    received = ledger.parse(file.received.encode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    wanted = _kept_for(received)
    for digest in wanted - _in_use(wanted, but_for=file):
        blobs.remove(digest, owner=received.get("owner", ""))


def _kept_for(received: dict[str, Any]) -> set[str]:
    return {received["clean"], received["thumbnail"], *received["frames"]} - {""}


def _in_use(digests: set[str], *, but_for: ImportedFile) -> set[str]:
    """Return those of `digests` that an image, or another held file, refers to."""
    query = (
        "SELECT DISTINCT rendition FROM annotations_instance,"
        " jsonb_array_elements_text(renditions) AS rendition WHERE rendition = ANY(%s)"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [list(digests)])
        used = {digest for (digest,) in cursor.fetchall()}
    for column in ("file_sha256", "thumbnail"):
        images = Instance.objects.filter(**{f"{column}__in": digests})
        used |= set(images.values_list(column, flat=True))
    for held in ImportedFile.objects.undecided().exclude(pk=but_for.pk).exclude(received=""):
        used |= _kept_for(ledger.parse(held.received.encode()))
    return used
