"""Delivering alerts where no web process does."""

import io
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command

from accounts import sign_in
from tests.factories import make_user


@pytest.mark.django_db
def test_what_is_due_goes_out_and_is_counted(settings: Any) -> None:
    settings.SECURITY_CONTACTS = ["security@example.org"]
    sign_in.record_lockout(make_user().email, failures=5, seconds=900)
    said = io.StringIO()

    call_command("deliver_alerts", stdout=said)

    assert said.getvalue() == "1 alerts went out\n"
    assert mail.outbox[0].to == ["security@example.org"]
