"""Series, frames and thumbnails over HTTP."""

import uuid
from collections.abc import Callable

import numpy as np
import pytest
from django.test import Client

import ledger
from accounts.models import Role, User
from annotations.models import Series
from annotations.readers import open_image
from tests.annotations.imaged import make_real_series, mr_slices
from tests.factories import make_user, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]


def signed_in(user: User) -> Client:
    client = Client()
    sign_in(client, user)
    return client


def annotator_of(series: Series) -> Client:
    return signed_in(make_user(role=Role.ANNOTATOR, project=series.project))


def addresses(series: Series) -> list[str]:
    image = series.instances.first()
    assert image is not None
    return [
        f"/api/series/{series.pk}/",
        f"/api/series/{series.pk}/thumbnail/",
        f"/api/instances/{image.pk}/frames/0/",
    ]


def test_series_says_how_to_show_its_frames_in_order() -> None:
    series = make_real_series(slices=5)

    answer = annotator_of(series).get(f"/api/series/{series.pk}/")

    said = answer.json()
    assert answer.headers["Cache-Control"] == "no-store"
    assert (said["modality"], said["plane"], said["is_volume"]) == ("MR", "axial", True)
    assert (said["dtype"], said["samples"], len(said["frames"])) == ("int16", 1, 5)
    places = [frame["position"] for frame in said["frames"]]
    steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    assert np.allclose(steps, float(said["slice_spacing"]), rtol=0.02)
    assert {len(frame["orientation"]) for frame in said["frames"]} == {6}
    assert [frame["index"] for frame in said["frames"]] == list(range(5))


def test_frame_is_what_the_reader_decodes() -> None:
    series = make_real_series(slices=1)
    client = annotator_of(series)
    (frame,) = client.get(f"/api/series/{series.pk}/").json()["frames"]

    answer = client.get(frame["url"])

    shown = np.frombuffer(answer.content, "<i2").reshape(frame["rows"], frame["columns"])
    expected = open_image(mr_slices(1)[0]).modality_values(0)
    assert np.array_equal(shown, expected)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Cache-Control"] == "no-store"


def test_thumbnail_is_a_png() -> None:
    series = make_real_series(slices=1)

    answer = annotator_of(series).get(f"/api/series/{series.pk}/thumbnail/")

    assert answer.headers["Content-Type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")


@pytest.mark.parametrize("number", [1, 2**31, 10**30])
def test_frame_that_is_not_there_is_not_found(number: int) -> None:
    series = make_real_series(slices=1)
    image = series.instances.get()

    answer = annotator_of(series).get(f"/api/instances/{image.pk}/frames/{number}/")

    assert answer.status_code == 404


def test_strangers_learn_nothing() -> None:
    series = make_real_series(slices=1)
    stranger = signed_in(make_user(role=Role.ANNOTATOR))

    answers = [stranger.get(address) for address in addresses(series)]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    unknown = stranger.get(f"/api/series/{uuid.uuid4()}/")
    assert unknown.json() == answers[0].json()


def test_people_of_the_project_without_sight_of_images_are_refused() -> None:
    series = make_real_series(slices=1)
    regulatory = signed_in(make_user(role=Role.REGULATORY, project=series.project))

    answers = [regulatory.get(address) for address in addresses(series)]

    assert [answer.status_code for answer in answers] == [403, 403, 403]


def test_nobody_sees_images_without_signing_in() -> None:
    series = make_real_series(slices=1)

    answers = [Client().get(address) for address in addresses(series)]

    assert {answer.status_code for answer in answers} <= {401, 403}


def test_opening_a_series_is_recorded_once_for_each_session(
    seal_now: Callable[[], None],
) -> None:
    series = make_real_series(slices=1)
    reader = make_user(role=Role.ANNOTATOR, project=series.project)
    client = signed_in(reader)

    for _ in range(3):
        client.get(f"/api/series/{series.pk}/")
    signed_in(reader).get(f"/api/series/{series.pk}/")
    seal_now()

    views = [
        entry
        for entry in ledger.about(series.ledger_ref, stream=series.ledger_stream)
        if entry.event == "image.viewed"
    ]
    assert [view.actor for view in views] == [reader.ledger_ref] * 2
    assert views[0].payload["series_uid"] == series.series_uid


def test_frame_fetched_without_opening_its_series_is_recorded_as_a_view(
    seal_now: Callable[[], None],
) -> None:
    series = make_real_series(slices=1)
    image = series.instances.get()
    client = signed_in(make_user(role=Role.ANNOTATOR, project=series.project))

    for _ in range(2):
        assert client.get(f"/api/instances/{image.pk}/frames/0/").status_code == 200
    seal_now()

    entries = ledger.about(series.ledger_ref, stream=series.ledger_stream)
    assert [entry.event for entry in entries].count("image.viewed") == 1


def test_refused_look_is_no_view(seal_now: Callable[[], None]) -> None:
    series = make_real_series(slices=1)
    regulatory = signed_in(make_user(role=Role.REGULATORY, project=series.project))

    regulatory.get(f"/api/series/{series.pk}/")
    seal_now()

    entries = ledger.about(series.ledger_ref, stream=series.ledger_stream)
    assert "image.viewed" not in {entry.event for entry in entries}
