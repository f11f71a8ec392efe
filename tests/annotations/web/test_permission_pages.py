"""The pages of data permissions: papers, withdrawals, and what holds a subject."""

import hashlib
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts import data_permissions
from accounts.models import DataPermission, Project, Role, SubjectWithdrawal
from annotations import export, snapshot
from annotations.split import Split
from tests.annotations import flow
from tests.counting import queries_of
from tests.factories import client_of, make_project, make_user, permit

pytestmark = pytest.mark.django_db


def typed(**changed: object) -> dict[str, object]:
    return {
        "subject": "",
        "basis": "consent",
        "basis_reference": "Form 4, version 2",
        "ethics_approval": "Committee North, 2026-11",
        "terms": "Research on the brain",
        "purposes": ["annotation", "dataset"],
        "valid_from": "2026-01-01",
        "expires_on": "2099-12-31",
        "document": SimpleUploadedFile("form.pdf", b"the paper"),
        **changed,
    }


def manager_in(project: Project) -> Client:
    return client_of(make_user(role=Role.DATA_MANAGER, project=project))


def test_a_paper_is_recorded_and_only_its_digest_is_kept() -> None:
    project = make_project(permitted=False)

    answer = manager_in(project).post(f"/projects/{project.slug}/permissions/", typed())

    made = DataPermission.objects.get()
    assert answer.headers["Location"] == f"/projects/{project.slug}/permissions/{made.pk}/"
    assert made.document_hash == hashlib.sha256(b"the paper").hexdigest()
    assert made.purposes == ["annotation", "dataset"]


def test_what_was_typed_stays_when_it_is_refused() -> None:
    project = make_project(permitted=False)

    answer = manager_in(project).post(
        f"/projects/{project.slug}/permissions/", typed(expires_on="2025-01-01")
    )

    assert answer.status_code == 422
    text = answer.content.decode()
    assert "It ends before it begins" in text
    assert 'value="Form 4, version 2"' in text
    assert not DataPermission.objects.exists()


def test_an_unknown_subject_is_named_in_the_answer() -> None:
    project = make_project()

    answer = manager_in(project).post(
        f"/projects/{project.slug}/permissions/subjects/",
        {"subject": "SUBJ-9999", "reason": "asked"},
    )

    assert answer.status_code == 422
    assert "There is no subject “SUBJ-9999”" in answer.content.decode()


def test_a_withdrawal_lists_every_snapshot_and_export_with_its_position() -> None:
    project = make_project()
    item = flow.signed(flow.reviewed(flow.submitted(flow.make_item(project=project)))).item
    frozen = snapshot.freeze(
        project, name="First", split=Split.parse("80:10:10"), by="system:test"
    )
    export.export(frozen, format_name="coco", by="system:test")

    answer = manager_in(project).post(
        f"/projects/{project.slug}/permissions/subjects/",
        {"subject": item.series.subject.code.lower(), "reason": "the person asked"},
        follow=True,
    )

    gone = SubjectWithdrawal.objects.get()
    assert answer.redirect_chain[0][0] == f"/projects/{project.slug}/withdrawals/{gone.pk}/"
    text = re.sub(r"\s+", " ", answer.content.decode())
    assert "1 snapshot, 1 export" in text
    assert "COCO" in text
    assert f"{item.series.subject.code} withdrew" in text


def test_an_auditor_reads_the_papers_and_changes_none() -> None:
    project = make_project()
    auditor = client_of(make_user(role=Role.AUDITOR, project=project))
    address = f"/projects/{project.slug}/permissions/"

    page = auditor.get(address)

    assert page.status_code == 200
    assert "Record the paper" not in page.content.decode()
    assert auditor.post(address, typed()).status_code == 403


def test_a_stranger_finds_nothing() -> None:
    project = make_project()
    paper = project.data_permissions.get()
    stranger = manager_in(make_project())

    assert stranger.get(f"/projects/{project.slug}/permissions/").status_code == 404
    address = f"/projects/{project.slug}/permissions/{paper.pk}/"
    assert stranger.get(address).status_code == 404
    assert stranger.post(f"{address}withdraw/", {"reason": "mine"}).status_code == 404


def test_a_paper_of_another_project_is_not_withdrawn_through_ones_own() -> None:
    project, other = make_project(), make_project()
    paper = other.data_permissions.get()

    answer = manager_in(project).post(
        f"/projects/{project.slug}/permissions/{paper.pk}/withdraw/", {"reason": "mine"}
    )

    assert answer.status_code == 404
    paper.refresh_from_db()
    assert paper.withdrawn_at is None


def test_the_list_costs_the_same_for_one_and_for_many() -> None:
    project = make_project()
    manager = make_user(role=Role.DATA_MANAGER, project=project)
    client = client_of(manager)
    address = f"/projects/{project.slug}/permissions/"

    def add() -> None:
        subject = flow.make_subject(project)
        permit(project, subject_ref=subject.ledger_ref)
        data_permissions.withdraw_subject(
            project, subject_ref=subject.ledger_ref, by=manager, reason="asked"
        )

    add()
    few = queries_of(client, address)
    for _ in range(6):
        add()

    assert queries_of(client, address) == few
