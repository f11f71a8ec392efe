"""The two front doors, pages and /api/, and who answers when something is wrong."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView

from config.health import health


def _door(address: str, module: str) -> list[URLResolver]:
    package = module.rpartition(".")[0]
    return [path(address, include(module))] if find_spec(package) and find_spec(module) else []


urlpatterns: list[URLPattern | URLResolver] = [
    path("health/", health, name="health"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    *_door("api/", "annotations.api.urls"),
    *_door("", "accounts.web.urls"),
    *_door("ledger/", "ledger.web.urls"),
    *_door("evidence/", "ledger.web.evidence_urls"),
    *_door("", "annotations.web.urls"),
]

handler400 = "config.refusals.bad_request"
handler403 = "config.refusals.forbidden"
handler404 = "config.refusals.not_found"
handler500 = "config.refusals.server_error"
