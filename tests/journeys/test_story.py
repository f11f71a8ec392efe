"""The main job, end to end: from files to a proven, frozen dataset, by seven people."""

import io
import json
import os
import re
import zipfile
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from playwright.sync_api import Browser, expect

from accounts.models import Project, Role, User
from tests.annotations.flow import LUNG, MASS, make_protocol
from tests.factories import make_project, make_user
from tests.journeys import acts, images
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HELD_BECAUSE = "Looked at the whole radiograph: no writing in the pixels."
LUNG_CORNERS = [(0.36, 0.25), (0.45, 0.3), (0.46, 0.6), (0.38, 0.7), (0.33, 0.5)]
HEART_CORNERS = [(0.48, 0.45), (0.6, 0.68)]
ALTERED = 3  # the entry that somebody will change behind the application's back


class Cast:
    """One person for each role in one project."""

    def __init__(self) -> None:
        self.project: Project = make_project(slug="chest", name="Chest and brain")
        make_protocol(self.project, MASS, LUNG)
        self.by_role: dict[str, User] = {
            role: make_user(role=role, project=_scope(role, self.project), printed_name=name)
            for role, name in (
                (Role.ADMINISTRATOR, "Ines Moreau"),
                (Role.DATA_MANAGER, "Samir Haddad"),
                (Role.ANNOTATOR, "Ana Lima"),
                (Role.REVIEWER, "Jonas Berg"),
                (Role.REGULATORY, "Ruth Okafor"),
                (Role.AUDITOR, "Piotr Zielak"),
            )
        }


def _scope(role: str, project: Project) -> Project | None:
    return None if role == Role.ADMINISTRATOR else project


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return Cast()


def images_come_in(chromium: Browser, address: str, cast: Cast) -> None:
    slug = cast.project.slug
    with Visitor(chromium, address, cast.by_role[Role.DATA_MANAGER]) as manager:
        manager.picture("home-data-manager")
        acts.upload(manager, slug, images.ALL)
        acts.accept_held(manager, slug, HELD_BECAUSE)
        manager.go(f"/projects/{slug}/images/")
        manager.picture("images")
        acts.publish_protocol(manager, slug)
        acts.assign_everything(manager, slug, cast.by_role[Role.ANNOTATOR])
        assert manager.faults == []


def annotator_reads(chromium: Browser, address: str, cast: Cast) -> None:
    slug = cast.project.slug
    with Visitor(chromium, address, cast.by_role[Role.ANNOTATOR]) as annotator:
        page = annotator.page
        annotator.picture("home-annotator")
        annotator.go(f"/projects/{slug}/worklist/")
        annotator.picture("worklist")
        acts.open_reading(annotator, slug, "radiograph|Chest CR|CR")
        acts.draw(page, "polygon", LUNG_CORNERS)
        acts.draw(page, "box", HEART_CORNERS)
        expect(page.locator("#reading")).to_have_attribute("data-marks", "2")
        expect(page.locator("#reading")).to_have_attribute("data-draft", "saved")
        annotator.picture("reading-radiograph")
        page.reload()  # the draft survives
        page.locator("#reading[data-ready]").wait_for(timeout=acts.LONG)
        expect(page.locator("#reading")).to_have_attribute("data-marks", "2")
        acts.submit(annotator)
        acts.open_reading(annotator, slug, "20 slices")
        page.locator("[data-el=stage]").focus()
        for _ in range(20):
            page.keyboard.press("ArrowDown")
        expect(page.locator("#reading")).to_have_attribute("data-slice", "20")
        annotator.picture("reading-brain")
        acts.draw(page, "box", [(0.4, 0.4), (0.5, 0.5)])
        acts.submit(annotator)
        assert annotator.faults == []


