"""Addresses of the API of images and readings, below /api/."""

from django.urls import path

from annotations.api import images, imports, items

app_name = "annotations-api"
urlpatterns = [
    path("projects/<slug:slug>/imports/", imports.ImportsView.as_view(), name="imports"),
    path("imports/<uuid:pk>/", imports.ImportView.as_view(), name="import"),
    path(
        "imports/<uuid:pk>/files/<int:number>/",
        imports.ImportFileView.as_view(),
        name="import_file",
    ),
    path("series/<uuid:pk>/", images.SeriesView.as_view(), name="series"),
    path("series/<uuid:pk>/thumbnail/", images.ThumbnailView.as_view(), name="thumbnail"),
    path("instances/<uuid:pk>/frames/<int:number>/", images.FrameView.as_view(), name="frame"),
    path("items/<uuid:pk>/", items.ItemView.as_view(), name="item"),
    path("items/<uuid:pk>/draft/", items.DraftView.as_view(), name="draft"),
    path("items/<uuid:pk>/submit/", items.SubmitView.as_view(), name="submit"),
    path("items/<uuid:pk>/review/", items.ReviewView.as_view(), name="review"),
]
