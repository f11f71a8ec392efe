"""Addresses of what an emergency access opens."""

from django.urls import path

from annotations.web import emergency_pages

urlpatterns = [
    path(
        "emergency/<uuid:pk>/images/", emergency_pages.emergency_images, name="emergency_images"
    ),
    path(
        "emergency/<uuid:pk>/images/<uuid:image>/<int:frame>/",
        emergency_pages.emergency_picture,
        name="emergency_picture",
    ),
]
