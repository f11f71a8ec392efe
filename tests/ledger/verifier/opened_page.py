"""verify.html as a person has it, in a real browser."""

import base64
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from ledger.verifier.build_page import verify_html
from tests.journeys.visitor import AXE, RULES

RUN = """async ({content, given}) => {
  const bytes = Uint8Array.from(atob(content), c => c.charCodeAt(0));
  return verifyBundle(new Blob([bytes]), given);
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


def codes(found: list[dict[str, Any]]) -> set[str]:
    """Return the codes of findings; notes fail nothing and are left out."""
    return {each["code"] for each in found if each["code"].startswith("L")}
