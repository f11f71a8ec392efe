"""Makes verify.html: one file from the parts in page/, the same bytes from the same parts."""

import base64
import hashlib
import re
import sys
from functools import cache
from pathlib import Path

PARTS = Path(__file__).parent / "page"
VERSION = "1.0"
# A file from disk has no headers, so its policy stands inside: its own script and style by
# their digests, fonts and icon from within, and no connection at all.
POLICY = (
    "default-src 'none'; script-src {script}; style-src {style}; font-src data:; "
    "img-src data:; connect-src 'none'; base-uri 'none'; form-action 'none'"
)
_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([a-z0-9_]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(
    r"^export (?:async )?(?:function\*? |class |const )([A-Za-z_$][A-Za-z0-9_$]*)",
    re.MULTILINE,
)
_FONT = re.compile(r'url\("(fonts/[a-z0-9-]+\.woff2)"\)')
_MARK = re.compile(r"\[\[(version|policy|style|script)\]\]")


class PageError(Exception):
    """The parts do not fit together; the message names the part."""


@cache
def verify_html() -> bytes:
    """Return verify.html, under 400 kB; raises PageError where its parts do not fit."""
    style = _style()
    script = _script()
    policy = POLICY.format(script=_source(script), style=_source(style))
    pieces = {
        "version": VERSION,
        "policy": policy,
        "style": f"<style>{style}</style>",
        "script": f"<script>{script}</script>",
    }
    page = _MARK.sub(lambda mark: pieces[mark[1]], _read("page.html"))
    return page.encode()


def module_names() -> list[str]:
    """Return the modules in the order in which they stand in the page."""
    return _read("order.txt").split()


def _read(name: str) -> str:
    return (PARTS / name).read_text(encoding="utf-8")


def _source(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _style() -> str:
    def embedded(font: re.Match[str]) -> str:
        data = base64.b64encode((PARTS / font[1]).read_bytes()).decode()
        return f'url("data:font/woff2;base64,{data}")'

    return _FONT.sub(embedded, _read("page.css"))


def _script() -> str:
    """Return all modules as one script: each keeps its names and hands over its exports."""
    known: dict[str, set[str]] = {}
    parts = ['"use strict";', "(() => {", "const parts = {};"]
    for name in module_names():
        text = _read(name)
        taken = _IMPORT.sub(lambda found, name=name: _taken(found, name, known), text)  # type: ignore[misc]
        exports = _EXPORT.findall(text)
        body = re.sub(r"^export ", "", taken, flags=re.MULTILINE)
        if re.search(
            r"^\s*import\b|\bimport\(\s*[\"']",
            re.sub(r"/\*.*?\*/", "", body, flags=re.DOTALL),
            re.MULTILINE,
        ):
            raise PageError(f"{name} has an import of another form")
        known[name] = set(exports)
        parts.append(
            f'parts["{name}"] = (() => {{\n{body}return {{ {", ".join(exports)} }};\n}})();'
        )
    parts.append("})();")
    script = "\n".join(parts) + "\n"
    if "</script" in script or "<!--" in script:
        raise PageError("the script would end its own element")
    return script


def _taken(found: re.Match[str], name: str, known: dict[str, set[str]]) -> str:
    names = [each.strip() for each in found[1].split(",") if each.strip()]
    missing = set(names) - known.get(found[2], set())
    if missing:
        raise PageError(
            f"{name} takes {sorted(missing)} of {found[2]}, which does not come before it"
        )
    return f'const {{ {", ".join(names)} }} = parts["{found[2]}"];\n'


if __name__ == "__main__":
    sys.stdout.buffer.write(verify_html())
