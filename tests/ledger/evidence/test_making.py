"""Making a report: asked for, built from its head, kept with its hashes, always the same."""

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pypdf
import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

import ledger
from accounts.models import Project, Role
from ledger.evidence import making, probing
from ledger.evidence.catalogue import UnknownCatalogueError
from ledger.evidence.making import Period, PeriodError
from ledger.evidence.models import EvidenceReport
from ledger.reconcile import reconcile
from tests.annotations.flow import make_item, make_member, reviewed, signed, submitted
from tests.factories import make_administrator, make_project, make_user

pytestmark = pytest.mark.django_db(transaction=True)
SCHEMA = Path(__file__).parents[3] / "ledger" / "evidence" / "report.schema.json"
VALIDATOR = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))


def make_report(
    catalogue: str = "21cfr11", project: Project | None = None, by: Any = making.MAKER
) -> EvidenceReport:
    key = str(project.pk) if project else "org"
    period = making.whole_period(key)
    return making.carry_out(making.request(catalogue, stream_key=key, period=period, by=by))


def said(report: EvidenceReport) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(bytes(report.report_json))
    VALIDATOR.validate(told)
    return told


def test_a_report_on_real_work_is_valid_and_its_hashes_are_on_record() -> None:
    project = make_project(slug="chest")
    signed(reviewed(submitted(make_item(project=project))))
    probing.run()

    report = make_report(project=project)

    told = said(report)
    [asked, made] = ledger.about(report.ledger_ref)
    assert asked.sequence == report.head == told["ledger"]["head"]["sequence"]
    assert made.payload["report_sha256"] == ledger.sha256_hex(bytes(report.report_json))
    assert made.payload["pdf_sha256"] == ledger.sha256_hex(bytes(report.pdf))
    assert told["ledger"]["streams"] == ["chest", "org"]
    assert told["signatures"]["verified"] == told["signatures"]["count"] == 1
    assert told["regulations"][0]["counts"] == report.counts


def test_the_pdf_carries_the_json_and_names_every_gap() -> None:
    report = make_report()

    pdf = pypdf.PdfReader(io.BytesIO(bytes(report.pdf)))

    assert pdf.attachments["report.json"] == [bytes(report.report_json)]
    assert len(pdf.pages) == report.pages
    text = " ".join(page.extract_text() for page in pdf.pages)
    assert all(clause["id"] in text for clause in said(report)["regulations"][0]["clauses"])
    assert "Missing: 39" in text
    assert "Not verified in the period" in text


def test_the_same_head_gives_the_same_bytes() -> None:
    report = make_report()
    first = bytes(report.report_json), bytes(report.pdf)
    make_user()

    report.state = EvidenceReport.State.REQUESTED
    report.save(update_fields=["state"])
    again = making.carry_out(report)

    assert (bytes(again.report_json), bytes(again.pdf)) == first


def test_a_report_that_is_made_is_made_once() -> None:
    report = make_report()

    making.carry_out(EvidenceReport.objects.get(pk=report.pk))

    assert len(ledger.about(report.ledger_ref)) == 2


def test_bytes_that_were_exchanged_are_found_by_reconciliation() -> None:
    report = make_report()

    EvidenceReport.objects.filter(pk=report.pk).update(pdf=b"another")

    assert [found.ref for found in reconcile().listed] == [report.ledger_ref]


def test_a_report_on_the_organisation_leaves_projects_out() -> None:
    project = make_project(slug="chest")
    submitted(make_item(project=project))

    assert said(make_report())["ledger"]["streams"] == ["org"]


def test_only_people_with_the_role_make_reports() -> None:
    project = make_project()
    period = making.whole_period()
    stranger = make_member(Role.ANNOTATOR, project)

    with pytest.raises(PermissionDenied):
        making.request("21cfr11", stream_key=str(project.pk), period=period, by=stranger)

    assert not EvidenceReport.objects.exists()
    making.request(
        "21cfr11",
        stream_key=str(project.pk),
        period=period,
        by=make_member(Role.REGULATORY, project),
    )


def test_a_regulatory_person_of_one_project_makes_none_for_another() -> None:
    here, there = make_project(), make_project()
    person = make_member(Role.REGULATORY, here)

    with pytest.raises(PermissionDenied):
        making.request(
            "21cfr11", stream_key=str(there.pk), period=making.whole_period(), by=person
        )


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    period = Period(since=date(2026, 2, 1), until=date(2026, 1, 1))

    with pytest.raises(PeriodError):
        making.request("21cfr11", period=period, by=making.MAKER)


def test_an_unknown_catalogue_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownCatalogueError, match="21cfr11"):
        making.request("gdpr", period=making.whole_period(), by=making.MAKER)


def test_the_command_writes_the_three_forms(tmp_path: Path) -> None:
    make_project(slug="chest")
    out = tmp_path / "report"

    call_command(
        "evidence_report", "--catalogue", "21cfr11", "--project", "chest", "--out", out
    )

    told = json.loads((out / "report.json").read_bytes())
    VALIDATOR.validate(told)
    assert (out / "report.pdf").read_bytes().startswith(b"%PDF")
    page = (out / "report.html").read_text()
    assert ledger.sha256_hex((out / "report.json").read_bytes()) in page
    assert "<script" not in page


@pytest.mark.parametrize(
    "arguments",
    [["--catalogue", "gdpr"], ["--catalogue", "21cfr11", "--project", "nobody-knows"]],
)
def test_the_command_refuses_what_it_does_not_know(
    tmp_path: Path, arguments: list[str]
) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("evidence_report", *arguments, "--out", tmp_path)

    assert refused.value.returncode == 2


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")

    with pytest.raises(CommandError, match="taken"):
        call_command("evidence_report", "--catalogue", "21cfr11", "--out", tmp_path / "taken")


def test_an_administrator_makes_the_report_on_the_organisation() -> None:
    administrator = make_administrator()

    report = making.request("21cfr11", period=making.whole_period(), by=administrator)

    assert said(making.carry_out(report))["report"]["generated_by"]["name"] == (
        administrator.printed_name
    )
