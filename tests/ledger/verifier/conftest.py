"""One page for all tests of a module: it must end without a fault."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.ledger.verifier.opened_page import Opened


@pytest.fixture(scope="module")
def opened(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    page = Opened(chromium, tmp_path_factory.mktemp("verifier") / "verify.html")
    yield page
    page.context.close()
    assert page.faults == []
