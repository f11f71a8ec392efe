"""Count what a page asks the database, so that a list can be shown to cost the same."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Session


def queries_of(client: Client, path: str, **query: str) -> int:
    """Return how many queries a page takes, for a person who was active this very second.

    Otherwise noting the activity, due every few seconds, would be counted on a slow machine.
    """
    Session.objects.running().update(last_activity=timezone.now())
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path, query).status_code == 200
    return len(asked)
