"""Printed names for what the record knows by reference."""

import pytest

import ledger
from tests.factories import make_device, make_project, make_session, make_user

pytestmark = pytest.mark.django_db


def test_references_have_the_names_people_know() -> None:
    person, project = make_user(printed_name="Ana Lima"), make_project(name="Anatomy")
    device, session = make_device(asset_tag="WS-9"), make_session(person)
    refs = [person.ledger_ref, project.ledger_ref, device.ledger_ref, session.ledger_ref]

    names = ledger.name_of(refs)

    assert list(names.values()) == ["Ana Lima", "Anatomy", "WS-9", "Session of Ana Lima"]


@pytest.mark.parametrize("ref", ["accounts.user:nonsense", "accounts.project:" + "9" * 36])
def test_a_reference_to_nothing_keeps_its_own_form(ref: str) -> None:
    assert ledger.name_of([ref]) == {ref: ref}
