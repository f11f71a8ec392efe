"""Import, reading, freezing and exporting ask for a current data permission, each time."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts import data_permissions
from accounts.errors.data_permissions import NotPermittedError
from accounts.models import DataPermission, Project, Role, User
from annotations import annotate, assign, batches, export, ingest, quarantine, review, snapshot
from annotations.errors import NothingToFreezeError
from annotations.models import ImportBatch, ImportedFile, Item, Series, Snapshot, Subject
from annotations.split import Split
from tests.accounts.recorded import recorded
from tests.annotations import flow, imaged
from tests.factories import client_of, make_project, make_user, permit

pytestmark = pytest.mark.django_db

SPLIT = Split.parse("80:10:10")
YESTERDAY = timezone.now().date() - timedelta(days=1)


def withdraw(subject: Subject) -> None:
    """Let the patient withdraw, as the project's data manager records it."""
    data_permissions.withdraw_subject(
        subject.project,
        subject_ref=subject.ledger_ref,
        by=make_user(role=Role.DATA_MANAGER, project=subject.project),
        reason="the person asked",
    )


def lapse(project: Project) -> None:
    """Let every paper of the project have ended yesterday."""
    DataPermission.objects.filter(project=project).update(expires_on=YESTERDAY)


def freeze(project: Project) -> Snapshot:
    return snapshot.freeze(project, name="", split=SPLIT, by="system:test")


def signed_item(project: Project) -> Item:
    return flow.signed(flow.reviewed(flow.submitted(flow.make_item(project=project)))).item


def test_an_import_begins_with_a_paper_and_not_without() -> None:
    project = make_project(permitted=False)
    manager = imaged.make_manager(project)

    with pytest.raises(NotPermittedError, match="No data permission is on record"):
        batches.begin(project, by=manager, listed=1)
    assert not ImportBatch.objects.exists()

    permit(project)
    assert batches.begin(project, by=manager, listed=1)


def test_the_command_line_imports_nothing_without_a_paper() -> None:
    project = make_project(permitted=False)

    with pytest.raises(NotPermittedError):
        call_command("import_images", str(imaged.MR), project=project.slug, stdout=StringIO())

    assert not ImportedFile.objects.exists()


def test_images_of_a_patient_who_withdrew_end_as_rejected_and_nothing_is_kept() -> None:
    project = make_project()
    first, second = imaged.mr_slices(2)
    (kept,) = imaged.take_in(first, project=project)
    withdraw(imaged.image_of(kept).series.subject)

    (refused,) = imaged.take_in(second, project=project)

    assert (refused.status, refused.reason_code) == ("rejected", "no_data_permission")
    assert "withdrawn" in refused.reason
    assert Series.objects.get().instances.count() == 1


def test_a_paper_that_lapses_during_an_import_ends_it_for_the_files_to_come() -> None:
    project = make_project()
    manager = imaged.make_manager(project)
    first, second = imaged.mr_slices(2)
    batch = ingest.begin(project, by=manager, listed=2)
    ingest.import_file(batch, number=1, path=first, by=manager)

    lapse(project)

    late = ingest.import_file(batch, number=2, path=second, by=manager)
    assert late.reason_code == "no_data_permission"


def test_a_held_image_is_neither_shown_nor_let_in_without_a_paper() -> None:
    held = imaged.make_held()
    manager = imaged.make_manager(held.project)
    lapse(held.project)

    with pytest.raises(NotPermittedError):
        quarantine.decide(held, by=manager, accept=True, reason="looked", version=held.version)

    page = f"/projects/{held.project.slug}/quarantine/{held.pk}/frames/0/"
    assert client_of(manager).get(page).status_code == 409
    held.refresh_from_db()
    assert held.is_undecided


@pytest.fixture
def opened() -> tuple[Series, User, list[str]]:
    """Return a real series, a reader of it, and every address under which it opens."""
    series = imaged.make_real_series(slices=1)
    reader = make_user(role=Role.ANNOTATOR, project=series.project)
    item = flow.make_item(project=series.project, annotator=reader, series=series)
    image = series.instances.get()
    slug = series.project.slug
    return (
        series,
        reader,
        [
            f"/api/series/{series.pk}/",
            f"/api/instances/{image.pk}/frames/0/",
            f"/api/series/{series.pk}/thumbnail/",
            f"/api/items/{item.pk}/",
            f"/projects/{slug}/items/{item.pk}/read/",
            f"/projects/{slug}/pictures/{image.pk}/0/",
        ],
    )


def statuses(client: Client, addresses: list[str]) -> list[int]:
    return [client.get(address).status_code for address in addresses]


