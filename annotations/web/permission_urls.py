"""Addresses of the pages of data permissions."""

from django.urls import path

from annotations.web import permission_pages as pages

PROJECT = "projects/<slug:slug>"
urlpatterns = [
    path(f"{PROJECT}/permissions/", pages.permissions, name="permissions"),
    path(f"{PROJECT}/permissions/subjects/", pages.withdraw_subject, name="withdraw_subject"),
    path(f"{PROJECT}/permissions/<uuid:pk>/", pages.permission, name="permission"),
    path(
        f"{PROJECT}/permissions/<uuid:pk>/withdraw/",
        pages.withdraw_permission,
        name="withdraw_permission",
    ),
    path(f"{PROJECT}/withdrawals/<uuid:pk>/", pages.withdrawal, name="withdrawal"),
]
