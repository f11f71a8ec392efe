"""verify.html in a real browser, opened from disk: every vector, every flip, every state."""

import base64
import json
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.visitor import PICTURES
from tests.ledger.verifier.bundle_edits import TRUSTED, VECTORS
from tests.ledger.verifier.opened_page import Opened, codes

pytestmark = pytest.mark.browser
CASES = json.loads((VECTORS / "expected.json").read_text())["cases"]
GIVEN = {
    "--key": "keys",
    "--checkpoint": "checkpoints",
    "--receipt": "receipts",
    "--witness": "witnesses",
    "--tsa": "tsa",
}
FLIPS = 1000
FLIP = """async ({content, given, places}) => {
  const bytes = Uint8Array.from(atob(content), c => c.charCodeAt(0));
  const unseen = [];
  for (const [at, bit] of places) {
    bytes[at] ^= 1 << bit;
    const {exit} = await verifyBundle(new Blob([bytes]), given);
    if (exit !== 1 && exit !== 2) unseen.push([at, bit, exit]);
    bytes[at] ^= 1 << bit;
  }
  return unseen;
}"""


def given_by(arguments: list[str]) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {}
    for name, value in zip(arguments[::2], arguments[1::2], strict=True):
        text = value if name in {"--key", "--witness"} else (VECTORS / value).read_text()
        given.setdefault(GIVEN[name], []).append(text)
    return given


def difference(case: dict[str, Any], exit_code: int, result: dict[str, Any]) -> str | None:
    """Say where an answer is not the expected one; the rule of expected.json's `compare`."""
    if exit_code != case["exit"]:
        return f"exit {exit_code}"
    top = result["bundle"] or {"integrity": None, "findings": []}
    if case["bundle"] and top["integrity"] != case["bundle"]:
        return f"bundle {top['integrity']}"
    if case["bundle"] == "ok" and codes(top["findings"]):
        return "findings in a good bundle"
    streams = {each["origin"]: each for each in result["streams"]}
    for origin, wanted in case["streams"].items():
        stream = streams[origin] if origin else top
        found = codes(stream["findings"])
        if not set(wanted["codes"]) <= found or (not wanted["codes"] and found):
            return f"{origin}: {sorted(found)}"
        for name in ("integrity", "completeness", "first_bad_seq"):
            if name in wanted and stream[name] != wanted[name]:
                return f"{origin}: {name} {stream[name]}"
    return None


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['file']}: {case['why']}")
def test_every_vector_gets_its_verdict(opened: Opened, case: dict[str, Any]) -> None:
    content = (VECTORS / case["file"]).read_bytes()

    answer = opened.run(content, given_by(case["args"]))

    assert difference(case, answer["exit"], answer["result"]) is None


def test_a_thousand_byte_flips_are_all_found(opened: Opened) -> None:
    content = (VECTORS / "bundle-ok.zip").read_bytes()
    pick = random.Random(20261123)  # noqa: S311  chosen places, not secrets
    places = [(pick.randrange(len(content)), pick.randrange(8)) for _ in range(FLIPS)]
    told = {
        "content": base64.b64encode(content).decode(),
        "given": {"keys": [TRUSTED]},
        "places": places,
    }

    assert opened.page.evaluate(FLIP, told) == []


def test_a_person_reads_two_verdicts(opened: Opened) -> None:
    pictures = {
        "verifier-good": ("bundle-ok.zip", CASES[0]["args"], "ok", "ok"),
        "verifier-bad": ("bundle-bad-03.zip", CASES[9]["args"], "failed", "failed"),
        "verifier-unknown": ("bundle-ok.zip", [], "ok", "unknown"),
        "verifier-single": ("receipt-p1-6.json", CASES[1]["args"], "ok", "none"),
    }
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, (file, arguments, integrity, completeness) in pictures.items():
        opened.check(VECTORS / file, given_by(arguments))

        verdicts = opened.page.locator(".verdict")
        expect(verdicts.nth(0)).to_have_attribute("data-verdict", integrity)
        expect(verdicts.nth(1)).to_have_attribute("data-verdict", completeness)
        expect(opened.page.locator("#result-head")).to_be_focused()
        assert "What this does not say" in opened.page.inner_text("main")
        for width, height in ((1440, 900), (1024, 768), (320, 640)):
            opened.page.set_viewport_size({"width": width, "height": height})
            opened.page.screenshot(path=PICTURES / f"{name}-{width}.png", full_page=True)
            assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
        opened.page.set_viewport_size({"width": 1440, "height": 900})
        assert opened.barriers() == []


