"""Setting a report: archival and accessible PDF, the same bytes, and no contradictions."""

import io
import json
from collections.abc import Callable
from typing import Any

import pypdf
import pytest
from pypdf.generic import StreamObject

from ledger.evidence import catalogue
from ledger.evidence.render import RenderError, page_count, render
from ledger.evidence.report import as_bytes, build_report
from tests.ledger.evidence.streams import Story


def make_content(key: str = "21cfr11") -> bytes:
    story = Story()
    story.tell("auth.login_failed", {"failure_class": "credentials"})
    return as_bytes(build_report(catalogue.load(key), story.entries, story.ask(key)))


def embedded(pdf: pypdf.PdfReader, key: str) -> bytes:
    stream = pdf.root_object[key]
    assert isinstance(stream, StreamObject)
    return stream.get_data()


@pytest.mark.parametrize("paper", ["a4", "us-letter"])
def test_the_pdf_is_archival_accessible_and_carries_its_data(paper: str) -> None:
    content = make_content()

    pdf = pypdf.PdfReader(io.BytesIO(render(content, paper=paper)))

    metadata = embedded(pdf, "/Metadata").decode()
    assert "<pdfaid:part>3</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert pdf.attachments["report.json"] == [content]
    assert str(pdf.root_object["/Lang"]) == "en"


def test_the_same_report_gives_the_same_bytes() -> None:
    content = make_content()

    assert render(content) == render(content)


def test_the_pages_are_counted_as_a_reader_counts_them() -> None:
    pdf = render(make_content("buyer_questions"))

    assert page_count(pdf) == len(pypdf.PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.parametrize("key", catalogue.names())
def test_every_catalogue_can_be_set(key: str) -> None:
    assert render(make_content(key)).startswith(b"%PDF")


def claim_evidence(report: dict[str, Any]) -> None:
    clause = report["regulations"][0]["clauses"][0]
    clause["status"] = "evidenced"
    report["regulations"][0]["counts"]["evidenced"] += 1
    report["regulations"][0]["counts"]["missing"] -= 1


def pass_on_nothing(report: dict[str, Any]) -> None:
    report["regulations"][0]["clauses"][0]["evidence"][0]["result"] = "pass"


def miscount(report: dict[str, Any]) -> None:
    report["regulations"][0]["counts"]["missing"] -= 1


def leave_a_gap_unexplained(report: dict[str, Any]) -> None:
    report["regulations"][0]["clauses"][0]["why"] = ""


def boast(report: dict[str, Any]) -> None:
    report["regulations"][0]["clauses"][0]["why"] = "The system is compliant."


@pytest.mark.parametrize(
    "contradiction",
    [claim_evidence, pass_on_nothing, miscount, leave_a_gap_unexplained, boast],
)
def test_a_report_that_contradicts_itself_is_refused(
    contradiction: Callable[[dict[str, Any]], None],
) -> None:
    report = json.loads(make_content())
    contradiction(report)

    with pytest.raises(RenderError):
        render(as_bytes(report))


def test_an_unknown_paper_is_refused() -> None:
    with pytest.raises(ValueError, match="us-letter"):
        render(make_content(), paper="folio")