def reviewer_decides(chromium: Browser, address: str, cast: Cast) -> None:
    slug = cast.project.slug
    with Visitor(chromium, address, cast.by_role[Role.REVIEWER]) as reviewer:
        page = reviewer.page
        reviewer.picture("home-reviewer")
        reviewer.go(f"/projects/{slug}/reviews/")
        reviewer.picture("reviews")
        open_review(reviewer, slug, "20 slices")
        acts.decide(reviewer, "reject", "The box leaves out the ventricle.")
        open_review(reviewer, slug, "radiograph|CR")
        reviewer.picture("review")
        acts.decide(reviewer, "accept")
        reviewer.picture("sign")
        acts.sign(reviewer, password="not my password")
        expect(page.get_by_text("Nothing was signed")).to_be_visible()
        reviewer.picture("sign-refused")
        acts.sign(reviewer)
        expect(page.get_by_text("Jonas Berg").first).to_be_visible()
        reviewer.picture("record")
        assert reviewer.faults == []


def open_review(reviewer: Visitor, slug: str, title: str) -> None:
    page = reviewer.page
    reviewer.go(f"/projects/{slug}/reviews/")
    row = page.get_by_role("row", name=re.compile(title))
    row.get_by_role("link", name=re.compile("^Review")).click()
    page.locator("#reading[data-ready]").wait_for(timeout=acts.LONG)


def manager_freezes(chromium: Browser, address: str, cast: Cast) -> list[dict[str, Any]]:
    slug = cast.project.slug
    with Visitor(chromium, address, cast.by_role[Role.DATA_MANAGER]) as manager:
        page = manager.page
        manager.go(f"/projects/{slug}/snapshots/")
        page.get_by_label(re.compile("^Name")).fill("First freeze")
        page.get_by_role("button", name=re.compile("^Freeze")).click()
        page.wait_for_url(re.compile(r"/snapshots/[0-9a-f-]+/"))
        manager.picture("snapshot")
        with page.expect_download() as download:
            page.get_by_role("button", name=re.compile("^Export")).first.click()
        path = download.value.path()
        manager.go(f"/projects/{slug}/snapshots/")
        manager.picture("snapshots")
        assert manager.faults == []
        return exported(path.read_bytes())


