"""The daily mail: who owes something overdue is told what, and nobody else is told anything."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command

from accounts import people
from accounts.models import Role
from accounts.models.data_permission import today
from tests.accounts.papers import acknowledged, publish
from tests.factories import make_administrator, make_user

pytestmark = pytest.mark.django_db


def test_who_owes_something_overdue_is_told_what() -> None:
    version, late = publish(), make_user(role=Role.ANNOTATOR)
    done, left = make_user(role=Role.ANNOTATOR), make_user(role=Role.ANNOTATOR)
    acknowledged(version, done)
    people.close_access(left, by=make_administrator(), reason="left")

    call_command("send_reminders")

    (sent,) = mail.outbox
    assert sent.to == [late.email]
    assert version.policy.title in sent.body


def test_what_is_not_due_yet_is_nobody_told() -> None:
    publish(valid_from=today(), due_days=1)
    make_user(role=Role.ANNOTATOR)
    publish(title="Later", valid_from=today() + timedelta(days=3))

    call_command("send_reminders")

    assert mail.outbox == []


def test_a_mail_that_is_not_taken_is_said_and_stops_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish()
    first, second = make_user(role=Role.ANNOTATOR), make_user(role=Role.ANNOTATOR)
    taken = EmailBackend.send_messages

    def refuse_one(self: EmailBackend, messages: Any) -> int:
        if messages[0].to == [first.email]:
            raise ConnectionRefusedError
        return int(taken(self, messages))

    monkeypatch.setattr(EmailBackend, "send_messages", refuse_one)

    with pytest.raises(CommandError, match="1 mails were not taken"):
        call_command("send_reminders")

    assert [sent.to for sent in mail.outbox] == [[second.email]]
