"""A project with one of everything that an address can name, and people to try them."""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts import alerts, custody, data_permissions, emergency, erasure, holds
from accounts.erasure_rules import Wanted
from accounts.models import IdentityLink, Project, Role, User
from annotations import snapshot
from annotations.models import Item
from annotations.split import Split
from ledger.bundle.models import Bundle
from ledger.evidence import making, probing
from ledger.models import Stream, VerificationRun
from tests.accounts import breaking, erasing, places, reviewing, trained
from tests.accounts.papers import attested, publish
from tests.annotations import flow, imaged
from tests.factories import (
    make_device,
    make_project,
    make_session,
    make_token,
    make_user,
    permit,
)


@dataclass(kw_only=True)
class World:
    """The project, who holds which role in it, and what stands in each address."""

    project: Project
    people: dict[str, User]
    arguments: dict[str, dict[str, Any]] = field(default_factory=dict)

    def arguments_of(self, route: str, names: set[str]) -> dict[str, Any]:
        """Return what fills the places `names` of a route's address."""
        known: dict[str, Any] = {
            "slug": self.project.slug,
            "key": str(self.project.pk),
            "seq": 0,
            "number": 1 if route.endswith("import_file") else 0,
            "frame": 0,
            "name": "coco",
        }
        known |= self.arguments.get(route, {})
        return {name: known[name] for name in names}


def make_world() -> World:
    """Make everything through the workflows; somebody else owns nothing of it."""
    project = make_project()
    people = {role: make_user(role=role, project=project) for role in Role.values}
    world = World(project=project, people=people)
    _add_accounts(world)
    _add_training(world)
    _add_oversight(world)
    _add_images(world)
    _add_erasure(world)
    _add_emergency(world)
    _add_access_review(world)
    _add_readings(world)
    _add_permissions(world)
    _seal()
    _add_verification()
    _add_report(world)
    _add_bundle(world)
    world.arguments["ledger:check_file"] = {"name": "verify.py"}
    return world


def _name(world: World, pk: uuid.UUID, *routes: str) -> None:
    for route in routes:
        world.arguments[route] = {"pk": pk}


def _add_accounts(world: World) -> None:
    person = make_user()
    colleague = make_user(role=Role.ANNOTATOR, project=make_project())
    device = make_device(by=world.people[Role.ADMINISTRATOR])
    on_people = ("person", "grant_role", "replace_password", "close_access")
    _name(world, person.pk, *(f"accounts:{name}" for name in on_people))
    _name(world, colleague.memberships.get().pk, "accounts:end_role")
    _name(world, make_session(person).pk, "accounts:end_session")
    link = IdentityLink.objects.create(
        user=person, issuer="https://id.example.org", subject_hash="0" * 64, reason="x"
    )
    _name(world, person.pk, "accounts:link_identity")
    _name(world, link.pk, "accounts:unlink_identity")
    token, _ = make_token()
    on_services = ("service", "issue_token", "hand_over_service", "close_service")
    _name(world, token.service_id, *(f"accounts:{name}" for name in on_services))
    _name(world, token.pk, "accounts:revoke_token")
    told = alerts.raise_("lockout", about=person.ledger_ref)
    _name(world, told.pk, "accounts:answer_alert")
    on_devices = ("device", "bind_device", "move_device", "confirm_device", "device_browser")
    _name(world, device.pk, *(f"accounts:{name}" for name in on_devices))
    _name(world, world.project.pk, "accounts:device_policy")
    world.arguments["accounts:device_act"] = {"pk": device.pk, "name": "lost"}
    way = custody.hand_over(
        make_device(holder=person),
        to=make_user(),
        to_place="Room 2",
        media_erased=True,
        by=person,
        reason="made for a test",
    )
    _name(world, way.pk, "accounts:receive_device", "accounts:withdraw_device")
    _add_places(world)


def _add_places(world: World) -> None:
    place = places.make_facility()
    on_places = ("facility", "change_facility", "attest_facility", "log_facility", "ask_range")
    _name(world, place.pk, *(f"accounts:{name}" for name in on_places))
    asked = places.ask_range(place, "192.0.2.64/27")
    on_ranges = ("remove_range", "approve_range", "decline_range")
    _name(world, asked.pk, *(f"accounts:{name}" for name in on_ranges))


def _add_training(world: World) -> None:
    """Let another project ask for a course that somebody passed, who holds a qualification."""
    person = make_user()
    version = trained.asked(make_project())
    asked = version.requirements.get()
    on_course = ("course", "publish_course", "require_training")
    _name(world, version.course_id, *(f"accounts:{name}" for name in on_course))
    _name(world, asked.pk, "accounts:end_requirement")
    _name(world, trained.passed(person, version).pk, "accounts:withdraw_training")
    on_held = ("verify_qualification", "withdraw_qualification")
    held = trained.qualified(person)
    _name(world, held.pk, *(f"accounts:{name}" for name in on_held))
    _name(world, person.pk, "accounts:person_training", "accounts:record_qualification")


def _add_oversight(world: World) -> None:
    """One policy is in force, which nobody acknowledged yet, and one statement is attested."""
    by = world.people[Role.REGULATORY]
    version = publish(by=by, roles=tuple(Role.values))
    _name(world, version.pk, "accounts:policy", "accounts:acknowledge")
    said = attested(by=by)
    _name(world, said.pk, "accounts:attestation", "accounts:sign_attestation")


