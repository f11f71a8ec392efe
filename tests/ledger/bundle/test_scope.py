"""Scopes: what can be meant, how it is said, and where its edges are."""

import json
from datetime import UTC, date, datetime

import pytest

import ledger
from ledger.bundle.scope import (
    Scope,
    ScopeError,
    event_of,
    marks_of,
    references_in,
    sealed_record,
    signed_items,
)

UUID = "3f0c4c4e-9f1a-4a52-9d5e-0a4f5a1f2b3c"


def microseconds(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"since": date(2026, 2, 2), "until": date(2026, 2, 1)}, "exchange the two days"),
        ({"record": "not a reference"}, "as it stands in its entries"),
        ({"record": "app.thing:1", "since": date(2026, 2, 1)}, "Choose one"),
    ],
)
def test_what_cannot_be_meant_is_refused(facts: dict[str, date | str], said: str) -> None:
    with pytest.raises(ScopeError, match=said):
        Scope(key="one", **facts)  # type: ignore[arg-type]  # that is what is tried


@pytest.mark.parametrize(
    ("scope", "kind"),
    [
        (Scope(key="one"), "whole project"),
        (Scope(key="org"), "whole organisation"),
        (
            Scope(key="one", since=date(2026, 1, 1), until=date(2026, 3, 31)),
            "project, entries sealed from 2026-01-01 until 2026-03-31 UTC",
        ),
        (Scope(key="org", until=date(2026, 3, 31)), "organisation, entries sealed until"),
        (Scope(key="one", record="app.thing:1"), "record app.thing:1"),
    ],
)
def test_the_manifest_says_what_is_shown(scope: Scope, kind: str) -> None:
    assert scope.told()["kind"].startswith(kind)
    assert scope.told()["project"] == scope.key


def test_both_days_of_a_period_are_in_it_to_the_microsecond() -> None:
    scope = Scope(key="one", since=date(2026, 1, 31), until=date(2026, 2, 28))

    assert not scope.in_period(microseconds(2026, 1, 31) - 1)
    assert scope.in_period(microseconds(2026, 1, 31))
    assert scope.in_period(microseconds(2026, 3, 1) - 1)
    assert not scope.in_period(microseconds(2026, 3, 1))


def test_a_record_is_found_by_its_reference_and_by_an_identity_that_is_only_its_own() -> None:
    manifest = json.dumps({"items": [{"record_id": UUID}]})
    signed = ledger.canonical({"payload": {"manifest": manifest}})
    marks = marks_of(f"annotations.annotation:{UUID}")

    assert any(mark in signed for mark in marks)
    assert not any(mark in b'{"subject":"app.thing:12"}' for mark in marks_of("app.thing:1"))
    assert not any(mark in b'{"number":"1"}' for mark in marks_of("app.thing:1"))


def test_an_event_is_named_by_its_own_field() -> None:
    lying = {"actor": "system:x", "event": "thing.happened", "reason": '"event":"key.rotated"'}

    assert event_of(ledger.canonical(lying)) == "thing.happened"
    assert event_of(b"\xff") == ""


def test_references_are_found_wherever_they_stand() -> None:
    body = ledger.canonical({"a": "accounts.user:1", "b": ["by accounts.device:2 here"]})

    assert references_in(body) >= {"accounts.user:1", "accounts.device:2"}


@pytest.mark.parametrize(
    "body",
    [
        b"no event",
        ledger.canonical({"payload": {"manifest": "no manifest"}}),
        ledger.canonical({"payload": {"manifest": '{"items":[{"record_id":"1"}]}'}}),
        ledger.canonical({"payload": {"manifest": '{"items":7}'}}),
        ledger.canonical({"payload": 7}),
    ],
)
def test_a_broken_signature_is_about_nothing(body: bytes) -> None:
    assert list(signed_items(body)) == []


def test_a_sealed_record_has_a_version() -> None:
    sealing = {"content_hash": "ab", "record_id": "1", "version": 3}

    assert sealed_record(ledger.canonical({"payload": sealing})) == ("1", 3)
    broken = ledger.canonical({"payload": sealing | {"version": "x"}})
    assert sealed_record(broken) is None
    assert sealed_record(b'"content_hash" "record_id"') is None
