"""What each person of the story does on screen."""

import re
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page, expect

from accounts.models import User
from tests.factories import PASSWORD
from tests.journeys.visitor import Visitor

LONG = 90_000  # ms: opening files happens in other processes, on two shared cores


def upload(manager: Visitor, slug: str, paths: Sequence[Path]) -> None:
    """Send files, leave the page while they are opened, and come back to the outcome."""
    page = manager.page
    manager.go(f"/projects/{slug}/import/")
    manager.picture("import-begin")
    page.set_input_files("[data-import-files]", list(paths))
    page.wait_for_url(re.compile(rf"/projects/{slug}/import/[0-9a-f-]+/"), timeout=LONG)
    address = page.url
    manager.go("/")
    page.goto(address)
    done = page.get_by_role("heading", name=re.compile(f"{len(paths)} of {len(paths)} files"))
    expect(done).to_be_visible(timeout=LONG)
    expect(page.get_by_text("Finished")).to_be_visible(timeout=LONG)
    manager.picture("import-done")


def accept_held(manager: Visitor, slug: str, reason: str) -> None:
    """Look at the image that is held and let it in."""
    page = manager.page
    manager.go(f"/projects/{slug}/quarantine/")
    page.get_by_role("link", name=re.compile("radiograph|CR", re.IGNORECASE)).first.click()
    manager.picture("quarantine")
    page.locator("input[name=decision]").first.check()
    page.get_by_label("Reason").fill(reason)
    page.get_by_role("button", name=f"Decide as {manager.user.printed_name}").click()
    expect(page.get_by_text("Released as SUBJ-").first).to_be_visible(timeout=LONG)


def publish_protocol(manager: Visitor, slug: str) -> None:
    """Look at the protocol that the readings follow."""
    manager.go(f"/projects/{slug}/protocol/")
    manager.picture("protocol")


def assign_everything(manager: Visitor, slug: str, annotator: User) -> None:
    """Hand every series to the annotator."""
    page = manager.page
    manager.go(f"/projects/{slug}/assignments/")
    for box in page.locator("input[name=series]").all():
        box.check()
    page.select_option("#id_annotator", label=annotator.printed_name)
    manager.picture("assignments")
    page.get_by_role("button", name="Assign the ticked series").click()
    expect(page.get_by_role("link", name=annotator.printed_name).first).to_be_visible()


def open_reading(annotator: Visitor, slug: str, title: str) -> None:
    """Open a reading from the worklist and wait until its image is on screen."""
    page = annotator.page
    annotator.go(f"/projects/{slug}/worklist/")
    page.get_by_role("row", name=re.compile(title)).get_by_role("link").first.click()
    if "/read/" not in page.url:
        page.get_by_role("link", name="Open", exact=True).click()
    page.locator("#reading[data-ready]").wait_for(timeout=LONG)


def draw(page: Page, tool: str, corners: Sequence[tuple[float, float]]) -> None:
    """Draw with the mouse; corners are shares of the stage's width and height."""
    page.locator(f"[data-tool={tool}]").click()
    stage = page.locator("[data-el=stage]").bounding_box()
    assert stage is not None
    places = [
        (stage["x"] + x * stage["width"], stage["y"] + y * stage["height"]) for x, y in corners
    ]
    if tool == "box":
        page.mouse.move(*places[0])
        page.mouse.down()
        page.mouse.move(*places[1], steps=6)
        page.mouse.up()
        return
    for place in places:
        page.mouse.move(*place, steps=3)
        page.mouse.click(*place)
    page.keyboard.press("Enter")


def submit(annotator: Visitor) -> None:
    """Submit and seal the reading that is open; the next one opens by itself."""
    page, before = annotator.page, annotator.page.url
    page.locator("[data-el=submit]").click()
    if page.locator("#seal").is_visible():  # it asks where slices were not on screen
        page.locator("[data-el=seal-go]").click()
    page.wait_for_url(lambda url: url != before, timeout=LONG)


def decide(reviewer: Visitor, decision: str, reason: str = "") -> None:
    """Record a decision about the reading that is open."""
    page = reviewer.page
    page.locator(f"input[name=decision][value={decision}]").check()
    if reason:
        page.locator("#review-reason").fill(reason)
    before = page.url
    page.locator("[data-el=review-form] button[type=submit]").click()
    page.wait_for_url(lambda url: url != before, timeout=LONG)


def sign(reviewer: Visitor, password: str = PASSWORD) -> None:
    """Sign on the page that is open."""
    page = reviewer.page
    page.locator("#password").fill(password)
    page.get_by_role("button", name=f"Sign as {reviewer.user.printed_name}").click()
