"""The chapters of the demo, in order; one that has been told is not told again."""

import csv
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

import ledger
from accounts import custody, data_permissions, devices
from accounts.models import DataPermission, Device, Facility, Role
from annotations import assign, ingest, protocols, quarantine, settle, snapshot
from annotations.management.demo import access, house, oversight, programs, readings, schooling
from annotations.management.demo.stage import Stage
from annotations.models import ImportedFile, Item, Protocol, Series, Snapshot
from annotations.split import Split

REPORTS = ("21cfr11", "hipaa_security")
WHY_ACCEPTED = "Looked at the whole radiograph: no writing in the pixels, no face, no label."


def machines(stage: Stage) -> None:
    """Register the reading workstation and move it to its room."""
    if Device.objects.exists():
        return
    with stage.cast.acting(Role.ADMINISTRATOR) as administrator:
        workstation = devices.register(
            asset_tag="WS-014",
            kind=Device.Kind.WORKSTATION,
            serial="DEMO-7C41-0014",
            place="Stock room",
            holder=None,
            by=administrator,
        )
        way = custody.hand_over(
            workstation,
            to=stage.cast[Role.ANNOTATOR],
            to_place="Reading room 2",
            facility=Facility.objects.filter(title=house.ROOM).first(),
            media_erased=True,
            by=administrator,
            reason="Set up for reading",
        )
    with stage.cast.acting(Role.ANNOTATOR) as annotator:
        custody.receive(way, by=annotator)


def protocol(stage: Stage) -> None:
    """Publish what is to be marked."""
    if Protocol.objects.filter(project=stage.project).exists():
        return
    with stage.cast.acting(Role.DATA_MANAGER) as manager:
        protocols.publish(
            stage.project,
            name="Chest and brain, first read",
            labels=readings.LABELS,
            by=manager,
        )


def permissions(stage: Stage) -> None:
    """Record on what ground the collection is used."""
    if stage.project.data_permissions.exists():
        return
    listed = (stage.images / "DEMO.csv").read_bytes()
    facts = data_permissions.Facts(
        basis=DataPermission.Basis.PUBLISHED.value,
        basis_reference="Published, de-identified test images; licences in MANIFEST.csv",
        ethics_approval="Not human subjects research, determination 2026-014",
        terms="Each file under the licence of its source; no attempt to identify anybody.",
        purposes=data_permissions.PURPOSES,
        valid_from=timezone.now().date(),
        expires_on=timezone.now().date() + timedelta(days=3 * 365),
        document_hash=ledger.sha256_hex(listed),
    )
    with stage.cast.acting(Role.DATA_MANAGER) as manager:
        data_permissions.record(stage.project, facts=facts, by=manager)


def images(stage: Stage) -> None:
    """Take in the real files and decide about those that are held back."""
    if Series.objects.filter(project=stage.project).exists():
        return
    with stage.cast.acting(Role.DATA_MANAGER) as manager:
        paths = list(_paths(stage.images))
        batch = ingest.begin(stage.project, by=manager, listed=len(paths))
        for number, path in enumerate(paths, start=1):
            ingest.import_file(batch, number=number, path=path, by=manager)
        ingest.finish(batch, by=manager)


def decisions(stage: Stage) -> None:
    """Accept the radiograph that waits in quarantine, with a reason; leave the others."""
    held = ImportedFile.objects.filter(project=stage.project).undecided()
    with stage.cast.acting(Role.DATA_MANAGER) as manager:
        for file in held:
            if settle.found_in(file).facts["modality"] != "CR":
                continue
            quarantine.decide(
                file, by=manager, accept=True, reason=WHY_ACCEPTED, version=file.version
            )


def assignments(stage: Stage) -> None:
    """Give every series to the annotator."""
    with stage.cast.acting(Role.DATA_MANAGER) as manager:
        for series in Series.objects.filter(project=stage.project, items__isnull=True):
            assign.assign(series, annotator=stage.cast[Role.ANNOTATOR], by=manager)


def reading(stage: Stage) -> None:
    """Accept three readings, return one, hand one in; leave the rest to do."""
    items = Item.objects.filter(project=stage.project).select_related("series", "project")
    if items.exclude(state=Item.State.DRAFT).exists():
        return
    cast, drawn = stage.cast, readings
    for item in items.filter(series__modality__in=("CR", "DX")):
        marks = drawn.radiograph_marks if item.series.modality == "CR" else drawn.side_marks
        done = drawn.submit(item, cast, marks(item.series.instances.get()))
        drawn.accept_and_sign(done, cast, stage.project)
    for item in items.filter(series__modality="CT", series__frames=1).order_by("created_at")[
        :1
    ]:
        drawn.accept_and_sign(drawn.submit(item, cast, ()), cast, stage.project)
    for item in items.filter(series__modality="CT", series__is_volume=True):
        drawn.submit(item, cast, drawn.head_marks(list(item.series.instances.all())))
    for item in items.filter(series__modality="MR", series__is_volume=True, series__frames=20):
        done = drawn.submit(item, cast, drawn.half_marks(list(item.series.instances.all())))
        drawn.reject(done, cast)


def frozen(stage: Stage) -> None:
    """Freeze what is accepted."""
    if Snapshot.objects.filter(project=stage.project).exists():
        return
    with stage.cast.acting(Role.DATA_MANAGER) as manager:
        snapshot.freeze(
            stage.project, name="First freeze", split=Split.parse("80:10:10"), by=manager
        )


def reports(stage: Stage) -> None:
    """Run the checks, which verify the record too, and report on what they found."""
    key = str(stage.project.pk)
    made = {report.catalogue for report in ledger.newest_reports(key)}
    missing = [catalogue for catalogue in REPORTS if catalogue not in made]
    if not missing:
        return
    stage.cast.sign_out()  # so that the reports see sessions that ended
    ledger.sign_and_anchor()  # and checkpoints that vouch for the end of each stream
    with stage.cast.acting(Role.REGULATORY) as regulatory:
        ledger.run_probes(by=regulatory)
        for catalogue in missing:
            ledger.make_report(catalogue, stream=key, by=regulatory)


CHAPTERS: tuple[Callable[[Stage], None], ...] = (
    lambda stage: house.places(stage.cast),
    machines,
    lambda stage: programs.programs(stage.project, stage.cast),
    lambda stage: programs.lockout(stage.cast),
    protocol,
    schooling.courses,
    schooling.completions,
    schooling.qualifications,
    images,
    decisions,
    assignments,
    reading,
    access.limits,
    access.review,
    frozen,
)


def tell(stage: Stage) -> None:
    """Tell what has not been told; a demo that reached its snapshot belongs to its users."""
    try:
        permissions(stage)  # a demo of an earlier version goes on working
        oversight.publish(stage.cast)
        oversight.attest(stage.cast)
        if not Snapshot.objects.filter(project=stage.project).exists():
            for chapter in CHAPTERS:
                chapter(stage)
        reports(stage)
    finally:
        stage.cast.sign_out()


def _paths(folder: Path) -> Iterator[Path]:
    """Yield the files that DEMO.csv lists; a folder stands for all that is in it."""
    with (folder / "DEMO.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            path = folder / row["path"]
            yield from sorted(path.iterdir()) if path.is_dir() else [path]