def _add_images(world: World) -> None:
    manager = world.people[Role.DATA_MANAGER]
    held, seen = imaged.take_in(
        imaged.HELD, *imaged.mr_slices(1), project=world.project, by=manager
    )
    image = imaged.image_of(seen)
    on_held = ("quarantine_item", "quarantine_frame", "quarantine_thumbnail")
    _name(world, held.pk, *(f"annotations:{name}" for name in on_held))
    on_batch = ("import_batch", "import_end", "import_list")
    _name(world, held.batch_id, *(f"annotations:{name}" for name in on_batch))
    _name(world, held.batch_id, "annotations-api:import", "annotations-api:import_file")
    _name(world, image.series_id, "annotations-api:series", "annotations-api:thumbnail")
    _name(world, image.pk, "annotations-api:frame", "annotations:picture")


def _add_permissions(world: World) -> None:
    """One paper stands beside the collection's own, and one subject withdrew."""
    by = world.people[Role.DATA_MANAGER]
    paper = permit(world.project, by=by)
    on_paper = ("permission", "withdraw_permission")
    _name(world, paper.pk, *(f"annotations:{name}" for name in on_paper))
    gone = data_permissions.withdraw_subject(
        world.project,
        subject_ref=flow.make_subject(world.project).ledger_ref,
        by=by,
        reason="the person asked",
    )
    _name(world, gone.pk, "annotations:withdrawal")


def _add_emergency(world: World) -> None:
    """Somebody from elsewhere broke the glass, and gave it back."""
    access = breaking.broken(world.project.subjects.earliest("number"))
    emergency.give_back(access, by=access.person)
    on_access = ("emergency", "sign_emergency", "end_emergency", "review_emergency")
    _name(world, access.pk, *(f"accounts:{name}" for name in on_access))
    _name(world, access.pk, "annotations:emergency_images")
    image = uuid.uuid4()
    world.arguments["annotations:emergency_picture"] = {"pk": access.pk, "image": image}


def _add_access_review(world: World) -> None:
    """Everybody's access was reviewed and kept."""
    review = reviewing.completed(world.people[Role.ADMINISTRATOR])
    _name(world, review.pk, "accounts:access_review", "accounts:sign_access_review")


def _add_erasure(world: World) -> None:
    """One hold stands, and one request about a patient's key waits for a second person."""
    by = world.people[Role.REGULATORY]
    hold = holds.place(
        world.project,
        scope=holds.Scope(covers="subject", subject_ref="tests.thing:1"),
        by=by,
        reason="a claim is pending",
    )
    on_hold = ("hold", "ask_to_lift", "lift_hold")
    _name(world, hold.pk, *(f"accounts:{name}" for name in on_hold))
    patient = world.project.subjects.get()
    asked = erasure.prepare(
        world.project,
        wanted=Wanted(kind="subject_key", subject_ref=patient.ledger_ref),
        is_duty=True,
        basis="GDPR Art. 17(1)(b)",
        by=by,
        reason="the person asked",
    )
    erasure.ask(asked, by=by, confirmation=erasing.confirmed(asked, by))
    on_erasure = ("erasure", "sign_erasure", "decline_erasure", "carry_out")
    _name(world, asked.pk, *(f"accounts:{name}" for name in on_erasure))


def _add_readings(world: World) -> None:
    """One reading waits for the annotator, one for the reviewer's signature, one is frozen."""
    item, other = _assigned(world), _assigned(world)
    on_item = ("record", "read", "take_up")
    _name(world, item.pk, *(f"annotations:{name}" for name in on_item))
    calls = ("item", "draft", "submit", "review")
    _name(world, item.pk, *(f"annotations-api:{name}" for name in calls))
    waiting = flow.reviewed(flow.submitted(other), by=world.people[Role.REVIEWER])
    _name(world, waiting.pk, "annotations:sign", "annotations:reopen")
    flow.signed(flow.reviewed(flow.submitted(_assigned(world))))
    frozen = snapshot.freeze(
        world.project,
        name="",
        split=Split.parse("80:10:10"),
        by=world.people[Role.DATA_MANAGER],
    )
    _name(world, frozen.pk, "annotations:snapshot", "annotations:export")


def _assigned(world: World) -> Item:
    return flow.make_item(project=world.project, annotator=world.people[Role.ANNOTATOR])


def _seal() -> None:
    """Fire the commit-time triggers of a test that never commits."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _add_verification() -> None:
    """Let one be under way, and the checks too: a second one waits, and no thread works."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", probing.LOCK)
    assert Stream.objects.exists()
    now = timezone.now()
    VerificationRun.objects.create(
        status=VerificationRun.Status.RUNNING,
        started_by=making.MAKER,
        started_at=now,
        beat_at=now,
    )


def _add_report(world: World) -> None:
    key = str(world.project.pk)
    asked = making.request(
        "21cfr11", stream_key=key, period=making.whole_period(key), by=making.MAKER
    )
    _seal()
    report = making.carry_out(asked)
    on_report = ("report", "finish", "pdf", "json")
    _name(world, report.pk, *(f"evidence:{name}" for name in on_report))


def _add_bundle(world: World) -> None:
    """Let one be kept; making one takes a moment that is committed, which no test here has."""
    now = timezone.now()
    bundle = Bundle.objects.create(
        stream_key=str(world.project.pk),
        requested_by=making.MAKER,
        requested_at=now,
        beat_at=now,
        state=Bundle.State.MADE,
        made_at=now,
        sha256="ab" * 32,
        size=4,
        file_until=now + timedelta(days=1),
    )
    path = Path(bundle.file_path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"file")
    _name(world, bundle.pk, "ledger:bundle", "ledger:bundle_file")
