"""The demo's readings: what was drawn on the radiograph, what was decided and signed."""

import json
from collections.abc import Sequence

from django.conf import settings

from accounts import signing
from accounts.models import Project, Role
from annotations import annotate, review, signatures
from annotations.management.demo.people import Cast
from annotations.marks import Drawing, Mark, Viewed
from annotations.models import Instance, Item, Review
from annotations.protocols import Label

LABELS = (
    Label(value="3341006", scheme="SCT", meaning="Right lung", color=1, kinds=("polygon",)),
    Label(value="44029006", scheme="SCT", meaning="Left lung", color=2, kinds=("polygon",)),
    Label(value="80891009", scheme="SCT", meaning="Heart", color=3, kinds=("polygon", "box")),
    Label(value="12738006", scheme="SCT", meaning="Brain", color=5, kinds=("polygon", "box")),
    Label(value="4147007", scheme="SCT", meaning="Mass", color=4, kinds=("box", "polygon")),
)
RIGHT_LUNG = "168,38 150,44 130,62 110,86 94,120 82,165 75,215 70,265 66,315 64,360 66,398"
RIGHT_LUNG += " 100,372 140,352 172,346 186,340 190,300 192,250 190,200 188,150 184,110 186,75"
LEFT_LUNG = (
    "270,34 288,42 310,60 335,80 352,110 362,150 370,200 376,250 382,300 387,350 386,400"
)
LEFT_LUNG += " 384,430 340,424 290,408 262,392 250,370 248,330 246,280 246,205 246,150 250,120"
HEART = "180,205 296,378"
HEART_FROM_THE_SIDE = "68,79 126,142"
BRAIN_BEHIND = "12,33 52,55"
SLICE_BEHIND = 75  # of the 93, in the order of the volume
HALF_BRAIN = "50,117 62,85 89,70 118,82 126,90 124,150 126,180 121,202 95,200 74,187 60,160"
SLICE_HALF = 9
WHY_RETURNED = (
    "The outline follows the brain's edge well, but stops at the midline. "
    "Draw the other half too, so that the whole brain is in it."
)


def outline(tracking_id: str, label: str, kind: str, points: str, on: Instance) -> Mark:
    """Return a mark on the first frame of `on`; `points` reads "x,y x,y …" in pixels."""
    corners = [point.partition(",") for point in points.split()]
    return Mark(
        instance_uid=None,
        tracking_id=tracking_id,
        label=label,
        kind=kind,
        instance=on.pk,
        frame=0,
        points=tuple((x, y) for x, _, y in corners),
    )


def radiograph_marks(image: Instance) -> tuple[Mark, ...]:
    """Return the outlines of lungs and heart on the demo's chest radiograph."""
    return (
        outline("Right lung", "3341006", "polygon", RIGHT_LUNG, image),
        outline("Left lung", "44029006", "polygon", LEFT_LUNG, image),
        outline("Heart", "80891009", "box", HEART, image),
    )


def side_marks(image: Instance) -> tuple[Mark, ...]:
    """Return the box around the heart on the demo's radiograph from the side."""
    return (outline("Heart", "80891009", "box", HEART_FROM_THE_SIDE, image),)


def head_marks(images: Sequence[Instance]) -> tuple[Mark, ...]:
    """Return the box around the back of the brain in the demo's CT of a head."""
    image = images[SLICE_BEHIND]
    return (outline("Brain", "12738006", "box", BRAIN_BEHIND, image),)


def half_marks(images: Sequence[Instance]) -> tuple[Mark, ...]:
    """Return an outline on the demo's MR that leaves out one half of the brain."""
    image = images[SLICE_HALF]
    return (outline("Brain", "12738006", "polygon", HALF_BRAIN, image),)


def submit(item: Item, cast: Cast, marks: Sequence[Mark]) -> Item:
    """Hand the reading in as the annotator, having seen every frame."""
    image = item.series.instances.all()[0]
    center, width = json.loads(image.facts)["window"]
    viewed = Viewed(
        window=(center, width),
        zoom="1.5",
        frames_seen=tuple(range(item.series.frames)),
        milliseconds=41_000,
    )
    drawing = Drawing(marks=tuple(marks), nothing_to_mark=not marks, viewed=viewed)
    with cast.acting(Role.ANNOTATOR) as annotator:
        return annotate.submit(item, by=annotator, version=item.version, drawing=drawing).item


def accept_and_sign(item: Item, cast: Cast, project: Project) -> None:
    """Accept the reading as the reviewer and sign for it."""
    with cast.acting(Role.REVIEWER) as reviewer:
        verdict = review.Verdict(decision=Review.Decision.ACCEPT)
        item = review.decide(item, by=reviewer, version=item.version, verdict=verdict)
        request = signing.issue(
            by=reviewer,
            items=signatures.to_sign(item).items,
            meaning="review",
            statement=signatures.STATEMENTS["review"],
            stream=f"{settings.LEDGER_SITE}/ledger/p/{project.pk}",
        )
        confirmation = signing.confirm(
            request,
            by=reviewer,
            identifier=reviewer.email,
            password=cast.passwords[Role.REVIEWER],
        )
        review.sign(item, by=reviewer, version=item.version, confirmation=confirmation)


def reject(item: Item, cast: Cast) -> None:
    """Return the reading to its annotator with the reviewer's words."""
    with cast.acting(Role.REVIEWER) as reviewer:
        verdict = review.Verdict(decision=Review.Decision.REJECT, reason=WHY_RETURNED)
        review.decide(item, by=reviewer, version=item.version, verdict=verdict)
