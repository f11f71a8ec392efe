"""Patients' data are used with a current permission for that purpose, or not at all."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts import data_permissions
from accounts.errors.base import ReasonMissingError
from accounts.errors.data_permissions import (
    NotPermittedError,
    PermissionFactsError,
    PermissionWithdrawnError,
)
from accounts.errors.retention import SubjectUnknownError
from accounts.models import DataPermission, Project, Role, SubjectWithdrawal, User
from annotations.models import Subject
from tests.accounts.recorded import recorded
from tests.annotations.flow import make_subject
from tests.factories import make_project, make_user, permit

pytestmark = pytest.mark.django_db

TODAY = timezone.now().date()
DAY = timedelta(days=1)


def manager_of(project: Project) -> User:
    return make_user(role=Role.DATA_MANAGER, project=project)


def asked(project: Project, subject: Subject | None = None, purpose: str = "dataset") -> str:
    """Return what is missing; "" where the use is permitted."""
    try:
        data_permissions.require(project, purpose=purpose, subject=subject)
    except NotPermittedError as refused:
        return str(refused)
    return ""


def test_a_paper_about_the_collection_covers_every_subject_and_is_on_record() -> None:
    project = make_project(permitted=False)
    subject = make_subject(project)
    manager = manager_of(project)

    permission = permit(project, by=manager, purposes=("dataset",))

    assert asked(project) == asked(project, subject) == ""
    (entry,) = recorded("permission.recorded")
    assert (entry["actor"], entry["subject"]) == (manager.ledger_ref, permission.ledger_ref)
    assert entry["payload"]["purposes"] == ["dataset"]
    assert entry["payload"]["document_hash"] == "ab" * 32


def test_nothing_is_permitted_without_a_paper_and_the_refusal_says_what_to_record() -> None:
    project = make_project(permitted=False)

    missing = asked(project)

    assert missing.startswith(f"No data permission is on record for {project.name}.")
    assert "ethics approval" in missing


def test_an_expired_a_coming_and_a_narrower_paper_refuse_with_their_own_sentence() -> None:
    expired, coming, narrow = (make_project(permitted=False) for _ in range(3))
    permit(expired, expires_on=TODAY - DAY)
    permit(coming, valid_from=TODAY + DAY)
    permit(narrow, purposes=("annotation",))

    assert "expired on" in asked(expired)
    assert "begins on" in asked(coming)
    assert "does not cover “frozen datasets”" in asked(narrow)
    assert asked(narrow, purpose="annotation") == ""


def test_its_first_and_its_last_day_count() -> None:
    project = make_project(permitted=False)

    permit(project, valid_from=TODAY, expires_on=TODAY)

    assert asked(project) == ""


def test_a_paper_about_one_subject_covers_no_other() -> None:
    project = make_project(permitted=False)
    one, other = make_subject(project), make_subject(project)

    permit(project, subject_ref=one.ledger_ref)

    assert asked(project, one) == ""
    assert asked(project, other)
    assert asked(project)


def test_a_withdrawn_subject_is_closed_although_the_collection_is_covered() -> None:
    project = make_project()
    gone, other = make_subject(project), make_subject(project)
    manager = manager_of(project)

    withdrawal = data_permissions.withdraw_subject(
        project, subject_ref=gone.ledger_ref, by=manager, reason="the person asked"
    )

    assert f"data of {gone.code} was withdrawn" in asked(project, gone)
    assert asked(project, other) == asked(project) == ""
    (entry,) = recorded("permission.withdrawn")
    assert entry["subject"] == withdrawal.ledger_ref
    assert entry["reason"] == "the person asked"
    assert entry["payload"]["covers"] == "subject"


def test_a_new_paper_about_the_collection_does_not_bring_a_withdrawn_subject_back() -> None:
    project = make_project()
    subject = make_subject(project)
    data_permissions.withdraw_subject(
        project, subject_ref=subject.ledger_ref, by=manager_of(project), reason="asked"
    )

    permit(project)
    assert asked(project, subject)

    permit(project, subject_ref=subject.ledger_ref)
    assert asked(project, subject) == ""


def test_withdrawing_a_subject_again_ends_the_paper_made_since() -> None:
    project = make_project()
    subject, manager = make_subject(project), manager_of(project)
    permit(project, subject_ref=subject.ledger_ref)

    for _ in range(2):
        data_permissions.withdraw_subject(
            project, subject_ref=subject.ledger_ref, by=manager, reason="asked"
        )
        assert asked(project, subject)
        permit(project, subject_ref=subject.ledger_ref)

    assert [e["payload"]["covers"] for e in recorded("permission.withdrawn")] == [
        "subject", "paper", "subject", "paper",
    ]  # fmt: skip


def test_a_subject_that_nothing_covers_is_not_withdrawn_twice() -> None:
    project = make_project()
    subject, manager = make_subject(project), manager_of(project)
    again: dict[str, Any] = {
        "subject_ref": subject.ledger_ref,
        "by": manager,
        "reason": "asked",
    }
    data_permissions.withdraw_subject(project, **again)

    with pytest.raises(PermissionWithdrawnError):
        data_permissions.withdraw_subject(project, **again)

    assert SubjectWithdrawal.objects.count() == 1


def test_a_withdrawn_paper_permits_nothing_and_is_withdrawn_once() -> None:
    project = make_project(permitted=False)
    permission, manager = permit(project), manager_of(project)

    data_permissions.withdraw(permission, by=manager, reason="approval ended")

    assert "withdrawn on" in asked(project)
    with pytest.raises(PermissionWithdrawnError):
        data_permissions.withdraw(permission, by=manager, reason="again")


def test_only_who_keeps_the_papers_records_and_withdraws() -> None:
    project = make_project()
    subject = make_subject(project)
    permission = project.data_permissions.get()
    stranger = manager_of(make_project())
    refused = [make_user(role=r, project=project) for r in ("annotator", "reviewer", "auditor")]

    for person in [stranger, *refused]:
        with pytest.raises(PermissionDenied):
            permit(project, by=person)
        with pytest.raises(PermissionDenied):
            data_permissions.withdraw(permission, by=person, reason="because")
        with pytest.raises(PermissionDenied):
            data_permissions.withdraw_subject(
                project, subject_ref=subject.ledger_ref, by=person, reason="because"
            )

    assert not recorded("permission.withdrawn")


def test_a_subject_of_another_project_is_unknown_here() -> None:
    project, elsewhere = make_project(), make_project()
    subject = make_subject(elsewhere)

    with pytest.raises(SubjectUnknownError):
        data_permissions.withdraw_subject(
            project, subject_ref=subject.ledger_ref, by=manager_of(project), reason="asked"
        )
    with pytest.raises(SubjectUnknownError):
        permit(project, subject_ref=subject.ledger_ref)


@pytest.mark.parametrize(
    "wrong",
    [
        {"terms": " "},
        {"ethics_approval": ""},
        {"basis": "none"},
        {"purposes": ()},
        {"purposes": ("anything",)},
        {"expires_on": date(2019, 1, 1)},
        {"document_hash": "AB" * 32},
        {"document_hash": "ab" * 31},
    ],
)
def test_a_paper_that_does_not_say_what_it_must_is_refused(wrong: dict[str, Any]) -> None:
    project = make_project(permitted=False)

    with pytest.raises(PermissionFactsError):
        permit(project, **wrong)

    assert not DataPermission.objects.exists()


def test_withdrawing_says_why() -> None:
    project = make_project()

    with pytest.raises(ReasonMissingError):
        data_permissions.withdraw(
            project.data_permissions.get(), by=manager_of(project), reason=" "
        )


ACTS = st.lists(
    st.sampled_from(["collection", "own", "withdraw", "end collection", "end own"]), max_size=7
)


@given(acts=ACTS)
def test_a_subject_is_covered_by_what_was_said_last_about_it(acts: list[str]) -> None:
    """The law in small: its own paper counts; else the collection's, unless it withdrew."""
    project = make_project(permitted=False)
    subject, manager = make_subject(project), manager_of(project)
    collection, own, gone = 0, 0, False

    for act in acts:
        papers = project.data_permissions.standing()
        if act == "collection":
            permit(project)
            collection += 1
        elif act == "own":
            permit(project, subject_ref=subject.ledger_ref)
            own += 1
        elif act == "withdraw" and (own or not gone):
            data_permissions.withdraw_subject(
                project, subject_ref=subject.ledger_ref, by=manager, reason="asked"
            )
            own, gone = 0, True
        elif act == "end collection" and collection:
            first = papers.filter(subject_ref="").first()
            assert first
            data_permissions.withdraw(first, by=manager, reason="ended")
            collection -= 1
        elif act == "end own" and own:
            first = papers.exclude(subject_ref="").first()
            assert first
            data_permissions.withdraw(first, by=manager, reason="ended")
            own -= 1

        is_covered = bool(own or (collection and not gone))
        assert (asked(project, subject) == "") is is_covered
        assert (asked(project) == "") is bool(collection)
        is_withdrawn = bool(data_permissions.withdrawn(project, [subject.ledger_ref]))
        assert is_withdrawn is (gone and not own)
