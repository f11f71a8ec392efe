"""An object store that cannot forget: the S3 API with object lock in COMPLIANCE mode.

Until the retention ends nobody can remove or replace what was put there, the account's owner
included.  A bucket without object lock is refused: it would promise what it cannot keep.

    ANCHOR_S3_PREFIX<origin id>/<size>.note     the signed note
"""

from __future__ import annotations

import base64
import hashlib
import os
from datetime import UTC, datetime, timedelta
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings

from ledger.anchors.base import (
    Anchor,
    AnchorError,
    ContradictionError,
    Taken,
    is_web_address,
    without_secrets,
)
from ledger.canonical_json import canonical
from ledger.hashing import origin_id
from ledger.verifier.notes import MAX_NOTE_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.anchors.base import Before, Head

SCHEMA = "ledger.anchor.object/1"
MODE = "COMPLIANCE"
CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 10, 15, 2
_THERE_ALREADY = {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}
_NO_CONDITIONS = {"NotImplemented", "501"}  # a store that does not know If-None-Match
_NO_LOCK = {"ObjectLockConfigurationNotFoundError", "NoSuchObjectLockConfiguration"}
_NEEDED = {
    "region_name": "ANCHOR_S3_REGION",
    "aws_access_key_id": "ANCHOR_S3_ACCESS_KEY",
    "aws_secret_access_key": "ANCHOR_S3_SECRET_KEY",
}
_ABSENT = {"NoSuchKey", "NotFound", "404"}


class ObjectStoreAnchor(Anchor, kind="object_store"):
    """A bucket, reached with keys of its own; nothing is looked up anywhere else."""

    def __init__(self, bucket: str, prefix: str, options: dict[str, str], days: int) -> None:
        self.bucket, self.prefix, self.options, self.days = bucket, prefix, options, days

    @classmethod
    def configured(cls) -> list[Self]:
        if not settings.ANCHOR_S3_BUCKET:
            return []
        options = {
            "endpoint_url": settings.ANCHOR_S3_ENDPOINT,
            "region_name": settings.ANCHOR_S3_REGION,
            "aws_access_key_id": settings.ANCHOR_S3_ACCESS_KEY,
            "aws_secret_access_key": settings.ANCHOR_S3_SECRET_KEY,
        }
        prefix, days = settings.ANCHOR_S3_PREFIX, settings.ANCHOR_S3_RETAIN_DAYS
        return [cls(settings.ANCHOR_S3_BUCKET, prefix, options, days)]

    @property
    def target(self) -> str:
        where = without_secrets(self.options["endpoint_url"])
        return f"{where.rstrip('/')}/{self.bucket}/{self.prefix}"

    def complaints(self) -> Iterable[str]:
        if not is_web_address(self.options["endpoint_url"]):
            yield "ANCHOR_S3_ENDPOINT is the address of the object store (http, https)."
        for option, setting in _NEEDED.items():
            if not self.options[option]:
                yield f"{setting} is missing."
        if self.days < 1:
            yield "ANCHOR_S3_RETAIN_DAYS is 1 or more: how long nothing can be removed."
        if find_spec("boto3") is None:
            yield "ANCHOR_S3_BUCKET needs the package boto3: install the extra object-storage."

    @cached_property
    def _client(self) -> Any:
        """The client: with explicit keys, so that no profile or metadata service is asked."""
        import boto3  # an extra, and slow to load
        from botocore.config import Config
        from botocore.session import Session

        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
            s3={"addressing_style": "path"},
            defaults_mode="legacy",  # "auto" would ask the machine's metadata service
        )
        unread = {  # neither the files of this account nor its environment say anything
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
        session = boto3.session.Session(
            botocore_session=Session(session_vars=unread),
            aws_access_key_id=self.options["aws_access_key_id"],
            aws_secret_access_key=self.options["aws_secret_access_key"],
            region_name=self.options["region_name"],
        )
        return session.client("s3", endpoint_url=self.options["endpoint_url"], config=config)

    def publish(self, head: Head, before: Before) -> Taken:
        """Put the note under lock, read it and its lock back; what is there stays."""
        from botocore.exceptions import BotoCoreError, ClientError

        key = f"{self.prefix}{origin_id(head.origin).hex()}/{head.size}.note"
        try:
            self._require_lock()
            self._put(key, head)
            return Taken(canonical(self._receipt(key, head)))
        except ClientError as error:
            raise AnchorError(f"{self.target} answered {_code(error)}.") from None
        except BotoCoreError as error:
            raise AnchorError(
                f"{self.target} did not answer: {type(error).__name__}."
            ) from None

    def _require_lock(self) -> None:
        from botocore.exceptions import ClientError

        try:
            answer = self._client.get_object_lock_configuration(Bucket=self.bucket)
            enabled = answer["ObjectLockConfiguration"].get("ObjectLockEnabled")
        except ClientError as error:
            if _code(error) not in _NO_LOCK:
                raise
            enabled = None
        if enabled != "Enabled":
            raise AnchorError(
                f"The bucket {self.bucket} has no object lock, so what is put there could be"
                " removed. Make a new bucket with object lock; it cannot be added later."
            )

    def _put(self, key: str, head: Head) -> None:
        """Write the object unless there is one; a store without conditions is asked first."""
        from botocore.exceptions import ClientError

        content = head.note.encode()
        locked = {
            "Bucket": self.bucket,
            "Key": key,
            "Body": content,
            "ContentType": "text/plain; charset=utf-8",
            "ChecksumAlgorithm": "SHA256",
            "ChecksumSHA256": base64.b64encode(hashlib.sha256(content).digest()).decode(),
            "ObjectLockMode": MODE,
            "ObjectLockRetainUntilDate": datetime.now(UTC) + timedelta(days=self.days),
        }
        try:
            self._client.put_object(**locked, IfNoneMatch="*")
        except ClientError as error:
            if _code(error) in _THERE_ALREADY:
                return
            if _code(error) not in _NO_CONDITIONS:
                raise
            if self._read(key) is None:
                self._client.put_object(**locked)

    def _read(self, key: str) -> tuple[bytes, Any] | None:
        from botocore.exceptions import ClientError

        try:
            found = self._client.get_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if _code(error) in _ABSENT:
                return None
            raise
        return found["Body"].read(MAX_NOTE_BYTES + 1), found

    def _receipt(self, key: str, head: Head) -> dict[str, Any]:
        """Return what proves that it is there and locked; raise if it is another history."""
        read = self._read(key)
        if read is None:
            raise AnchorError(f"{self.target} took {key} and does not have it.")
        content, found = read
        if not content.startswith(head.text + b"\n"):
            raise ContradictionError(
                f"{key} in {self.bucket} is another checkpoint of {head.size:,} entries than"
                " this record's: one of the two was rewritten."
            )
        until = found.get("ObjectLockRetainUntilDate")
        if found.get("ObjectLockMode") != MODE or until is None:
            raise AnchorError(f"{self.target} keeps {key} without the lock that was asked for.")
        return {
            "bucket": self.bucket,
            "key": key,
            "mode": MODE,
            "retain_until": f"{until.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "schema": SCHEMA,
            "sha256": hashlib.sha256(content).hexdigest(),
            "version_id": str(found.get("VersionId", "")),
        }


def _code(error: Any) -> str:
    """Return the code of a refusal; its message may repeat what was sent."""
    return str(error.response.get("Error", {}).get("Code", "an error"))
