"""Addresses of the evidence reports, below /evidence/."""

from django.urls import path

from ledger.web import check_pages, report_pages

app_name = "evidence"
urlpatterns = [
    path("", report_pages.reports, name="reports"),
    path("new/", report_pages.new, name="new"),
    path("checks/", check_pages.checks, name="checks"),
    path("<uuid:pk>/", report_pages.report, name="report"),
    path("<uuid:pk>/finish/", report_pages.finish, name="finish"),
    path("<uuid:pk>/report.pdf", report_pages.pdf, name="pdf"),
    path("<uuid:pk>/report.json", report_pages.as_json, name="json"),
]
