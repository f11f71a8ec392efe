"""Who may read which stream of the ledger."""

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from accounts.models import Role
from ledger.models import Stream
from ledger.references import origin_of
from tests.factories import make_project, make_user

pytestmark = pytest.mark.django_db


def stream(key: str) -> Stream:
    return Stream(origin=origin_of(settings.LEDGER_SITE, key))


ORGANISATION = stream("org")
READERS = {"administrator", "regulatory", "auditor"}


@pytest.mark.parametrize("role", Role.values)
def test_organisation_stream_is_for_those_who_answer_for_it(role: str) -> None:
    person = make_user(role=role)

    assert person.has_perm("ledger.view_entry", ORGANISATION) is (role in READERS)
    assert person.has_perm("ledger.verify", ORGANISATION) is (role in READERS)
    assert person.has_perm("ledger.make_report", ORGANISATION) is (
        role in {"administrator", "regulatory"}
    )


@pytest.mark.parametrize("role", Role.values)
def test_project_stream_is_for_those_who_work_with_its_record(role: str) -> None:
    project = make_project()
    person = make_user(role=role, project=project)

    may = person.has_perm("ledger.view_entry", stream(str(project.pk)))

    assert may is (role in READERS | {"data_manager"})


def test_stream_of_another_project_stays_closed() -> None:
    person, other = make_user(role=Role.AUDITOR), make_project()

    assert not person.has_perm("ledger.view_entry", stream(str(other.pk)))


def test_unknown_permissions_and_strangers_are_refused() -> None:
    administrator = make_user(role=Role.ADMINISTRATOR)

    assert not administrator.has_perm("ledger.erase", ORGANISATION)
    assert not administrator.has_perm("ledger.view_entry")
    assert not AnonymousUser().has_perm("ledger.view_entry", ORGANISATION)
