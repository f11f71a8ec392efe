"""Two people erase through the pages: periods, a hold in the way, two signatures, withheld."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import ErasureRequest
from tests.accounts.erasing import DUTY, Office, note, seq_of
from tests.factories import PASSWORD
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign(page: Page, button: str) -> None:
    """Type the password into the sign form and press Enter there; no mouse is needed."""
    page.get_by_label("Password").fill(PASSWORD)
    expect(page.get_by_role("button", name=re.compile(button))).to_be_enabled()
    page.keyboard.press("Enter")


def ask(person: Visitor, office: Office, seq: int) -> None:
    page = person.page
    person.go(f"/retention/erasures/new/?project={office.project.pk}&positions={seq}")
    page.get_by_label("On what grounds").select_option("duty")
    page.get_by_label("Legal basis").fill(DUTY)
    page.get_by_label("Why").fill("the person asked")
    page.get_by_role("button", name="Show what it covers").click()


def look_around(one: Visitor) -> None:
    """See the pages while they hold nothing yet."""
    one.go("/retention/")
    expect(one.page.get_by_role("heading", name="Retention", exact=True)).to_be_visible()
    one.picture("retention")
    one.go("/retention/erasures/")
    one.picture("retention-erasures-empty")
    one.go("/retention/holds/")
    one.picture("retention-holds-empty")


def place_hold(one: Visitor, office: Office) -> None:
    one.page.get_by_label("Where").select_option(label=office.project.name)
    one.page.get_by_label("Why").fill("claim 7")
    one.page.get_by_role("button", name="Place the hold").click()
    one.picture("retention-hold")


def lift_hold(one: Visitor, two: Visitor) -> None:
    """One person asks, and cannot lift; another lifts."""
    one.go("/retention/holds/")
    one.page.get_by_role("link", name="claim 7").click()
    one.page.get_by_label("Why").fill("claim settled")
    one.page.get_by_role("button", name="Ask to lift it").click()
    expect(one.page.get_by_role("button", name="Lift the hold")).to_be_disabled()
    one.picture("retention-hold-asked")
    two.go(one.page.url.removeprefix(one.address))
    two.page.get_by_role("button", name="Lift the hold").click()
    two.go("/retention/holds/")
    two.picture("retention-holds")


def approve(two: Visitor) -> None:
    """Try a wrong password, which signs nothing, then the right one, from the keyboard."""
    two.go("/retention/erasures/")
    two.picture("retention-erasures")
    two.page.get_by_role("link", name="Entries of the record").click()
    two.page.get_by_label("Password").fill("not my password")
    two.page.keyboard.press("Enter")
    expect(two.page.get_by_text("Nothing was signed")).to_be_visible()
    two.picture("retention-erasure-approve")
    sign(two.page, "Approve and erase as")
    expect(two.page.get_by_text("Approved and carried out")).to_be_visible()
    two.picture("retention-erasure-done")


def test_two_people_erase_what_no_hold_covers(chromium: Browser, live_server: Any) -> None:
    office = Office()
    seq = seq_of(note(office.project))
    with (
        Visitor(chromium, live_server.url, office.asking) as one,
        Visitor(chromium, live_server.url, office.approving) as two,
    ):
        look_around(one)
        place_hold(one, office)
        ask(one, office, seq)
        expect(one.page.get_by_text("A legal hold (entry #")).to_be_visible()
        one.picture("retention-erasure-held")
        lift_hold(one, two)
        ask(one, office, seq)
        one.picture("retention-erasure-ask")
        sign(one.page, "Ask as")
        expect(one.page.get_by_text("somebody else approves or declines it")).to_be_visible()
        one.picture("retention-erasure-waits")
        approve(two)
        two.go(f"/ledger/{office.stream}/{seq}/")
        expect(two.page.get_by_text("Withheld: erased on")).to_be_visible()
        two.picture("retention-entry-withheld")

    assert ErasureRequest.objects.get().state == "carried_out"
    assert [*one.faults, *two.faults] == []
