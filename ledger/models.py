"""What the ledger stores, and the two tables that only help to find and to watch it."""

import uuid
from datetime import datetime

from django.db import models

from ledger.bundle.models import Bundle
from ledger.envelope import sealing_time
from ledger.evidence.models import EvidenceReport
from ledger.references import key_of

__all__ = [
    "Anchor",
    "AnchorState",
    "Body",
    "Bundle",
    "Checkpoint",
    "Entry",
    "EvidenceReport",
    "IndexedEntry",
    "StampEnd",
    "Stream",
    "VerificationRun",
]


class Stream(models.Model):
    """One chain of entries: the organisation's, or a project's."""

    id = models.IntegerField(primary_key=True)
    origin = models.TextField(unique=True)
    origin_id = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = '"ledger"."stream"'

    def __str__(self) -> str:
        return self.origin

    @property
    def key(self) -> str:
        """The last segment of the origin: "org" or a project's id."""
        return key_of(self.origin)


class Body(models.Model):
    """The exact bytes of what happened, and the salt that hides them behind a commitment."""

    id = models.BigIntegerField(primary_key=True)
    stream = models.ForeignKey(
        Stream, models.DO_NOTHING, db_column="stream", db_constraint=False, related_name="+"
    )
    salt = models.BinaryField(null=True)
    body = models.BinaryField(null=True)

    class Meta:
        managed = False
        db_table = '"ledger"."body"'

    def __str__(self) -> str:
        return f"body {self.pk}"


class Entry(models.Model):
    """A body's place in its stream, chained to the entry before it.

    Written once by the database itself; a trigger refuses everything else.
    """

    body = models.OneToOneField(
        Body, models.DO_NOTHING, primary_key=True, db_column="body_id", db_constraint=False
    )
    stream = models.ForeignKey(
        Stream, models.DO_NOTHING, db_column="stream", db_constraint=False, related_name="+"
    )
    seq = models.BigIntegerField()
    sealed_us = models.BigIntegerField()
    commitment = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        managed = False
        db_table = '"ledger"."entry"'

    def __str__(self) -> str:
        return f"#{self.seq:,}"

    @property
    def sealed_at(self) -> datetime:
        return sealing_time(self.sealed_us)


class Checkpoint(models.Model):
    """A signed head of a stream's tree: the note says origin, size and root (C2SP).

    Inserted by ledger_seal, by SQL: stream, size, root and note; the rest is the database's.
    """

    pk = models.CompositePrimaryKey("stream", "size")
    stream = models.ForeignKey(
        Stream, models.DO_NOTHING, db_column="stream", db_constraint=False, related_name="+"
    )
    size = models.BigIntegerField()
    root = models.BinaryField()
    note = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = '"ledger"."checkpoint"'

    def __str__(self) -> str:
        return f"checkpoint of {self.size:,} entries"


class Anchor(models.Model):
    """What left the building with a checkpoint: `token` is what whoever took it gave back.

    Inserted by ledger_seal, by SQL: stream, size, kind and token; the rest is the database's.
    """

    id = models.BigAutoField(primary_key=True)
    stream = models.ForeignKey(
        Stream, models.DO_NOTHING, db_column="stream", db_constraint=False, related_name="+"
    )
    size = models.BigIntegerField()
    kind = models.TextField()
    token = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = '"ledger"."anchor"'

    def __str__(self) -> str:
        return f"{self.kind} of {self.size:,} entries"


class AnchorState(models.Model):
    """What one anchor took of one stream last, and since when it fails: watched, no evidence.

    `last_at` is the time the anchor vouched for.  `declined`: it does not take that stream.
    `told` and `contradiction`: what of its present trouble is on record already.
    """

    kind = models.TextField()
    target = models.TextField()
    stream = models.ForeignKey(
        Stream, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    last_size = models.BigIntegerField(default=0)
    last_at = models.DateTimeField(null=True)
    last_success = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    failures = models.IntegerField(default=0)
    next_try = models.DateTimeField(null=True)
    declined = models.BooleanField(default=False)
    told = models.BooleanField(default=False)
    contradiction = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "target", "stream"], name="one_standing")
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.target}"


class StampEnd(models.Model):
    """When a time stamp ends, read from it once, so that it is renewed before; no evidence.

    `until` is the end of the certificate, `algorithms` what it rests on besides;
    `renewed_by` names the hash by which a renewal names it, empty before there is one.
    """

    anchor = models.OneToOneField(
        Anchor, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="+"
    )
    until = models.DateTimeField()
    algorithms = models.TextField()
    renewed_by = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["renewed_by", "until"], name="stamp_ends_next")]

    def __str__(self) -> str:
        return f"until {self.until:%Y-%m-%d}"


class IndexedEntry(models.Model):
    """What pages filter by, copied from a body when it is appended; never evidence.

    `manage.py rebuild_index` makes it again from the bodies; verification ignores it.
    """

    body = models.OneToOneField(
        Body, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="indexed"
    )
    stream = models.ForeignKey(
        Stream, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    event = models.TextField()
    actor = models.TextField()
    subject = models.TextField()
    at = models.DateTimeField()
    session = models.TextField(null=True)  # noqa: DJ001  null is the envelope's own "unknown"
    device = models.TextField(null=True)  # noqa: DJ001

    class Meta:
        indexes = [
            models.Index(  # beginnings too, in whichever collation the database has
                fields=["subject"], opclasses=["text_pattern_ops"], name="indexed_subject_start"
            ),
            models.Index(fields=["stream", "actor"], name="indexed_actor"),
            models.Index(fields=["stream", "event"], name="indexed_event"),
            models.Index(
                fields=["stream", "device"],
                condition=models.Q(device__isnull=False),
                name="indexed_device",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.subject}"


class VerificationRun(models.Model):
    """One verification: how far it is, and what it found; its outcome is also an entry."""

    class Status(models.TextChoices):
        RUNNING = "running"
        GOOD = "ok"
        FAILED = "failed"
        UNKNOWN = "unknown"
        INTERRUPTED = "interrupted"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scope = models.TextField(blank=True)
    started_by = models.TextField()
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.RUNNING)
    total = models.BigIntegerField(default=0)
    checked = models.BigIntegerField(default=0)
    findings = models.BigIntegerField(default=0)
    result = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["-started_at"], name="newest_run")]
        constraints = [
            models.CheckConstraint(
                name="finished_run_has_an_outcome",
                condition=models.Q(status="running", finished_at__isnull=True)
                | (~models.Q(status="running") & models.Q(finished_at__isnull=False)),
            )
        ]

    def __str__(self) -> str:
        return f"{self.status}, {self.started_at:%Y-%m-%d %H:%M:%S}Z"
