"""What of people's access waits for an administrator, for their first page."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import AccessReview, EmergencyAccess, Membership

SOON = timedelta(days=14)


def duties(shown: int) -> dict[str, Any]:
    """Return emergencies to review, the review of access that is due, roles about to end."""
    now = timezone.now()
    waiting = EmergencyAccess.objects.unreviewed().select_related("person", "project")
    ending = Membership.objects.current().filter(expires_at__lte=now + SOON)
    due = AccessReview.objects.due_at()
    return {
        "emergencies": list(waiting[:shown]),
        "count": waiting.count() + (due is None or due < now),
        "due": due,
        "ending": list(ending.select_related("user", "project").order_by("expires_at")[:shown]),
        "now": now,
    }
