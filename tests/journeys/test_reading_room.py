"""The reading room's own laws: exact coordinates, the keyboard alone, and nothing lost."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from accounts.models import Role, User
from annotations import annotate
from annotations.assign import assign
from annotations.models import Item, Revision
from tests.annotations.flow import MASS, box, drawing, make_protocol
from tests.annotations.imaged import make_manager, make_real_series
from tests.factories import make_user
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = 60_000  # ms: two shared cores draw without a graphics card
expect.set_options(timeout=LONG)


@pytest.fixture(autouse=True)
def blobs(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.IMPORT_WORKERS = 0


@pytest.fixture
def item() -> Item:
    series = make_real_series(slices=3)
    make_protocol(series.project, MASS)
    annotator = make_user(role=Role.ANNOTATOR, project=series.project)
    return assign(series, annotator=annotator, by=make_manager(series.project))


@pytest.fixture
def reader(chromium: Browser, live_server: Any, item: Item) -> Iterator[Visitor]:
    with Visitor(chromium, live_server.url, item.annotator) as visitor:
        enter(visitor, item)
        yield visitor
        assert visitor.faults == []


def enter(visitor: Visitor, item: Item) -> None:
    visitor.go(f"/projects/{item.project.slug}/items/{item.pk}/read/")
    visitor.page.locator("#reading[data-ready]").wait_for(timeout=LONG)


def on_screen(page: Page, x: float, y: float) -> tuple[float, float]:
    """Return where a corner of a pixel is on screen, by the map the marks are drawn with."""
    group = page.locator("[data-el=overlay] g").first.get_attribute("transform")
    a, _, _, d, e, f = map(float, re.findall(r"-?[\d.]+(?:e-?\d+)?", group or ""))
    stage = page.locator("[data-el=stage]").bounding_box()
    assert stage is not None
    return stage["x"] + a * x + e, stage["y"] + d * y + f


def press(page: Page, *keys: str) -> None:
    page.locator("[data-el=stage]").focus()
    for key in keys:
        page.keyboard.press(key)


def sealed_points(item: Item) -> list[list[str]]:
    (revision,) = Revision.objects.filter(annotation__item=item)
    assert revision.body["viewed"]["frames_seen"] == [0, 1, 2]
    return list(revision.body["geometry"]["points"])


def see_all(page: Page) -> None:
    for key, slice_ in (("Home", "1"), ("ArrowDown", "2"), ("ArrowDown", "3")):
        press(page, key)
        expect(page.locator("#reading")).to_have_attribute("data-slice", slice_, timeout=LONG)


def test_a_box_on_pixel_corners_is_sealed_with_exactly_those(
    reader: Visitor, item: Item
) -> None:
    page = reader.page
    press(page, "r")
    page.keyboard.down("Shift")  # the nearest corner of a pixel
    page.mouse.click(*on_screen(page, 140, 130))
    page.mouse.click(*on_screen(page, 100, 90))
    page.keyboard.up("Shift")
    see_all(page)

    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: str(item.pk) not in url, timeout=LONG)

    assert sealed_points(item) == [["100", "90"], ["140", "130"]]


def test_a_reading_is_drawn_and_handed_in_by_keyboard_alone(
    reader: Visitor, item: Item
) -> None:
    page = reader.page
    see_all(page)
    press(page, "p", "Space", "Space")  # the cross stands in the middle, 128, 128
    press(page, *["Shift+ArrowRight"] * 2, "Space")
    press(page, *["Shift+ArrowDown"] * 3, "ArrowLeft", "Space", "Enter")
    expect(page.locator("#reading")).to_have_attribute("data-marks", "1")

    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: str(item.pk) not in url, timeout=LONG)

    assert sealed_points(item) == [["128", "128"], ["148", "128"], ["147", "158"]]


def test_typed_coordinates_are_taken_or_refused_in_words(reader: Visitor) -> None:
    page = reader.page
    press(page, "r", "Space", "Space", "Shift+ArrowRight", "Shift+ArrowDown", "Space")
    page.get_by_text("Coordinates, in pixels").click()

    page.get_by_label("Corner 1, x").fill("12.345")
    page.keyboard.press("Tab")
    mark = page.locator("[data-mark]")
    expect(mark).to_have_attribute("points", "12.345,128 138,128 138,138 12.345,138")

    page.get_by_label("Corner 1, y").fill("300")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Corner 1, y")).to_have_attribute("aria-invalid", "true")
    expect(mark).to_have_attribute("points", "12.345,128 138,128 138,138 12.345,138")


def test_undo_takes_back_and_redo_brings_again(reader: Visitor) -> None:
    page = reader.page
    room = page.locator("#reading")
    press(page, "r", "Space", "Space", "Shift+ArrowRight", "Shift+ArrowDown", "Space")
    expect(room).to_have_attribute("data-marks", "1")

    press(page, "u")
    expect(room).to_have_attribute("data-marks", "0")
    press(page, "y")
    expect(room).to_have_attribute("data-marks", "1")
    press(page, "1", "Delete")
    expect(room).to_have_attribute("data-marks", "0")


def test_saved_is_said_only_after_the_server_said_so(reader: Visitor) -> None:
    page = reader.page
    room = page.locator("#reading")
    page.route("**/draft/", lambda route: route.abort())
    press(page, "r", "Space", "Space", "Shift+ArrowRight", "Shift+ArrowDown", "Space")
    expect(room).to_have_attribute("data-draft", "offline", timeout=LONG)
    expect(page.locator("[data-el=status]")).to_contain_text("No connection since")
    expect(room).to_have_attribute("data-saved", "")

    page.unroute("**/draft/")
    expect(room).to_have_attribute("data-draft", "saved", timeout=LONG)
    page.reload()
    page.locator("#reading[data-ready]").wait_for(timeout=LONG)
    expect(room).to_have_attribute("data-marks", "1")
    reader.faults.clear()  # the connection that was cut is in the console


def test_work_that_changed_elsewhere_is_shown_and_not_overwritten(
    reader: Visitor, item: Item
) -> None:
    page = reader.page
    press(page, "r", "Space", "Space", "Shift+ArrowRight", "Shift+ArrowDown", "Space")
    see_all(page)
    annotate.submit(
        item, by=item.annotator, version=item.version, drawing=drawing(box(item)), reason=""
    )

    page.keyboard.press("Control+Enter")

    expect(page.locator("#changed")).to_be_visible(timeout=LONG)
    expect(page.locator("#changed")).to_contain_text("submitted")
    assert Revision.objects.filter(annotation__item=item).count() == 1
    assert not reader.barriers()


def test_a_refused_submission_says_the_rule_in_place(reader: Visitor, item: Item) -> None:
    page = reader.page
    press(page, "r", "Space", "Space", "Shift+ArrowRight", "Shift+ArrowDown", "Space")
    see_all(page)

    def refuse(route: Route) -> None:
        route.fulfill(status=422, json={"code": "rule", "message": "The rule's own sentence."})

    page.route("**/submit/", refuse)
    page.keyboard.press("Control+Enter")

    expect(page.locator("[data-el=seal-fault]")).to_have_text("The rule's own sentence.")
    expect(page.locator("#reading")).to_have_attribute("data-marks", "1")
    assert not Revision.objects.filter(annotation__item=item).exists()


def test_single_keys_can_be_turned_off(reader: Visitor) -> None:
    page = reader.page
    page.keyboard.press("F1")
    page.get_by_label("Single keys act").uncheck()
    page.keyboard.press("Escape")

    press(page, "r")

    expect(page.locator("#reading")).to_have_attribute("data-tool", "select")


def test_a_stranger_gets_no_room_and_no_pixels(
    chromium: Browser, live_server: Any, item: Item
) -> None:
    stranger: User = make_user(role=Role.ANNOTATOR)
    with Visitor(chromium, live_server.url, stranger) as visitor:
        image = item.series.instances.first()
        assert image is not None
        paths = [
            f"/projects/{item.project.slug}/items/{item.pk}/read/",
            f"/api/items/{item.pk}/",
            f"/api/series/{item.series_id}/",
            f"/api/instances/{image.pk}/frames/0/",
        ]
        assert {visitor.status_of(path) for path in paths} <= {403, 404}


def test_the_screen_is_cleared_when_the_session_ends(
    chromium: Browser, live_server: Any, item: Item, settings: Any
) -> None:
    settings.SESSION_IDLE_SECONDS, settings.SESSION_WARN_SECONDS = 12, 8
    with Visitor(chromium, live_server.url, item.annotator) as visitor:
        enter(visitor, item)
        page = visitor.page

        expect(page.locator("#idle")).to_be_visible(timeout=LONG)
        expect(page.get_by_role("button", name="Stay here")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#idle")).to_be_hidden(timeout=LONG)

        page.wait_for_url("**/locked/", timeout=LONG)
        assert page.locator("canvas").count() == 0
