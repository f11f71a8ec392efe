"""verify.html is made of its parts: always the same bytes, and nothing from elsewhere."""

import base64
import hashlib
import re

import pytest

from ledger.verifier import build_page
from ledger.verifier.build_page import PARTS, PageError, module_names, verify_html

MAX_BYTES = 400_000
MAX_LINES = 300
MAX_FUNCTION = 40


def test_the_same_parts_give_the_same_bytes() -> None:
    first = verify_html()
    verify_html.cache_clear()

    assert verify_html() == first
    assert len(first) < MAX_BYTES


def test_its_policy_allows_its_own_script_and_style_and_no_connection() -> None:
    page = verify_html().decode()
    found = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert found
    policy = found[1]

    for name in ("script", "style"):
        (content,) = re.findall(f"<{name}>(.*?)</{name}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "connect-src 'none'" in policy
    assert "unsafe" not in policy


def test_it_loads_nothing() -> None:
    page = verify_html().decode()

    assert not re.findall(r"(?:src|href)=[\"'](?!data:|#)[^\"']+", page)
    assert not re.findall(r"url\(\"(?!data:)[^\"]+", page)
    assert not re.findall(r"\b(?:fetch|XMLHttpRequest|WebSocket|importScripts|eval)\(", page)
    assert "innerHTML" not in page


def test_its_head_says_how_to_know_it() -> None:
    head = verify_html().decode().partition("<head>")[0]

    assert f"version {build_page.VERSION}" in head
    assert "sha256sum verify.html" in head


def test_every_part_is_in_the_page_once() -> None:
    assert sorted(module_names()) == sorted(path.name for path in PARTS.glob("*.js"))


def test_parts_fit_on_a_screen() -> None:
    for path in (*PARTS.glob("*.js"), PARTS / "page.html", PARTS / "page.css"):
        lines = path.read_text().splitlines()
        assert len(lines) <= MAX_LINES, path.name
        start = 0
        for number, line in enumerate(lines):
            if re.match(r"(?:export )?(?:async )?function|  (?:async )?[a-z]\w*\(.*\{$", line):
                start = number
            if line in {"}", "  }"} and start:
                assert number - start < MAX_FUNCTION, f"{path.name}:{start + 1}"
                start = 0


def test_a_part_that_takes_what_is_not_there_is_refused() -> None:
    found = build_page._IMPORT.match('import { nothing } from "./bytes.js";\n')  # noqa: SLF001
    assert found

    with pytest.raises(PageError, match="nothing"):
        build_page._taken(found, "x.js", {"bytes.js": {"hex"}})  # noqa: SLF001
