"""The two front doors, pages and /api/, and who answers when something is wrong."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from annotations.web import home_pages
from config.find import find
from config.health import health

urlpatterns = [
    path("", home_pages.home, name="home"),
    path("find/", find, name="find"),
    path("", include("accounts.web.urls")),
    path("", include("annotations.web.urls")),
    path("ledger/", include("ledger.web.urls")),
    path("evidence/", include("ledger.web.evidence_urls")),
    path("api/", include("annotations.api.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("health/", health, name="health"),
]

handler400 = "config.refusals.bad_request"
handler403 = "config.refusals.forbidden"
handler404 = "config.refusals.not_found"
handler500 = "config.refusals.server_error"
