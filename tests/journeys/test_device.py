"""A workstation's browser names it at sign-in; a copied cookie and a replay do not."""

from typing import Any

import pytest
from playwright.sync_api import APIResponse, Browser, expect

from accounts.models import Device, Session, User
from tests.factories import make_administrator, make_device, make_user
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOLDS = """async () => {
  const open = indexedDB.open("annotation-ledger", 1);
  const base = await new Promise((done) => (open.onsuccess = () => done(open.result)));
  const got = base.transaction("device").objectStore("device").get("key");
  const pair = await new Promise((done) => (got.onsuccess = () => done(got.result)));
  const taken = await crypto.subtle.exportKey("pkcs8", pair.privateKey).catch((e) => e.name);
  return [pair.privateKey.extractable, taken];
}"""


def device_of_newest(user: User) -> Device | None:
    return Session.objects.filter(user=user).latest("login_at").device


def look(person: Visitor, device: Device) -> None:
    for path, name in (
        ("/devices/", "devices"),
        (f"/devices/{device.pk}/", "device"),
        ("/devices/mine/", "devices-mine"),
        ("/devices/labels/", "devices-labels"),
        ("/devices/policies/", "devices-policies"),
    ):
        person.go(path)
        person.picture(name)


def replay(person: Visitor, said: str) -> APIResponse:
    """Send once more what the browser has sent already."""
    token = person.page.locator("meta[name=csrf-token]").get_attribute("content") or ""
    headers = {
        "content-type": "application/json",
        "x-csrftoken": token,
        "referer": person.address,
    }
    return person.page.context.request.post("/device/prove/", data=said, headers=headers)


def test_bound_workstation_is_named_and_nobody_else_can_say_so(
    chromium: Browser, live_server: Any
) -> None:
    administrator, reader = make_administrator(), make_user()
    device = make_device(asset_tag="WS-014", by=administrator)

    with Visitor(chromium, live_server.url, administrator) as person:
        person.go(f"/devices/{device.pk}/browser/")
        person.picture("device-browser")
        person.page.get_by_role("button", name="This browser is WS-014").focus()
        person.page.keyboard.press("Enter")
        person.page.wait_for_url(f"{live_server.url}/devices/{device.pk}/")
        assert person.page.evaluate(HOLDS) == [False, "InvalidAccessError"]
        look(person, device)

        person.page.context.clear_cookies(name="sessionid")
        person.go("/sign-in/")
        with person.page.expect_request("**/device/prove/") as asked:
            person.go("/sign-in/")
        expect(person.page.get_by_text("This is WS-014, a registered device.")).to_be_visible()
        said = asked.value.post_data
        person.page.fill("input[name=login]", reader.email)
        person.page.fill("input[name=password]", "quiet-harbour-lantern-7")
        person.page.keyboard.press("Enter")
        person.page.wait_for_url(f"{live_server.url}/")
        assert device_of_newest(reader) == device

        replayed = replay(person, said or "")
        assert replayed.status == 409
        assert replayed.json()["code"] == "challenge_spent"
        cookies = [c for c in person.page.context.cookies() if c["name"] != "sessionid"]
        assert person.faults == []

    other = Visitor(chromium, live_server.url, reader)
    other.context.add_cookies(cookies)  # type: ignore[arg-type]
    with other:
        assert device_of_newest(reader) is None
