"""One person at a browser: signs in, looks at pages, and keeps a picture of each."""

import os
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from playwright.sync_api import Browser, Page, Response

from accounts.models import User
from tests.factories import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
PICTURES = Path(os.environ.get("CI_OUTPUT", ROOT / "ci-output")) / "pages"
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {"1440": (1440, 900), "1024": (1024, 768)}


class Visitor:
    """A person in a browser of their own; what the console and axe-core say is in `faults`."""

    def __init__(self, chromium: Browser, address: str, user: User) -> None:
        self.address, self.user = address, user
        self.faults: list[str] = []
        self.context = chromium.new_context(
            base_url=address, viewport={"width": 1440, "height": 900}, timezone_id="UTC"
        )
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("console", self._listen)

    def __enter__(self) -> Self:
        self.sign_in()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error:  # what was on screen explains more than the line that gave up
            self.picture("where-it-ended", check=False)
        self.context.close()

    def _listen(self, message: Any) -> None:
        about_status = "the server responded with a status of" in message.text
        if message.type == "error" and not about_status:
            self.faults.append(f"console: {message.text}")

    def sign_in(self) -> None:
        self.page.goto("/sign-in/")
        self.page.fill("input[name=login]", self.user.email)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(f"{self.address}/")

    def go(self, path: str) -> Response:
        """Open a page and return its answer."""
        response = self.page.goto(path)
        assert response is not None
        return response

    def status_of(self, path: str) -> int:
        """Return the status that a plain request of this person gets."""
        return self.context.request.get(path, max_redirects=0).status

    def picture(self, name: str, *, check: bool = True) -> None:
        """Keep the page as a picture at both widths; with `check`, ask axe-core as well."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        for size, (width, height) in SIZES.items():
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.screenshot(path=PICTURES / f"{name}-{size}.png", full_page=True)
            if check:
                self.faults += [f"{name} at {size}: {found}" for found in self.barriers()]
        self.page.set_viewport_size({"width": 1440, "height": 900})

    def barriers(self) -> list[str]:
        """Return what axe-core finds against WCAG 2.2 AA and best practice."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "rules => axe.run({runOnly: rules}).then(r => r.violations.map("
            "v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).join(', ')))",
            RULES,
        )
        return list(found)