def exported(content: bytes) -> list[dict[str, Any]]:
    """Return the COCO files of an export, one for each subset."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [
            json.loads(archive.read(name))
            for name in archive.namelist()
            if name.endswith(("train.json", "validation.json", "test.json"))
        ]


def regulatory_reports(chromium: Browser, address: str, cast: Cast) -> None:
    with Visitor(chromium, address, cast.by_role[Role.REGULATORY]) as regulatory:
        page = regulatory.page
        regulatory.picture("home-regulatory")
        regulatory.go("/ledger/")
        regulatory.picture("ledger")
        page.get_by_role("link", name=re.compile(r"^#\d")).first.click()
        regulatory.picture("entry")
        for key in ("21cfr11", "hipaa_security"):
            regulatory.go("/evidence/new/")
            page.locator(f"input[name=catalogue][value='{key}']").check()
            regulatory.picture("report-maker")
            page.get_by_role("button", name="Make the report").click()
            link = page.get_by_role("link", name="PDF with data")
            expect(link).to_be_visible(timeout=acts.LONG)
            regulatory.picture(f"report-{key}")
            with page.expect_download() as download:
                link.click()
            assert download.value.path().read_bytes().startswith(b"%PDF-")
        regulatory.go("/evidence/")
        regulatory.picture("reports")
        assert regulatory.faults == []


def administrator_manages(chromium: Browser, address: str, cast: Cast) -> None:
    with Visitor(chromium, address, cast.by_role[Role.ADMINISTRATOR]) as administrator:
        page = administrator.page
        administrator.picture("home-administrator")
        administrator.go("/people/")
        administrator.picture("people")
        administrator.go("/devices/new/")
        page.get_by_label(re.compile("tag", re.IGNORECASE)).fill("WS-014")
        page.get_by_label(re.compile("serial", re.IGNORECASE)).fill("SN-7C41-0014")
        page.get_by_label(re.compile("place|where", re.IGNORECASE)).first.fill("Stock room")
        administrator.picture("device-new")
        page.get_by_role("button", name="Put it on the inventory").click()
        move = page.locator("form.move")
        move.locator("input[name=to_place]").fill("Reading room 2")
        move.get_by_label("Why").fill("Set up for reading")
        page.get_by_role("button", name="Record the movement").click()
        expect(page.get_by_text("Reading room 2").first).to_be_visible()
        administrator.picture("devices")
        with Visitor(chromium, address, cast.by_role[Role.AUDITOR]) as auditor:
            auditor.picture("home-auditor")
            administrator.go("/sessions/")
            administrator.picture("sessions")
            row = page.get_by_role("row", name=re.compile("Piotr Zielak"))
            row.get_by_role("button", name="End").click()
            auditor.go("/")
            assert "/locked/" in auditor.page.url
            auditor.picture("locked")
        assert administrator.faults == []


def tampering_shows(chromium: Browser, address: str, cast: Cast) -> None:
    with Visitor(chromium, address, cast.by_role[Role.REGULATORY]) as regulatory:
        page = regulatory.page
        verify(regulatory, cast)
        expect(page.get_by_text("Integrity: nothing altered")).to_be_visible()
        regulatory.picture("ledger-verified")
        alter_entry(ALTERED, cast)
        verify(regulatory, cast)
        expect(page.get_by_text("Integrity: something was altered")).to_be_visible()
        named = page.locator("#verification").get_by_role(
            "link", name=f"#{ALTERED}", exact=True
        )
        expect(named.first).to_be_visible()
        regulatory.picture("ledger-failed")
        regulatory.go(f"/ledger/{cast.project.pk}/{ALTERED}/")
        regulatory.picture("entry-failed")
        assert regulatory.faults == []


def verify(person: Visitor, cast: Cast) -> None:
    """Verify the project's stream and wait for the verdicts."""
    person.go(f"/ledger/?stream={cast.project.pk}")
    person.page.get_by_role("button", name=re.compile("^Verify")).click()
    expect(person.page.get_by_text("Verifying now")).to_have_count(0, timeout=acts.LONG)
    person.go(f"/ledger/?stream={cast.project.pk}")


def alter_entry(position: int, cast: Cast) -> None:
    """Change what a sealed entry says, as a superuser past every trigger, without a trace."""
    guards = ("body_check", "link_at_commit", "deny_row", "deny_truncate")
    off, on = (
        "; ".join(f"ALTER TABLE ledger.body {how} TRIGGER {guard}" for guard in guards)
        for how in ("DISABLE", "ENABLE ALWAYS")
    )
    change = """
        UPDATE ledger.body
        SET body = convert_to(replace(convert_from(body, 'UTF8'), '"at":"2', '"at":"1'), 'UTF8')
        WHERE id = (SELECT body_id FROM ledger.entry e JOIN ledger.stream s ON s.id = e.stream
                    WHERE e.seq = %s AND s.origin LIKE %s)
    """
    with (
        closing(psycopg2.connect(os.environ["SUPERUSER_DATABASE_URL"])) as superuser,
        superuser,
        superuser.cursor() as cursor,
    ):
        cursor.execute(off)
        cursor.execute(change, [position, f"%/{cast.project.pk}"])
        assert cursor.rowcount == 1
        cursor.execute(on)


def test_a_radiograph_goes_from_upload_to_proof(
    chromium: Browser, live_server: Any, cast: Cast
) -> None:
    address = live_server.url

    images_come_in(chromium, address, cast)
    annotator_reads(chromium, address, cast)
    reviewer_decides(chromium, address, cast)
    subsets = manager_freezes(chromium, address, cast)
    regulatory_reports(chromium, address, cast)
    administrator_manages(chromium, address, cast)
    tampering_shows(chromium, address, cast)

    marks = [mark for subset in subsets for mark in subset["annotations"]]
    assert len(subsets) == 3
    assert len(marks) == 2
