"""Data permissions against the record: what was edited behind its back is found."""

from collections.abc import Callable
from datetime import date

import pytest

from accounts import data_permissions
from accounts.models import DataPermission, Role, SubjectWithdrawal
from accounts.records import data_permissions as records
from ledger.history import record_of
from ledger.models import Entry
from tests.annotations.flow import make_subject
from tests.factories import make_project, make_user, permit

pytestmark = pytest.mark.django_db


@pytest.fixture
def agree(seal_now: Callable[[], None]) -> Callable[[], bool]:
    """Return what compares both tables with the entries."""

    def compare() -> bool:
        seal_now()
        entries = Entry.objects.select_related("body", "stream").order_by("body_id")
        said = [e for e in map(record_of, entries) if e.event in records.EVENTS]
        return dict(records.permission_rows()) == dict(
            records.replay_permissions(said)
        ) and dict(records.withdrawal_rows()) == dict(records.replay_withdrawals(said))

    return compare


@pytest.mark.parametrize(
    "edit",
    [
        lambda: DataPermission.objects.update(withdrawn_at=None, withdrawn_by=""),
        lambda: DataPermission.objects.update(expires_on=date(2199, 1, 1)),
        lambda: DataPermission.objects.update(purposes=["sharing"]),
        lambda: SubjectWithdrawal.objects.all().delete(),
    ],
    ids=["revived", "prolonged", "widened", "forgotten"],
)
def test_edits_behind_the_record_are_found(
    edit: Callable[[], object], agree: Callable[[], bool]
) -> None:
    project = make_project()
    subject, manager = make_subject(project), make_user(role=Role.DATA_MANAGER, project=project)
    data_permissions.withdraw(permit(project), by=manager, reason="ended")
    data_permissions.withdraw_subject(
        project, subject_ref=subject.ledger_ref, by=manager, reason="asked"
    )
    assert agree()

    edit()

    assert not agree()
