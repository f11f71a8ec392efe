"""Mail people what they owe and is overdue, once a day; the mail names no patient."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMessage

from accounts import attestations, policies
from accounts.models import User
from accounts.owed import owed

WORK = (attestations, policies)  # each declares what it asks of people

SUBJECT = "{count} overdue in {site}"
TEXT = """\
This was due from you and is not done:

{lines}

Sign in to do it. Your first page lists it too.
"""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """How many people were told, and how many mails the server did not take."""

    told: int
    failed: int


def send() -> Sent:
    """Mail everybody whose access is open and who owes something overdue."""
    told = failed = 0
    for user in User.objects.filter(is_active=True).order_by("pk").iterator():
        overdue = [one for one in owed(user) if one.is_overdue]
        if not overdue:
            continue
        lines = "\n".join(f"- {one.title} (was due {one.due:%d %b %Y})" for one in overdue)
        mail = EmailMessage(
            subject=SUBJECT.format(count=len(overdue), site=settings.LEDGER_SITE),
            body=TEXT.format(lines=lines),
            to=[user.email],
        )
        try:
            mail.send()
            told += 1
        except (OSError, smtplib.SMTPException):
            failed += 1
    return Sent(told=told, failed=failed)
