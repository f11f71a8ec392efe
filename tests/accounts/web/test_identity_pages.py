"""Links between people and their organisation's accounts: who makes them, and their page."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts import identity_links, people
from accounts.errors.base import ReasonMissingError
from accounts.errors.identities import IdentityTakenError, IssuerUnknownError, LinkEndedError
from accounts.errors.people import OwnAccessError, PersonInactiveError
from accounts.models import IdentityLink, Role, User
from tests.accounts.recorded import recorded
from tests.accounts.web.conftest import Provider
from tests.factories import make_administrator, make_user, sign_in

pytestmark = pytest.mark.django_db


def test_links_are_made_by_another_administrator_for_whom_there_is_an_issuer(
    provider: Provider, person: User
) -> None:
    by, other = make_administrator(), make_user()
    gone = make_user()
    people.close_access(gone, by=by, reason="left")

    def link(user: User, *, to: str = provider.issuer, who: User = by, why: str = "x") -> None:
        identity_links.link(user, issuer=to, subject="subject-1", by=who, reason=why)

    refusals: list[tuple[Callable[[], None], type[Exception]]] = [
        (lambda: link(other), IdentityTakenError),
        (lambda: link(other, to="https://evil.example"), IssuerUnknownError),
        (lambda: link(other, why=" "), ReasonMissingError),
        (lambda: link(gone), PersonInactiveError),
        (lambda: link(by), OwnAccessError),
        (lambda: link(other, who=make_user(role=Role.REGULATORY)), PermissionDenied),
    ]
    for act, error in refusals:
        with pytest.raises(error):
            act()
    assert IdentityLink.objects.count() == 1
    assert "subject-1" not in str(recorded()) + str(IdentityLink.objects.values())


@pytest.mark.usefixtures("person")
def test_a_link_that_ended_names_nobody(provider: Provider) -> None:
    by, found = make_administrator(), IdentityLink.objects.get()

    identity_links.unlink(found, by=by, reason="left the hospital")
    with pytest.raises(LinkEndedError):
        identity_links.unlink(found, by=by, reason="again")

    assert identity_links.person_of(provider.issuer, "subject-1") is None


def test_an_administrator_links_and_unlinks_on_the_persons_page(
    client: Client, provider: Provider
) -> None:
    sign_in(client, make_administrator())
    person = make_user()
    address = f"/people/{person.pk}/links/"
    told = {"issuer": provider.issuer, "subject": "s-9", "reason": "seen the directory"}

    assert client.post(address, {**told, "subject": ""}).status_code == 422
    assert client.post(address, told).status_code == 302
    assert client.post(address, told).status_code == 422
    found = IdentityLink.objects.get()
    assert provider.issuer in client.get(f"/people/{person.pk}/").content.decode()
    assert client.post(f"/links/{found.pk}/end/", {"reason": "left"}).status_code == 302

    assert recorded("identity.unlinked")[-1]["reason"] == "left"