def test_a_withdrawal_closes_every_door_to_the_subject_from_the_next_request_on(
    opened: tuple[Series, User, list[str]],
) -> None:
    series, reader, addresses = opened
    client = client_of(reader)
    assert statuses(client, addresses) == [200] * 6

    withdraw(series.subject)

    assert statuses(client, addresses) == [409] * 6
    frame = client.get(addresses[1])
    assert frame.json()["code"] == "no_data_permission"
    assert series.subject.code in frame.json()["message"]


def test_an_auditor_opens_no_more_than_a_reader(
    opened: tuple[Series, User, list[str]],
) -> None:
    series, _, addresses = opened
    auditor = client_of(make_user(role=Role.AUDITOR, project=series.project))

    lapse(series.project)

    assert statuses(auditor, addresses) == [409] * 6


def test_other_subjects_stay_open(opened: tuple[Series, User, list[str]]) -> None:
    series, reader, addresses = opened

    other = Subject.objects.create(
        project=series.project, number=9000, code="SUBJ-9000", key_hash="somebody"
    )
    withdraw(other)

    assert statuses(client_of(reader), addresses) == [200] * 6


def test_a_paper_of_another_project_opens_nothing_here(
    opened: tuple[Series, User, list[str]],
) -> None:
    series, reader, addresses = opened
    withdraw(series.subject)
    other = make_project()

    permit(other)

    assert statuses(client_of(reader), addresses) == [409] * 6


def _assign(item: Item) -> object:
    other = flow.make_member(Role.ANNOTATOR, item.project)
    manager = flow.make_member(Role.DATA_MANAGER, item.project)
    return assign.assign(item.series, annotator=other, by=manager)


def _draft(item: Item) -> object:
    return annotate.save_draft(item, by=item.annotator, content=b"{}")


def _submit(item: Item) -> object:
    return flow.submitted(item)


@pytest.mark.parametrize("act", [_assign, _draft, _submit])
def test_nobody_works_on_a_subject_that_withdrew(act: Callable[[Item], object]) -> None:
    item = flow.make_item()
    withdraw(item.series.subject)

    with pytest.raises(NotPermittedError):
        act(item)

    item.refresh_from_db()
    assert (item.state, item.version) == (Item.State.DRAFT, 1)


def test_nobody_decides_or_signs_about_a_subject_that_withdrew() -> None:
    handed_in, decided = flow.submitted(), flow.reviewed()
    confirmation = flow.confirmation(decided, flow.reviewer_of(decided))
    for item in (handed_in, decided):
        withdraw(item.series.subject)

    with pytest.raises(NotPermittedError):
        flow.reviewed(handed_in)
    with pytest.raises(NotPermittedError):
        review.sign(
            decided,
            by=flow.reviewer_of(decided),
            version=decided.version,
            confirmation=confirmation,
        )


def test_a_freeze_without_a_paper_is_refused() -> None:
    project = make_project()
    signed_item(project)
    lapse(project)

    with pytest.raises(NotPermittedError, match="expired"):
        freeze(project)

    assert not Snapshot.objects.exists()


def test_a_freeze_asks_for_its_own_purpose() -> None:
    project = make_project()
    signed_item(project)
    DataPermission.objects.update(purposes=["annotation", "sharing"])

    with pytest.raises(NotPermittedError, match="frozen datasets"):
        freeze(project)


def test_a_freeze_leaves_out_who_withdrew_and_keeps_the_rest() -> None:
    project = make_project()
    gone, kept = signed_item(project), signed_item(project)
    withdraw(gone.series.subject)

    frozen = freeze(project)

    assert [member.item_id for member in frozen.members.all()] == [kept.pk]

    withdraw(kept.series.subject)
    with pytest.raises(NothingToFreezeError):
        freeze(project)


def test_a_freeze_is_refused_where_a_subject_is_covered_by_nothing() -> None:
    project = make_project(permitted=False)
    permit(project, purposes=("annotation",))
    covered, bare = signed_item(project), signed_item(project)
    permit(project, subject_ref=covered.series.subject.ledger_ref)

    with pytest.raises(NotPermittedError, match=bare.series.subject.code):
        freeze(project)


def test_a_snapshot_that_holds_who_withdrew_does_not_leave() -> None:
    project = make_project()
    item = signed_item(project)
    frozen = freeze(project)
    export.export(frozen, format_name="coco", by="system:test")
    withdraw(item.series.subject)

    with pytest.raises(NotPermittedError, match=item.series.subject.code):
        export.export(frozen, format_name="coco", by="system:test")

    assert len(recorded("dataset.exported")) == 1
    (entry,) = recorded("permission.withdrawn")
    assert entry["payload"]["snapshots"] == [frozen.ledger_ref]


def test_an_unknown_frame_is_still_not_there() -> None:
    project = make_project()
    reader = client_of(make_user(role=Role.ANNOTATOR, project=project))

    assert reader.get(f"/api/instances/{uuid.uuid4()}/frames/0/").status_code == 404
