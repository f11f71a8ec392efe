"""Home of the regulatory role: gaps first, then clauses by regulation."""

import re

import pytest
from django.test import Client

import ledger
from accounts.models import Role, User
from annotations.web import evidence_panels
from tests.annotations.flow import make_item, make_member
from tests.factories import make_project, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def home_of(user: User) -> str:
    client = Client()
    sign_in(client, user)
    return client.get("/").content.decode()


def test_without_a_report_the_page_leads_to_the_act_that_makes_one() -> None:
    page = home_of(make_member(Role.REGULATORY, make_project()))

    assert "No report was made yet" in page
    assert "Make the first report" in page
    assert page.count("/evidence/new/") == 2  # the heading's act and the empty state's
    assert "Clauses by regulation" not in page


def test_gaps_name_their_clause_and_lead_to_it_and_the_bars_tell_their_counts() -> None:
    project = make_project()
    regulatory = make_member(Role.REGULATORY, project)
    ledger.make_report("21cfr11", stream=str(project.pk), by=regulatory)
    [report] = ledger.newest_reports(str(project.pk))

    page = home_of(regulatory)

    links = re.findall(rf"/evidence/{report.report}/\?clause=(c-[^#\"]+)#(c-[^\"]+)", page)
    anchors = {gap.anchor for gap in report.gaps}
    assert links
    assert all(asked == place and asked in anchors for asked, place in links)
    missing = report.counts["missing"]
    assert f"0 failed, {missing} missing" in page
    assert f"0 clauses failed, {missing} without evidence" in page


def test_reports_of_other_projects_are_not_told() -> None:
    other = make_project()
    ledger.make_report("21cfr11", stream=str(other.pk), by=make_member("regulatory", other))

    assert "No report was made yet" in home_of(make_member("regulatory", make_project()))


@pytest.mark.parametrize(
    "counts", [(1, 2, 4, 9, 21, 2), (0, 56, 15, 0, 1, 0), (0, 0, 0, 0, 7, 0)]
)
def test_a_bar_is_as_long_as_its_counts_and_fills_the_row(counts: tuple[int, ...]) -> None:
    bars = evidence_panels.bars_of(counts)

    assert [bar["count"] for bar in bars] == [count for count in counts if count]
    widths = [float(bar["width"]) / bar["count"] for bar in bars]
    assert max(widths) - min(widths) < 0.11
    assert float(bars[-1]["x"]) + float(bars[-1]["width"]) == pytest.approx(639.5, abs=0.2)


def test_who_may_not_see_images_is_shown_no_thumbnails_in_the_records() -> None:
    project = make_project()
    item = make_item(project=project)
    pages = {}
    for role in (Role.REGULATORY, Role.REVIEWER):
        client = Client()
        sign_in(client, make_member(role, project))
        pages[role] = client.get(f"/projects/{project.slug}/records/").content.decode()

    thumbnail = f"/api/series/{item.series_id}/thumbnail"
    assert thumbnail not in pages[Role.REGULATORY]
    assert item.series.subject.code in pages[Role.REGULATORY]
    assert thumbnail in pages[Role.REVIEWER]
