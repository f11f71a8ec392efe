"""Is the service well?  For load balancers and watchdogs, without sign-in."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

import ledger


@login_not_required
@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database answers, 503 when it does not.

    Entries that wait too long to be linked make it "degraded", still 200: people can work,
    nothing is lost, and another process would not be quicker.
    """
    try:
        late = ledger.sealing_is_late()
    except DatabaseError:
        return JsonResponse({"status": "unavailable", "database": "no answer"}, status=503)
    if late:
        return JsonResponse({"status": "degraded", "database": "ok", "sealing": "delayed"})
    return JsonResponse({"status": "ok", "database": "ok", "sealing": "ok"})
