"""Addresses of the record's pages, below /ledger/."""

from django.urls import path

from ledger.web import (
    bundle_pages,
    entry_pages,
    explorer_pages,
    proof_pages,
    self_check_pages,
    verification_pages,
)

app_name = "ledger"
urlpatterns = [
    path("", explorer_pages.explorer, name="explorer"),
    path("verify/", verification_pages.verify, name="verify"),
    path("verification/<str:key>/", verification_pages.panel, name="verification"),
    path("bundles/", bundle_pages.bundles, name="bundles"),
    path("bundles/new/", bundle_pages.new, name="new_bundle"),
    path("bundles/<uuid:pk>/", bundle_pages.bundle, name="bundle"),
    path("bundles/<uuid:pk>/bundle.zip", bundle_pages.bundle_file, name="bundle_file"),
    path("check/", self_check_pages.check, name="check"),
    path("check/<str:name>", self_check_pages.check_file, name="check_file"),
    path("<str:key>/checkpoint.note", proof_pages.checkpoint, name="checkpoint"),
    path("<str:key>/<int:seq>/", entry_pages.entry, name="entry"),
    path("<str:key>/<int:seq>/proof", proof_pages.proof, name="proof"),
    path("<str:key>/<int:seq>/receipt", proof_pages.receipt, name="receipt"),
]
