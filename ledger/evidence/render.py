"""Render a report as PDF/A-3b and PDF/UA-1 with its JSON attached, always the same bytes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.hashing import sha256_hex

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDER = Path(__file__).parent / "typst"
PAPERS = ("a4", "us-letter")
_PAGE = re.compile(rb"/Type\s*/Page\b")


class RenderError(RuntimeError):
    """The pages could not be set as they must be; a wrong page is worse than no page."""

    def __init__(self, complaints: Sequence[object]) -> None:
        super().__init__("The report could not be set: " + "; ".join(map(str, complaints)))


def render(report_json: bytes, *, paper: str = "a4") -> bytes:
    """Return the PDF of a report given as JSON bytes, on `paper` "a4" or "us-letter".

    Raises RenderError for any warning, and for a report that contradicts itself.
    """
    import typst  # 40 MB of compiler that only this needs

    if paper not in PAPERS:
        raise ValueError(f"There is no paper {paper!r}; choose one of {', '.join(PAPERS)}.")
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[FOLDER / "fonts"],
    )
    inputs = {"report": report_json.decode(), "paper": paper, "sha256": sha256_hex(report_json)}
    compiler = typst.Compiler(
        FOLDER / "report.typ", root=FOLDER, font_paths=fonts, sys_inputs=inputs
    )
    try:
        pdf, warnings = compiler.compile_with_warnings(
            format="pdf", pdf_standards=["a-3b", "ua-1"]
        )
    except typst.TypstError as error:
        raise RenderError([error]) from error
    if warnings or not isinstance(pdf, bytes):
        raise RenderError(warnings or ["there are no pages"])
    return pdf


def page_count(pdf: bytes) -> int:
    """Return how many pages a PDF of ours has; its page objects are not compressed."""
    return len(_PAGE.findall(pdf))
