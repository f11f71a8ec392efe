"""One small model five times: plain, recorded by us, and kept by each of the peers."""

import pghistory
from auditlog.registry import auditlog
from django.db import models
from simple_history.models import HistoricalRecords


class Finding(models.Model):
    """What every arm saves: a small row as an application has many."""

    title = models.CharField(max_length=80)
    label = models.CharField(max_length=40)
    state = models.CharField(max_length=20)
    frame = models.IntegerField()
    note = models.TextField()

    class Meta:
        abstract = True


class PlainFinding(Finding):
    """Nothing is kept of what it was."""


class RecordedFinding(Finding):
    """Each save is an entry of the ledger."""


class HistoricalFinding(Finding):
    """django-simple-history."""

    history = HistoricalRecords()


class AuditedFinding(Finding):
    """django-auditlog."""


@pghistory.track()
class TrackedFinding(Finding):
    """django-pghistory, which keeps the row by a trigger."""


auditlog.register(AuditedFinding)
