"""verify.html in a real browser, opened from disk: every vector, every flip, and verify.py beside it."""

import base64
import contextlib
import io
import json
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from ledger.verifier.build_page import verify_html
from ledger.verifier.main import main as verify_py
from tests.journeys.visitor import AXE, PICTURES, RULES
from tests.ledger.verifier.bundle_edits import (
    PROJECT,
    TRUSTED,
    VECTORS,
    Entry,
    changed,
    entries,
    forged,
    listed,
    members,
    zipped,
)

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
AGREED = 500
RUN = """async ({content, given}) => {
  const bytes = Uint8Array.from(atob(content), c => c.charCodeAt(0));
  return verifyBundle(new Blob([bytes]), given);
}"""
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


class Opened:
    """The page as a person has it: from disk, with no network; `faults` is what went wrong."""

    def __init__(self, chromium: Browser, path: Path) -> None:
        path.write_bytes(verify_html())
        self.context = chromium.new_context(
            viewport={"width": 1440, "height": 900}, offline=True
        )
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("console", lambda message: self.faults.append(message.text))
        self.page.on("request", lambda request: self._leaving(request.url))
        self.address = path.as_uri()
        self.page.goto(self.address)

    def _leaving(self, url: str) -> None:
        if url != self.address and not url.startswith(("data:", "blob:")):
            self.faults.append(f"request: {url}")

    def run(self, content: bytes, given: dict[str, list[str]]) -> dict[str, Any]:
        """Check through the function that the page offers to scripts."""
        told = {"content": base64.b64encode(content).decode(), "given": given}
        found: dict[str, Any] = self.page.evaluate(RUN, told)
        return found

    def check(self, file: Path, given: dict[str, list[str]]) -> None:
        """Check as a person does: choose the file, fill the fields, press the button."""
        self.page.goto(self.address)
        self.page.set_input_files("#file", file)
        if given.keys() - {"keys", "checkpoints"}:
            self.page.click("summary")
        for name, texts in given.items():
            self.page.fill(f"#give-{name}", "\n".join(texts))
        self.page.click("#check")
        self.page.wait_for_selector("#result-head")

    def barriers(self) -> list[str]:
        """Return what axe-core finds; the policy of the page lets only our own script in."""
        session = self.context.new_cdp_session(self.page)
        session.send("Page.enable")
        session.send("Page.setBypassCSP", {"enabled": True})
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "rules => axe.run({runOnly: rules}).then(r => r.violations.map(v => v.id))", RULES
        )
        return list(found)


@pytest.fixture(scope="module")
def opened(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    page = Opened(chromium, tmp_path_factory.mktemp("verifier") / "verify.html")
    yield page
    page.context.close()
    assert page.faults == []


def given_by(arguments: list[str]) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {}
    for name, value in zip(arguments[::2], arguments[1::2], strict=True):
        text = value if name in {"--key", "--witness"} else (VECTORS / value).read_text()
        given.setdefault(GIVEN[name], []).append(text)
    return given


def codes(found: list[dict[str, Any]]) -> set[str]:
    return {each["code"] for each in found if each["code"].startswith("L")}


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


def edited(seed: int) -> bytes:
    """Return a bundle with one thing changed, by somebody who can sign or by somebody who cannot."""
    pick = random.Random(seed)  # noqa: S311
    files = members("bundle-ok.zip")
    manifest = json.loads(files["manifest.json"])
    told = entries(files, manifest, PROJECT)
    kind = pick.choice(
        ("body", "signature", "order", "time", "cut", "blank", "file", "drop", "flip")
    )
    at = pick.randrange(len(told))
    if kind in {"body", "signature"}:
        readable = [i for i, each in enumerate(told) if each.kind == 1]
        at = pick.choice([6, 11] if kind == "signature" else readable)
        told[at] = told[at].with_json(lambda event: changed(event["payload"], pick))
    elif kind == "order":
        other = pick.randrange(len(told))
        told[at], told[other] = _swapped(told[at], told[other])
    elif kind == "time":
        told[at] = told[at]._replace(
            sealed_us=told[at].sealed_us + pick.choice((-1, 1)) * 10**8
        )
    elif kind == "cut":
        told = told[: at + 1]
    elif kind == "blank":
        told[at] = told[at]._replace(kind=pick.choice((0, 2)), salt=b"", body=b"")
    if kind in {"body", "signature", "order", "time", "cut", "blank"}:
        return zipped(forged(told))
    name = pick.choice(sorted(files.keys() - {"manifest.json", "manifest.note", "keys.json"}))
    if kind == "drop":
        del files[name]
        return zipped(listed(files, manifest))
    content = bytearray(zipped(files) if kind == "flip" else files[name])
    content[pick.randrange(len(content))] ^= 1 << pick.randrange(8)
    return bytes(content) if kind == "flip" else zipped(files | {name: bytes(content)})


def _swapped(one: Entry, other: Entry) -> tuple[Entry, Entry]:
    return (
        other._replace(seq=one.seq, sealed_us=one.sealed_us),
        one._replace(seq=other.seq, sealed_us=other.sealed_us),
    )


def said_by_python(path: Path) -> tuple[int, dict[str, Any]]:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
        exit_code = verify_py([str(path), "--key", TRUSTED, "--json"])
    return exit_code, json.loads(printed.getvalue() or '{"streams": []}')


def test_both_verifiers_agree(opened: Opened, tmp_path: Path) -> None:
    apart = []
    for seed in range(AGREED):
        path = tmp_path / "edited.zip"
        path.write_bytes(edited(seed))

        exit_code, said = said_by_python(path)
        answer = opened.run(path.read_bytes(), {"keys": [TRUSTED]})

        streams = {
            each["origin"]: each for each in (answer["result"] or {"streams": []})["streams"]
        }
        same = (exit_code == 0) == (answer["exit"] == 0)
        for stream in said["streams"]:
            other = streams[stream["origin"]]
            # A blob that an entry needs is told at the entry here, of the bundle there.
            extra = {"L111"} & codes(other["findings"])
            for name in () if extra else ("integrity", "completeness", "first_bad_seq"):
                same &= stream[name] == other[name]
            same &= codes(stream["findings"]) == codes(other["findings"]) - extra
        if not same:
            apart.append((seed, exit_code, said, answer))
    assert apart == []


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


def test_it_is_worked_by_keyboard_alone(opened: Opened) -> None:
    page = opened.page
    page.goto(opened.address)
    assert opened.barriers() == []
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
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
