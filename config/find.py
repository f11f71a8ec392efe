"""The find field: takes what was typed to the page that answers it."""

import re
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from config.shell import Standing, standing

POSITION = re.compile(r"#?\s?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,18})")
DIGEST = re.compile(r"[0-9A-Fa-f]{64}")
LEDGER = "ledger:explorer"


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Go to an entry by its position or whole hash, else search where this role's work is."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    here = standing(request)
    position = POSITION.fullmatch(words)
    if any(place.url_name == LEDGER for place, _ in here.places):
        if position:
            seq = int(position[1].replace(",", ""))
            return redirect("ledger:entry", _stream(here), seq)
        if DIGEST.fullmatch(words):
            asked = urlencode({"stream": _stream(here), "q": words})
            return redirect(f"{reverse(LEDGER)}?{asked}")
    for place, url in here.places:
        if place.finds:
            return redirect(f"{url}?{urlencode({place.finds: words})}")
    return redirect("home")


def _stream(here: Standing) -> str:
    """Return the key of the stream that positions are meant in: the project's, if any."""
    return str(here.project.pk) if here.project else "org"
