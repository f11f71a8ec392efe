"""An auditor takes the record away: asked for, watched, and read from disk."""

import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from accounts.models import Role
from tests.annotations.flow import make_item, reviewed, signed, submitted
from tests.factories import make_project, make_user
from tests.journeys.visitor import AXE, PICTURES, RULES, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_auditor_takes_a_bundle_away_and_reads_it_from_disk(
    chromium: Browser, live_server: Any, tmp_path: Path
) -> None:
    project = make_project(slug="chest", name="Chest <b>one</b>")
    signed(reviewed(submitted(make_item(project=project))))
    auditor = make_user(role=Role.AUDITOR, project=project)
    with Visitor(chromium, live_server.url, auditor) as visitor:
        visitor.go("/ledger/")
        visitor.page.get_by_role("link", name="Inspection bundles").click()
        visitor.picture("bundles-empty")
        visitor.page.get_by_role("link", name="New bundle").first.click()
        visitor.picture("bundle-new")
        visitor.page.get_by_label("Record", exact=True).focus()
        visitor.page.keyboard.press("Enter")  # the form is sent from the keyboard
        with visitor.page.expect_download(timeout=60_000) as download:
            visitor.page.get_by_role("link", name="Download").click(timeout=60_000)
        download.value.save_as(tmp_path / "bundle.zip")
        visitor.page.reload()
        visitor.picture("bundle")
        visitor.go("/ledger/bundles/")
        visitor.picture("bundles")
        visitor.go("/ledger/check/")
        visitor.picture("self-check")
        assert visitor.faults == []
        read_from_disk(visitor.context.new_page(), tmp_path)


def read_from_disk(page: Page, folder: Path) -> None:
    """Open the copy for people as a file: nothing in it runs, and axe finds no barrier."""
    with zipfile.ZipFile(folder / "bundle.zip") as bundle:
        bundle.extractall(folder / "bundle")
    page.goto((folder / "bundle" / "human" / "index.html").as_uri())
    for name in ("index", "entries", "signatures"):
        page.screenshot(path=PICTURES / f"copy-{name}.png", full_page=True)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate(
            "rules => axe.run({runOnly: rules}).then(r => r.violations.map(v => v.id))", RULES
        )
        assert found == []
        if name == "index":
            page.get_by_role("link", name="#0 to").last.click()
            assert page.locator("h1 b").count() == 0
            assert "Chest <b>one</b>" in page.locator("h1").inner_text()
        elif name == "entries":
            page.get_by_role("link", name="Copy of the record").click()
            page.get_by_role("link", name="signatures 1 to 1").click()
            assert page.get_by_text("Signed by").count() == 1
