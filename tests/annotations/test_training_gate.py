"""No current training, no images: every act on images asks first."""

from collections.abc import Callable

import pytest

from accounts import training
from accounts.errors.training import TrainingNotCurrentError
from accounts.models import Role
from annotations import annotate, review, viewing
from annotations.models import Item
from tests.accounts.recorded import recorded
from tests.accounts.trained import asked, passed
from tests.annotations.flow import confirmation, drawing, make_item, reviewed, submitted
from tests.factories import client_of, make_administrator, make_user

pytestmark = pytest.mark.django_db


def draft(item: Item) -> None:
    annotate.save_draft(item, by=item.annotator, content=b"{}")


def submit(item: Item) -> None:
    annotate.submit(item, by=item.annotator, version=item.version, drawing=drawing())


def look(item: Item) -> None:
    viewing.open_series(item.series, by=item.annotator, session="s")


def scroll(item: Item) -> None:
    viewing.open_frames(item.series_id, project=item.project_id, by=item.annotator, session="s")


ACTS: dict[str, Callable[[Item], None]] = {
    "draft": draft,
    "submit": submit,
    "look": look,
    "scroll": scroll,
}


@pytest.mark.parametrize("act", ACTS)
def test_readers_without_training_are_refused_and_with_it_go_on(act: str) -> None:
    item = make_item()
    version = asked(item.project)
    before = len(recorded())

    with pytest.raises(TrainingNotCurrentError):
        ACTS[act](item)
    assert len(recorded()) == before

    passed(item.annotator, version)
    ACTS[act](item)


def test_reviewers_neither_decide_nor_sign_nor_reopen_without_training() -> None:
    item = submitted()
    reviewer = make_user(role=Role.REVIEWER, project=item.project)
    done = passed(reviewer, asked(item.project, role=Role.REVIEWER))
    verdict = review.Verdict(decision="accept")
    item = reviewed(item, by=reviewer)
    answer = confirmation(item, reviewer)
    training.withdraw(done, by=make_administrator(), reason="mistaken")

    with pytest.raises(TrainingNotCurrentError):
        review.decide(item, by=reviewer, version=item.version, verdict=verdict)
    with pytest.raises(TrainingNotCurrentError):
        review.sign(item, by=reviewer, version=item.version, confirmation=answer)
    with pytest.raises(TrainingNotCurrentError):
        review.reopen(item, by=reviewer, version=item.version, reason="look again")


def test_the_room_and_the_frames_say_which_course_and_how_to_mend_it() -> None:
    item = make_item()
    asked(item.project)
    client = client_of(item.annotator)

    room = client.get(f"/projects/{item.project.slug}/items/{item.pk}/read/")
    series = client.get(f"/api/series/{item.series_id}/")
    thumbnail = client.get(f"/api/series/{item.series_id}/thumbnail/")

    assert room.status_code == series.status_code == thumbnail.status_code == 409
    said = room.content.decode()
    assert "is not on your record" in said
    assert 'href="/training/mine/"' in said
    assert series.json()["code"] == "training_not_current"
    assert recorded("access.refused")[-1]["payload"]["rule"] == "training_not_current"
