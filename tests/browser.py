"""The Chromium that journeys run in: from PATH, else the one that Playwright fetches.

python -m tests.browser fetches it where it is missing, or says that journeys will be skipped.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Headless in containers: no sandbox of its own, no graphics card, no calls home.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
]
MISSING = "no Chromium on PATH, and Playwright has none; install Chromium to run the journeys"


def chromium() -> Path | None:
    """Return the Chromium to use, or None."""
    on_path = next(filter(None, map(shutil.which, NAMES)), None)
    if on_path:
        return Path(on_path)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        fetched = Path(playwright.chromium.executable_path)
    return fetched if fetched.exists() else None


def main() -> int:
    """Fetch Chromium where there is none; return 1 if it cannot be had and must."""
    if not chromium():
        subprocess.run(
            [sys.executable, "-m", "playwright", "install", "chromium"],
            check=False,
            timeout=600,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    if chromium():
        return 0
    sys.stdout.write(f"Browser journeys are skipped: {MISSING}.\n")
    return 1 if os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
