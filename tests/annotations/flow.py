"""Make readings in every state, through the workflows that lead there."""

import hashlib
import uuid
from dataclasses import replace
from itertools import count
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts import signing
from accounts.models import Project, Role, User
from annotations import annotate, assign, protocols, review, signatures
from annotations.marks import Drawing, Mark, Viewed
from annotations.models import Instance, Item, Protocol, Series, Signature, Subject
from annotations.protocols import Label
from tests.factories import PASSWORD, give_role, make_project, make_user

_numbers = count(1)
MASS = Label(value="4147007", scheme="SCT", meaning="Mass", color=1, kinds=("box", "polygon"))
LUNG = Label(value="39607008", scheme="SCT", meaning="Lung", color=2, kinds=("polygon",))
VIEWED = Viewed(window=("40", "400"), zoom="1.5", frames_seen=(0,), milliseconds=41_235)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def make_member(role: str, project: Project) -> User:
    return make_user(role=role, project=project)


def make_protocol(project: Project | None = None, *labels: Label) -> Protocol:
    project = project or make_project()
    manager = make_member(Role.DATA_MANAGER, project)
    return protocols.publish(project, name="Chest", labels=labels or (MASS, LUNG), by=manager)


def make_subject(project: Project) -> Subject:
    number = next(_numbers)
    return Subject.objects.create(
        project=project, number=number, code=f"SUBJ-{number:04}", key_hash=sha(f"s{number}")
    )


def make_series(
    project: Project | None = None, *, subject: Subject | None = None, images: int = 1
) -> Series:
    """Make a series of `images` single-frame images, 512 columns by 256 rows."""
    project = project or make_project()
    number = next(_numbers)
    series = Series.objects.create(
        project=project,
        subject=subject or make_subject(project),
        study_uid=f"2.25.{number}",
        series_uid=f"2.25.{number}.1",
        modality="CR",
        title="Chest CR",
        created_at=timezone.now(),
        frames=images,
    )
    for order in range(images):
        _make_instance(series, order)
    return series


def _make_instance(series: Series, order: int) -> Instance:
    number = next(_numbers)
    return Instance.objects.create(
        project=series.project,
        series=series,
        order=order,
        sop_uid=f"2.25.{number}.2",
        input_digest=sha(f"i{number}"),
        file_sha256=sha(f"f{number}"),
        pixel_sha256=sha(f"p{number}"),
        rows=256,
        columns=512,
        frames=1,
        facts="{}",
        renditions=[],
        thumbnail=sha("t"),
        created_at=timezone.now(),
    )


def make_item(
    *,
    project: Project | None = None,
    annotator: User | None = None,
    series: Series | None = None,
) -> Item:
    """Make an item that waits to be read."""
    project = project or (series.project if series else make_project())
    if not project.protocols.exists():
        make_protocol(project)
    annotator = annotator or make_member(Role.ANNOTATOR, project)
    series = series or make_series(project)
    return assign.assign(
        series, annotator=annotator, by=make_member(Role.DATA_MANAGER, project)
    )


def make_items(project: Project, *, annotator: User, count: int) -> list[Item]:
    """Make many items that wait for one annotator, handed out by one manager."""
    make_protocol(project)
    manager = make_member(Role.DATA_MANAGER, project)
    return [
        assign.assign(make_series(project), annotator=annotator, by=manager)
        for _ in range(count)
    ]


def box(item: Item, **changed: Any) -> Mark:
    """Draw a box of 10 by 20 pixels on the first image of the item."""
    instance = item.series.instances.first()
    assert instance is not None
    mark = Mark(
        instance_uid=uuid.uuid4(),
        tracking_id="Lesion 1",
        label=MASS.value,
        kind="box",
        instance=instance.pk,
        frame=0,
        points=(("10", "20"), ("20", "40")),
    )
    return replace(mark, **changed)


def drawing(*marks: Mark) -> Drawing:
    return Drawing(marks=marks, nothing_to_mark=not marks, viewed=VIEWED)


def submitted(item: Item | None = None, *marks: Mark) -> Item:
    item = item or make_item()
    sealed = annotate.submit(
        item,
        by=item.annotator,
        version=item.version,
        drawing=drawing(*(marks or (box(item),))),
    )
    return sealed.item


def reviewed(
    item: Item | None = None, *, decision: str = "accept", by: User | None = None, **said: Any
) -> Item:
    """Make an item that a reviewer has decided about."""
    item = item or submitted()
    reviewer = by or make_member(Role.REVIEWER, item.project)
    verdict = review.Verdict(decision=decision, **said)
    return review.decide(item, by=reviewer, version=item.version, verdict=verdict)


def confirmation(item: Item, by: User, meaning: str = "review") -> signing.Confirmation:
    """Answer a fresh request to sign the item with the right password."""
    request = signing.issue(
        by=by,
        items=signatures.to_sign(item).items,
        meaning=meaning,
        statement=signatures.STATEMENTS[meaning],
        stream=f"{settings.LEDGER_SITE}/ledger/p/{item.project_id}",
    )
    return signing.confirm(request, by=by, identifier=by.email, password=PASSWORD)


def reviewer_of(item: Item) -> User:
    assert item.reviewer is not None
    return item.reviewer


def signed(item: Item | None = None) -> Signature:
    """Make an item accepted: submitted, reviewed and signed."""
    item = item or reviewed()
    return review.sign(
        item,
        by=reviewer_of(item),
        version=item.version,
        confirmation=confirmation(item, reviewer_of(item)),
    )


def reader_in(project: Project) -> User:
    """Make somebody who annotates and reviews in the project."""
    user = make_member(Role.ANNOTATOR, project)
    give_role(user, role=Role.REVIEWER, project=project)
    return user
