"""Start a verification, and watch it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from ledger import runs
from ledger.references import ORGANISATION
from ledger.web.access import VERIFY, stream_names, stream_or_404, visible_streams
from ledger.web.verification import panel_of


@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Verify one stream; from the organisation's, all of them.  Goes back to the explorer."""
    stream = stream_or_404(request, request.POST.get("stream", ORGANISATION))
    if not request.user.has_perm(VERIFY, stream):
        raise PermissionDenied("Verifying is for people whose role reads the record.")
    scope = "" if stream.key == ORGANISATION else stream.origin
    try:
        run = runs.start(by=request.user, scope=scope)  # type: ignore[arg-type]  # our user model has a ledger_ref
    except runs.AlreadyRunningError as error:
        messages.info(request, str(error))
    else:
        runs.carry_out_in_background(run)
    return redirect(f"{reverse('ledger:explorer')}?stream={stream.key}")


@require_GET
def panel(request: HttpRequest, key: str) -> HttpResponse:
    """Show how far it is; the page asks every two seconds while one runs."""
    stream = stream_or_404(request, key)
    context = {
        "panel": panel_of(stream, visible_streams(request)),
        "stream": stream,
        "stream_name": stream_names([stream])[stream.origin],
        "may_verify": request.user.has_perm(VERIFY, stream),
    }
    return render(request, "ledger/parts/verification.html", context)
