"""Addresses of the record's pages, below /ledger/."""

from django.urls import path

from ledger.web import entry_pages, explorer_pages, verification_pages

app_name = "ledger"
urlpatterns = [
    path("", explorer_pages.explorer, name="explorer"),
    path("verify/", verification_pages.verify, name="verify"),
    path("verification/<str:key>/", verification_pages.panel, name="verification"),
    path("<str:key>/<int:seq>/", entry_pages.entry, name="entry"),
]
