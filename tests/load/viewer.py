"""Time the reading room in a real browser: the click to the first image, and each next slice.

Every time is taken inside the page, on its own clock; nothing of the test's way there counts.
"""

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, sync_playwright

from tests.browser import ARGUMENTS, chromium
from tests.load.figures import summary

OPENINGS = 6  # the first in an empty browser, the others with its files in the cache
STEPS = 20
NOTE_CLICK = """() => addEventListener("click", () => sessionStorage.setItem(
    "clicked", String(performance.timeOrigin + performance.now())), {capture: true})"""
SINCE_CLICK = """() => performance.timeOrigin
    + Number(document.querySelector("#reading").dataset.ready)
    - Number(sessionStorage.getItem("clicked"))"""
# From the key to the end of the frame that shows the slice: a task after the next paint.
NOTE_STEPS = """() => {
    const root = document.querySelector("#reading");
    let pressed = 0;
    window.steps = [];
    addEventListener("keydown", () => { pressed = performance.now(); }, {capture: true});
    new MutationObserver(() => requestAnimationFrame(() => setTimeout(
        () => window.steps.push(performance.now() - pressed))
    )).observe(root, {attributes: true, attributeFilter: ["data-slice"]});
}"""


def watch(address: str, person: dict[str, str], worklist: str, reading: str) -> dict[str, Any]:
    """Open `reading` from the worklist in Chromium and step through it; return the times.

    Without Chromium the answer says so.
    """
    program = chromium()
    if program is None:
        return {"missing": "no Chromium"}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        context = browser.new_context(
            base_url=address, viewport={"width": 1440, "height": 900}, timezone_id="UTC"
        )
        page = context.new_page()
        _sign_in(page, person)
        opened = [_open(page, worklist, reading) for _ in range(OPENINGS)]
        steps = _step(page)
        browser.close()
    return {
        "first_image_empty_cache_ms": round(opened[0]),
        "first_image_ms": summary([ms / 1000 for ms in opened], skip=1),
        "slice_step_ms": summary([ms / 1000 for ms in steps], skip=0),
    }


def _sign_in(page: Page, person: dict[str, str]) -> None:
    page.goto("/sign-in/")
    page.fill("input[name=login]", person["email"])
    page.fill("input[name=password]", person["password"])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == "/")


def _open(page: Page, worklist: str, reading: str) -> float:
    """Return the milliseconds from the click on the reading's row to its image on screen."""
    page.goto(worklist)
    page.evaluate(NOTE_CLICK)
    page.locator(f"table a[href='{reading}']").first.click()
    page.locator("#reading[data-ready]").wait_for()
    return float(page.evaluate(SINCE_CLICK))


def _step(page: Page) -> list[float]:
    """Return the milliseconds of each step, once all slices are in the browser."""
    root = page.locator("#reading")
    slices = int(root.get_attribute("data-slices") or 1)
    page.locator(f"#reading[data-loaded='{slices}']").wait_for()
    page.evaluate(NOTE_STEPS)
    shown = int(root.get_attribute("data-slice") or 1)
    for number in range(STEPS):
        down = number < slices - shown
        page.keyboard.press("ArrowDown" if down else "ArrowUp")
        page.wait_for_function("count => window.steps.length === count", arg=number + 1)
    return list(page.evaluate("() => window.steps"))
