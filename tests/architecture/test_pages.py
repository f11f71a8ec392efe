"""What every page keeps to: nothing inline, or the content security policy would drop it."""

import re

from tests.architecture.sources import ROOT, name, templates

COMMENT = re.compile(r"{#.*?#}|{% comment.*?endcomment.*?%}|<!--.*?-->", re.DOTALL)
FILES = {  # saved, with a policy of their own inside
    "ledger/templates/ledger/copy/frame.html",
    "ledger/templates/ledger/report_file.html",
}
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)|<style\b|\sstyle\s*=|<[^>]*\son[a-z]+\s*=|javascript:|"
    r"\shx-on\b|\sx-(?:on|data|bind)\b",
    re.IGNORECASE,
)


def test_templates_hold_no_inline_code_or_style() -> None:
    inline = [
        f"{name(path)}: {found.group().strip()[:60]}"
        for path in templates()
        if name(path) not in FILES
        for found in INLINE.finditer(COMMENT.sub("", path.read_text()))
    ]

    assert len(templates()) > 1
    assert not inline


def test_templates_escape_what_people_wrote() -> None:
    unescaped = [
        name(path)
        for path in templates()
        if re.search(r"\|\s*safe\b|autoescape off", path.read_text())
    ]

    assert not unescaped


def test_built_pages_load_nothing_from_elsewhere() -> None:
    foreign = [
        name(path)
        for path in templates()
        if re.search(r"(?:src|href)=[\"']?(?:https?:)?//", path.read_text())
    ]

    assert (ROOT / "frontend").exists()
    assert not foreign
