"""The newest reports in a few words: one for each regulation and stream, worst first."""

import pytest

import ledger
from accounts.models import Project
from ledger.evidence import making
from ledger.evidence.models import EvidenceReport
from tests.annotations.flow import make_member
from tests.factories import make_project

pytestmark = pytest.mark.django_db(transaction=True)


def make_report(project: Project, catalogue: str) -> str:
    by = make_member("regulatory", project)
    return ledger.make_report(catalogue, stream=str(project.pk), by=by)


def test_the_newest_finished_report_of_each_regulation_is_told_worst_first() -> None:
    project = make_project()
    make_report(project, "21cfr11")
    newer = make_report(project, "21cfr11")
    make_report(project, "hipaa_security")
    make_report(make_project(), "21cfr11")

    told = ledger.newest_reports(str(project.pk))

    assert [report.catalogue for report in told] == ["hipaa_security", "21cfr11"]
    assert f"ledger.report:{told[1].report}" == newer
    assert told[0].counts["missing"] >= told[1].counts["missing"]


def test_a_summary_counts_every_clause_and_names_every_gap() -> None:
    project = make_project()
    ref = make_report(project, "21cfr11")

    [told] = ledger.newest_reports(str(project.pk))

    report = EvidenceReport.objects.get(pk=ref.partition(":")[2])
    gaps = [gap.status for gap in told.gaps]
    assert told.clauses == sum(report.counts.values()) == 39
    assert told.worst_first[:3] == tuple(map(gaps.count, ("failed", "missing", "partly")))
    assert gaps == sorted(gaps, key=("failed", "missing", "partly").index)
    assert all(gap.remedy and gap.clause and gap.anchor.startswith("c-") for gap in told.gaps)
    assert told.lapses == []


def test_a_report_still_being_made_is_no_report() -> None:
    project = make_project()
    key = str(project.pk)
    making.request(
        "21cfr11", stream_key=key, period=making.whole_period(key), by="system:tests"
    )

    assert ledger.newest_reports(key) == []
    assert ledger.newest_reports() == []
