"""The envelope: exactly these fields, in exactly this form."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

import ledger
from ledger.envelope import envelope
from ledger.hashing import network_digest
from ledger.verifier.envelope import envelope_fault
from tests.ledger.events import ThingHappened

NOW = datetime(2026, 11, 23, 9, 40, 0, 7, tzinfo=UTC)


def good(**changed: Any) -> dict[str, Any]:
    event = ThingHappened()
    written = envelope(event, actor="a.b:1", subject="a.b:2", reason=None, at=NOW)
    return {**written, **changed}


def test_the_envelope_has_the_published_form() -> None:
    assert ledger.canonical(good()) == (
        b'{"actor":"a.b:1","at":"2026-11-23T09:40:00.000007Z","event":"thing.happened",'
        b'"origin":{"device":null,"network":null,"session":null},'
        b'"payload":{"number":1,"text":"as it was"},"schema":"ledger.event/1",'
        b'"subject":"a.b:2"}'
    )
    assert envelope_fault(good()) is None


def test_a_whole_second_has_its_microseconds_too() -> None:
    even = NOW.replace(microsecond=0)
    written = envelope(ThingHappened(), actor="a.b:1", subject="a.b:2", reason=None, at=even)

    assert written["at"] == "2026-11-23T09:40:00.000000Z"


def test_each_address_has_its_own_digest_and_keeps_it() -> None:
    def network() -> object:
        return good()["origin"]["network"]

    with ledger.origin(session="s-1", address="192.0.2.9"):
        first = [network(), network()]
        with ledger.origin(address="192.0.2.10"):
            other = network()
        with ledger.origin(session="s-2"):
            first.append(network())

    assert set(first) == {network_digest(settings.LEDGER_NETWORK_KEY, "192.0.2.9")}
    assert other == network_digest(settings.LEDGER_NETWORK_KEY, "192.0.2.10")
    assert network() is None


def test_role_is_the_one_of_the_stream_unless_one_holds_everywhere() -> None:
    def role(stream: str | None) -> str | None:
        happened = ThingHappened()
        return envelope(
            happened, actor="a.b:1", subject="a.b:2", reason=None, at=NOW, stream=stream
        ).get("role")

    with ledger.origin(roles={"p1": "annotator", "": "annotator+auditor"}):
        assert (role("p1"), role("p2"), role(None)) == ("annotator", None, "annotator+auditor")
        with ledger.origin(role="data_manager"):
            assert role("p1") == "data_manager"


@given(st.text())
def test_reason_and_role_may_be_any_text(text: str) -> None:
    assert envelope_fault(good(reason=text, role=text)) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"schema": "ledger.event/2"},
        {"extra": 1},
        {"event": "happened"},
        {"event": 1},
        {"actor": "nobody"},
        {"subject": "a.b:c d"},
        {"at": "2026-11-23T09:40:00Z"},
        {"at": "2026-13-23T09:40:00.000000Z"},
        {"at": "2026-11-23T24:00:00.000000Z"},
        {"at": "2026-11-23T09:40:00.000000+00:00"},
        {"payload": []},
        {"clock": 1},
        {"reason": 1},
        {"role": None},
        {"origin": None},
        {"origin": {"device": None, "session": None}},
        {"origin": {"device": 1, "network": None, "session": None}},
        {"origin": {"device": None, "network": "192.0.2.1", "session": None}},
    ],
)
def test_any_other_form_is_a_fault(changed: dict[str, Any]) -> None:
    assert envelope_fault(good(**changed)) is not None


@pytest.mark.parametrize("field", ["actor", "at", "event", "origin", "payload", "subject"])
def test_a_missing_field_is_a_fault(field: str) -> None:
    written = good()
    del written[field]

    assert envelope_fault(written) is not None
