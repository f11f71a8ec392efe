"""Snapshot pages: freeze, check and export, and who may."""

import pytest

from accounts.models import Role
from annotations import snapshot
from annotations.models import Item
from annotations.split import Split
from tests.annotations.flow import make_member, signed
from tests.annotations.web.addresses import page
from tests.factories import client_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_manager_freezes_and_exports_and_the_page_says_so() -> None:
    item = Item.objects.get(pk=signed().item_id)
    client = client_of(make_member(Role.DATA_MANAGER, item.project))

    frozen = client.post(page("snapshots", item.project), {"name": "", "split": "80:10:10"})
    shown = client.get(frozen["Location"], {"check": "1"}).content.decode()
    pk = item.project.snapshots.get().pk
    archive = client.post(page("export", item.project, pk, "coco"))

    assert item.series.subject.code in shown
    assert "1 of 1 match" in shown
    assert archive["Content-Type"] == "application/zip"
    assert "COCO, 3 files" in client.get(frozen["Location"]).content.decode()


def test_a_wrong_split_is_refused_with_what_to_write() -> None:
    item = Item.objects.get(pk=signed().item_id)
    client = client_of(make_member(Role.DATA_MANAGER, item.project))

    answer = client.post(page("snapshots", item.project), {"name": "", "split": "80:30:10"})

    assert answer.status_code == 422
    assert "80:10:10" in answer.content.decode()


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.REGULATORY, Role.AUDITOR])
def test_others_neither_freeze_nor_export(role: str) -> None:
    item = Item.objects.get(pk=signed().item_id)
    manager = make_member(Role.DATA_MANAGER, item.project)
    one = snapshot.freeze(item.project, name="", split=Split(80, 10, 10), by=manager)
    client = client_of(make_member(role, item.project))

    freezing = client.post(page("snapshots", item.project), {"name": "", "split": "80:10:10"})
    exporting = client.post(page("export", item.project, one.pk, "coco"))

    assert (freezing.status_code, exporting.status_code) == (403, 403)
