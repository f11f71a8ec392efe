"""Ending sessions nobody came back to."""

import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Session
from tests.factories import make_session


@pytest.mark.django_db
def test_overdue_sessions_are_ended_and_counted() -> None:
    make_session()
    idle = make_session()
    Session.objects.filter(pk=idle.pk).update(last_activity=timezone.now() - timedelta(hours=1))
    said = io.StringIO()

    call_command("end_overdue_sessions", stdout=said)

    assert said.getvalue() == "1 sessions ended\n"
