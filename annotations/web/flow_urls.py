"""Addresses of the pages of readings, protocols and datasets."""

from django.urls import path

from annotations.web import (
    assignment_pages,
    record_pages,
    sign_pages,
    snapshot_pages,
    worklist_pages,
)

PROJECT = "projects/<slug:slug>"
ITEM = f"{PROJECT}/items/<uuid:pk>"
urlpatterns = [
    path(f"{PROJECT}/worklist/", worklist_pages.worklist, name="worklist"),
    path(f"{PROJECT}/reviews/", worklist_pages.reviews, name="reviews"),
    path(f"{PROJECT}/records/", record_pages.records, name="records"),
    path(f"{ITEM}/", record_pages.record, name="record"),
    path(f"{ITEM}/read/", worklist_pages.read, name="read"),
    path(f"{ITEM}/take-up/", worklist_pages.take_up, name="take_up"),
    path(f"{ITEM}/sign/", sign_pages.sign, name="sign"),
    path(f"{ITEM}/reopen/", record_pages.reopen, name="reopen"),
    path(f"{PROJECT}/pictures/<uuid:pk>/<int:frame>/", record_pages.picture, name="picture"),
    path(f"{PROJECT}/assignments/", assignment_pages.assignments, name="assignments"),
    path(f"{PROJECT}/protocol/", assignment_pages.protocol, name="protocol"),
    path(f"{PROJECT}/snapshots/", snapshot_pages.snapshots, name="snapshots"),
    path(f"{PROJECT}/snapshots/<uuid:pk>/", snapshot_pages.detail, name="snapshot"),
    path(
        f"{PROJECT}/snapshots/<uuid:pk>/export/<slug:name>/",
        snapshot_pages.exported,
        name="export",
    ),
]
