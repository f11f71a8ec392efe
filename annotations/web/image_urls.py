"""Addresses of the pages of images: imports, the list, quarantine."""

from django.urls import path

from annotations.web import image_pages, import_pages, quarantine_pages

PROJECT = "projects/<slug:slug>"
urlpatterns = [
    path(f"{PROJECT}/import/", import_pages.imports, name="import"),
    path(f"{PROJECT}/import/<uuid:pk>/", import_pages.import_batch, name="import_batch"),
    path(f"{PROJECT}/import/<uuid:pk>/end/", import_pages.end_import, name="import_end"),
    path(f"{PROJECT}/import/<uuid:pk>/list.csv", import_pages.import_list, name="import_list"),
    path(f"{PROJECT}/images/", image_pages.images, name="images"),
    path(f"{PROJECT}/quarantine/", quarantine_pages.held, name="quarantine"),
    path(
        f"{PROJECT}/quarantine/<uuid:pk>/", quarantine_pages.held_item, name="quarantine_item"
    ),
    path(
        f"{PROJECT}/quarantine/<uuid:pk>/frames/<int:number>/",
        quarantine_pages.held_frame,
        name="quarantine_frame",
    ),
    path(
        f"{PROJECT}/quarantine/<uuid:pk>/thumbnail/",
        quarantine_pages.held_thumbnail,
        name="quarantine_thumbnail",
    ),
]