def test_nothing_bars_the_way_in(opened: Opened) -> None:
    opened.page.goto(opened.address)

    assert opened.barriers() == []


def test_it_is_worked_by_keyboard_alone(opened: Opened) -> None:
    page = opened.page
    page.on("filechooser", lambda _: None)  # from here on: told too late, it would be missed
    page.goto(opened.address)
    page.bring_to_front()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#choose")).to_be_focused()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(VECTORS / "bundle-ok.zip")
    page.keyboard.press("Tab")
    page.keyboard.type(TRUSTED)
    for _ in range(5):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("#result-head")).to_be_focused()
    expect(page.locator(".verdict").nth(1)).to_contain_text("Nothing missing")


def test_a_dropped_file_is_taken(opened: Opened) -> None:
    content = base64.b64encode((VECTORS / "bundle-ok.zip").read_bytes()).decode()
    opened.page.goto(opened.address)

    opened.page.evaluate(
        """content => {
          const data = new DataTransfer();
          const bytes = Uint8Array.from(atob(content), c => c.charCodeAt(0));
          data.items.add(new File([bytes], "inspection.zip"));
          document.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true}));
        }""",
        content,
    )

    expect(opened.page.locator("#file-name")).to_have_text("inspection.zip, 20.5 kB")


def test_what_cannot_be_used_is_named(opened: Opened, tmp_path: Path) -> None:
    other = tmp_path / "picture.png"
    other.write_bytes(b"\x89PNG no bundle")
    page = opened.page
    for file, key, problem in (
        (other, TRUSTED, "no bundle, receipt or proof"),
        (VECTORS / "bundle-ok.zip", "a+b+c", "The key cannot be used"),
    ):
        page.goto(opened.address)
        page.set_input_files("#file", file)
        page.fill("#give-keys", key)
        page.click("#check")

        expect(page.locator("#problem")).to_contain_text(problem)


def test_a_check_can_be_stopped(opened: Opened, tmp_path: Path) -> None:
    big = tmp_path / "big.zip"
    with zipfile.ZipFile(big, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a", bytes(200_000_000))
    page = opened.page
    page.goto(opened.address)
    page.set_input_files("#file", big)

    page.click("#check")
    page.click("#stop")

    expect(page.locator("#problem")).to_have_text("Stopped. Nothing was decided.")


def test_a_browser_without_the_algorithm_says_unknown(
    chromium: Browser, tmp_path: Path
) -> None:
    page = Opened(chromium, tmp_path / "verify.html")
    page.context.add_init_script(
        "const {importKey} = SubtleCrypto.prototype;"
        "SubtleCrypto.prototype.importKey = function (format, data, algorithm, ...rest) {"
        "  if ((algorithm.name ?? algorithm) === 'Ed25519')"
        "    return Promise.reject(new DOMException('no', 'NotSupportedError'));"
        "  return importKey.call(this, format, data, algorithm, ...rest);};"
    )
    page.page.goto(page.address)

    answer = page.run((VECTORS / "bundle-ok.zip").read_bytes(), {"keys": [TRUSTED]})

    page.context.close()
    assert answer["exit"] == 3
    verdicts = [answer["result"]["bundle"]["integrity"]]
    for stream in answer["result"]["streams"]:
        verdicts += [stream["integrity"], stream["completeness"]]
    assert set(verdicts) == {"unknown"}
