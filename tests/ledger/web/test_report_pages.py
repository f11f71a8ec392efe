"""The pages of evidence reports: what they show, to whom, and what they refuse."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import ledger
from accounts.models import Project, Role
from ledger.evidence import making
from ledger.evidence.models import EvidenceReport
from tests.factories import make_project, make_user, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/evidence/"


def signed_in(client: Client, role: str, project: Project) -> Client:
    sign_in(client, make_user(role=role, project=project))
    return client


def make_report(project: Project, catalogue: str = "21cfr11") -> EvidenceReport:
    key = str(project.pk)
    period = making.whole_period(key)
    return making.carry_out(
        making.request(catalogue, stream_key=key, period=period, by=making.MAKER)
    )


def wait_for_threads() -> None:
    """Let reports under way be finished, as they would be while a person waits."""
    for thread in threading.enumerate():
        if thread.name.startswith("report-"):
            thread.join(60)


def test_regulatory_makes_a_report_and_reads_it(client: Client) -> None:
    project = make_project(name="Chest")
    signed_in(client, Role.REGULATORY, project)
    form = {"catalogue": "21cfr11", "stream": str(project.pk), "since": "", "until": ""}

    answer = client.post(f"{URL}new/", form)
    wait_for_threads()

    [report] = EvidenceReport.objects.all()
    assert answer.headers["Location"] == f"{URL}{report.pk}/"
    page = client.get(f"{URL}{report.pk}/").content.decode()
    assert page.index("Gaps first") < page.index("Use of secure, computer-generated")
    assert "nobody has signed this report" in page.lower()
    assert report.name in client.get(URL).content.decode()


def test_the_files_are_handed_out_as_they_were_made(client: Client) -> None:
    project = make_project()
    report = make_report(project)
    signed_in(client, Role.AUDITOR, project)

    pdf = client.get(f"{URL}{report.pk}/report.pdf")
    data = client.get(f"{URL}{report.pk}/report.json")

    assert ledger.sha256_hex(pdf.content) == report.pdf_sha256
    assert ledger.sha256_hex(data.content) == report.report_sha256
    assert pdf.headers["Content-Type"] == "application/pdf"
    assert "no-store" in pdf.headers["Cache-Control"]
    assert f"{report.name}-21cfr11.pdf" in pdf.headers["Content-Disposition"]


@pytest.mark.parametrize("ending", ["", "report.pdf", "report.json"])
def test_a_report_of_another_project_is_not_there(client: Client, ending: str) -> None:
    report = make_report(make_project())
    signed_in(client, Role.REGULATORY, make_project())

    assert client.get(f"{URL}{report.pk}/{ending}").status_code == 404
    assert str(report.pk) not in client.get(URL).content.decode()


def test_an_annotator_sees_no_reports_and_makes_none(client: Client) -> None:
    project = make_project()
    report = make_report(project)
    signed_in(client, Role.ANNOTATOR, project)

    assert client.get(URL).status_code == 403
    assert client.get(f"{URL}new/").status_code == 403
    assert client.get(f"{URL}{report.pk}/").status_code == 404


def test_an_auditor_reads_and_does_not_make(client: Client) -> None:
    project = make_project()
    make_report(project)
    signed_in(client, Role.AUDITOR, project)

    assert "New report" not in client.get(URL).content.decode()
    form = {"catalogue": "21cfr11", "stream": str(project.pk)}
    assert client.post(f"{URL}new/", form).status_code == 403
    assert EvidenceReport.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"catalogue": ""}, "Choose a regulation."),
        ({"catalogue": "gdpr"}, "Choose one."),
        ({"since": "2026-02-02", "until": "2026-01-01"}, "ends before it begins"),
        ({"since": "soon"}, "Enter a valid date"),
        ({"since": "0001-01-01"}, "Give a year from"),
        ({"stream": str(uuid.uuid4())}, "not one of the available choices"),
    ],
)
def test_a_form_that_cannot_be_used_says_why(
    client: Client, changed: dict[str, str], said: str
) -> None:
    project = make_project()
    signed_in(client, Role.REGULATORY, project)
    form = {"catalogue": "21cfr11", "stream": str(project.pk), **changed}

    answer = client.post(f"{URL}new/", form)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not EvidenceReport.objects.exists()


def test_a_report_under_way_says_how_long_and_asks_again(client: Client) -> None:
    project = make_project()
    key = str(project.pk)
    report = making.request(
        "21cfr11", stream_key=key, period=making.whole_period(key), by=making.MAKER
    )
    signed_in(client, Role.REGULATORY, project)

    page = client.get(f"{URL}{report.pk}/").content.decode()

    assert "being made" in page
    assert 'hx-trigger="every 2s"' in page
    assert client.get(f"{URL}{report.pk}/report.pdf").status_code == 404
    making.carry_out(report)
    answer = client.get(f"{URL}{report.pk}/", headers={"HX-Request": "true"})
    assert answer.headers["HX-Refresh"] == "true"


def test_an_interrupted_report_is_finished_with_what_was_asked_for(client: Client) -> None:
    project = make_project()
    key = str(project.pk)
    report = making.request(
        "21cfr11", stream_key=key, period=making.whole_period(key), by=making.MAKER
    )
    long_ago = timezone.now() - timedelta(minutes=6)
    EvidenceReport.objects.filter(pk=report.pk).update(requested_at=long_ago)
    signed_in(client, Role.REGULATORY, project)
    assert "was interrupted" in client.get(f"{URL}{report.pk}/").content.decode()

    client.post(f"{URL}{report.pk}/finish/")
    wait_for_threads()

    report.refresh_from_db()
    assert report.state == EvidenceReport.State.MADE


def test_the_list_is_filtered_and_refuses_nonsense(client: Client) -> None:
    project = make_project()
    first = make_report(project)
    second = make_report(project, "hipaa_security")
    signed_in(client, Role.REGULATORY, project)

    page = client.get(URL, {"catalogue": "hipaa_security"}).content.decode()
    by_number = client.get(URL, {"q": first.name}).content.decode()

    assert second.name in page
    assert str(first.pk) not in page
    assert first.name in by_number
    assert client.get(URL, {"catalogue": "x"}).status_code == 400
    assert "No report matches" in client.get(URL, {"q": "nothing"}).content.decode()


def test_the_list_takes_the_same_queries_however_long_it_is(client: Client) -> None:
    project = make_project()
    signed_in(client, Role.REGULATORY, project)
    make_report(project)
    few = _queries(client)

    for _ in range(3):
        make_report(project)

    assert _queries(client) == few


def _queries(client: Client) -> int:
    with CaptureQueriesContext(connections["default"]) as captured:
        client.get(URL)
    # The session notes an activity now and then, which has nothing to do with the list.
    return sum("accounts_session" not in query["sql"] for query in captured)


def test_a_status_is_chosen_by_its_count(client: Client) -> None:
    project = make_project()
    report = make_report(project)
    signed_in(client, Role.REGULATORY, project)

    page = client.get(f"{URL}{report.pk}/", {"status": "missing"}).content.decode()
    other = client.get(f"{URL}{report.pk}/", {"status": "nonsense"}).content.decode()

    assert "Show all" in page
    assert "Show all" not in other


def test_gaps_are_grouped_folded_and_lead_to_their_clause_opened(client: Client) -> None:
    project = make_project()
    report = make_report(project, "hipaa_security")
    signed_in(client, Role.REGULATORY, project)

    page = client.get(f"{URL}{report.pk}/").content.decode()
    others = report.counts["missing"] - 5
    assert f"The other {others} missing" in page
    assert "<details open" not in page
    anchor = page.partition("?clause=")[2].partition("#")[0]
    opened = client.get(f"{URL}{report.pk}/", {"clause": anchor}).content.decode()

    row = opened.partition(f'id="{anchor}"')[2]
    assert row[: row.index(">")].split() == ["open"]
    assert "Run the checks now" in page
    assert "No check was tried against the running system in the period" in page
