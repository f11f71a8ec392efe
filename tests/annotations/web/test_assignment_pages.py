"""Assignment and protocol pages: what a data manager hands out."""

import pytest

from accounts.models import Role
from annotations.models import Item
from tests.annotations.flow import make_member, make_protocol, make_series
from tests.annotations.web.addresses import page
from tests.factories import client_of, make_project

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_manager_assigns_several_series_at_once() -> None:
    project = make_project()
    make_protocol(project)
    annotator = make_member(Role.ANNOTATOR, project)
    series = [make_series(project) for _ in range(3)]
    client = client_of(make_member(Role.DATA_MANAGER, project))

    answer = client.post(
        page("assignments", project),
        {"annotator": str(annotator.pk), "series": [str(one.pk) for one in series]},
    )

    assert answer.status_code == 302
    assert Item.objects.filter(annotator=annotator).count() == 3


def test_series_of_another_project_are_not_assigned() -> None:
    project = make_project()
    make_protocol(project)
    annotator = make_member(Role.ANNOTATOR, project)
    client = client_of(make_member(Role.DATA_MANAGER, project))

    answer = client.post(
        page("assignments", project),
        {"annotator": str(annotator.pk), "series": [str(make_series().pk)]},
    )

    assert answer.status_code == 422
    assert not Item.objects.exists()


def test_a_manager_publishes_a_protocol_from_lines() -> None:
    project = make_project()
    client = client_of(make_member(Role.DATA_MANAGER, project))
    lines = "4147007 | SCT | Mass | both\n39607008 | SCT | Lung | polygon"

    answer = client.post(page("protocol", project), {"name": "Chest", "labels": lines})
    wrong = client.post(page("protocol", project), {"name": "Chest", "labels": "Mass"})

    assert answer.status_code == 302
    assert [label["meaning"] for label in project.protocols.get().labels] == ["Mass", "Lung"]
    assert wrong.status_code == 422
