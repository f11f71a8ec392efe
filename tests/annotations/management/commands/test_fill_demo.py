"""The command fill_demo: a demo in which everybody has something to do, told once."""

import io
import json
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

import ledger
from accounts.models import Project, Session, User
from annotations.management.demo.people import WrongPasswordError, invite
from annotations.models import Item, Snapshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("store")]
State = Item.State


def fill(folder: Path, settings: LazySettings) -> str:
    settings.DATA_DIR = folder
    settings.SECURITY_CONTACTS = ["security@example.org"]  # as the Makefile says
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(folder / "mail")
    out = io.StringIO()
    call_command("fill_demo", stdout=out)
    return out.getvalue()


def test_the_demo_has_work_for_everybody_and_is_told_once(
    tmp_path: Path, settings: LazySettings
) -> None:
    said = fill(tmp_path, settings)

    project = Project.objects.get()
    items = Item.objects.filter(project=project)
    states = [item.state for item in items]
    assert states.count(State.DRAFT) >= 2
    assert states.count(State.SUBMITTED) == states.count(State.REJECTED) == 1
    accepted = items.accepted().values_list("series__subject", flat=True)
    assert len(set(accepted)) == 3
    assert Snapshot.objects.filter(project=project).count() == 1
    reports = ledger.newest_reports(str(project.pk))
    assert {report.catalogue for report in reports} == {"21cfr11", "hipaa_security"}
    assert all(report.counts["failed"] == 0 for report in reports)
    assert ledger.state().good
    entries = {key: ledger.head(key) for key in (None, str(project.pk))}

    assert fill(tmp_path, settings) == said
    assert {key: ledger.head(key) for key in entries} == entries
    for account in json.loads((tmp_path / "demo-accounts.json").read_text()):
        assert User.objects.get(email=account["email"]).check_password(account["password"])


def test_who_acts_in_the_demo_is_signed_in_and_signs_out_again() -> None:
    _, cast = invite("demo", "Demo")

    with cast.acting("reviewer") as reviewer:
        [session] = Session.objects.running().filter(user=reviewer)
    with cast.acting("reviewer"):
        assert Session.objects.filter(user=reviewer).count() == 1
    cast.sign_out()

    [began, ended] = ledger.about(session.ledger_ref)
    assert (began.event, ended.event) == ("auth.login_succeeded", "auth.logged_out")
    assert began.origin["session"] == ended.origin["session"] == str(session.pk)


def test_a_changed_password_stops_the_story_of_that_person() -> None:
    _, cast = invite("demo", "Demo")
    cast.users["reviewer"].set_password("quite another password")

    with (
        pytest.raises(WrongPasswordError, match="reviewer@demo"),
        cast.acting("reviewer"),
    ):
        pass

    assert not Session.objects.exists()


def test_without_its_file_the_demo_is_left_as_it_is(
    tmp_path: Path, settings: LazySettings
) -> None:
    invite("demo", "Demo")

    with pytest.raises(CommandError, match="is gone from DATA_DIR"):
        fill(tmp_path, settings)

    assert Project.objects.count() == 1
