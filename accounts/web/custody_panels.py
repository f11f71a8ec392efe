"""What about machines the first page shows: those that nobody confirmed, or that are lost."""

from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Device


def due_before() -> date:
    """Return the day before which a confirmation is overdue."""
    return timezone.now().date() - timedelta(days=Device.CONFIRM_DAYS)


def overdue() -> QuerySet[Device]:
    """Return the machines that need somebody: unconfirmed, in transit, lost, display late."""
    today = timezone.now().date()
    late = Q(state="in_use") & (Q(confirmed_on=None) | Q(confirmed_on__lt=due_before()))
    display = Q(calibration_due__lt=today) & ~Q(state__in=["lost", "disposed"])
    rows = Device.objects.filter(late | display | Q(state__in=["in_transit", "lost"]))
    return rows.select_related("holder").order_by("asset_tag")
