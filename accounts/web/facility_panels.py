"""What about places of work an administrator's first page shows."""

from typing import Any

from accounts.models import Facility, NetworkRange
from accounts.web.facility_filters import STATEMENTS, listed


def overdue(most: int) -> dict[str, Any]:
    """Return the places where an attestation lacks or lapsed, and the ranges to approve."""
    lacking = listed(Facility.objects.all()).filter(holding__lt=STATEMENTS)
    waiting = NetworkRange.objects.waiting().select_related("facility", "asked_by")
    return {
        "lacking": list(lacking.order_by("holding", "title")[:most]),
        "lacking_count": lacking.count(),
        "waiting": list(waiting.order_by("asked_at")[:most]),
    }
