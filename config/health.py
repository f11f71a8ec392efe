"""Is the service well?  For load balancers and watchdogs, without sign-in."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

import ledger
from accounts import alerts


@login_not_required
@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database answers, 503 when it does not.

    An alarm of the record (entries not linked, nothing signed, an anchor behind, no
    verification, a database set back), or an alert that could not be sent in a minute, makes
    it "degraded", still 200: another process would do no better.  Each is "quiet", "alarm" or
    "unknown"; nothing here names what is in the record.
    """
    try:
        found = ledger.health()
        found["alerts"] = "alarm" if alerts.late(timezone.now()) else "quiet"
    except DatabaseError:
        return JsonResponse({"status": "unavailable", "database": "no answer"}, status=503)
    status = "degraded" if "alarm" in found.values() else "ok"
    return JsonResponse({"status": status, "database": "ok", **found})
