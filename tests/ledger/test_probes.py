"""Probes: on a sound system each sees what it must, and a fault makes them say so."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

import ledger
from ledger import probes
from ledger.evidence import planted, probing
from tests.factories import make_project, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def results(name: str) -> set[str]:
    probed = probing.run()
    return {each.observation.result for each in probed if each.control == name}


def test_every_way_to_alter_the_record_is_refused_to_the_application() -> None:
    make_user()

    tried = [probes.attack(what, statement) for _, what, statement in probes.attacks()]

    assert len(tried) >= 17
    assert {each.result for each in tried} == {"pass"}


def test_an_attack_that_succeeds_is_a_failure_and_leaves_no_trace() -> None:
    user = make_user(printed_name="Rosa Klein")

    seen = probes.attack("UPDATE people", "UPDATE accounts_user SET printed_name = 'X'")

    assert seen.result == "fail"
    user.refresh_from_db()
    assert user.printed_name == "Rosa Klein"


def test_a_guard_that_was_switched_off_is_seen(superuser_cursor: Any) -> None:
    superuser_cursor.execute("ALTER TABLE ledger.entry DISABLE TRIGGER deny_row")

    observed = list(probes.audit_always_on())

    assert observed[-1].result == "fail"
    assert "deny_row is off" in observed[-1].observed


def test_every_fault_planted_in_a_copy_is_found_where_it_lies() -> None:
    for _ in range(3):
        make_user()
    list(probes.chain_verify())

    found = list(planted.faults())

    assert len(found) == 6
    assert {each.result for each in found} == {"pass"}


def test_a_changed_row_fails_the_comparison_with_the_record() -> None:
    user = make_user()
    assert results("ledger_completeness") == {"pass", "no_data"}

    type(user).objects.filter(pk=user.pk).update(printed_name="Somebody else")

    assert "fail" in results("ledger_completeness")


def test_a_run_records_each_observation() -> None:
    make_project()

    probed = probing.run()

    refs = {f"ledger.control:{each.control}" for each in probed}
    recorded = [e for e in ledger.about(*refs) if e.event == "control.probed"]
    assert len(recorded) == len(probed)
    assert all(entry.actor == "system:run_probes" for entry in recorded)


def test_no_page_opens_without_signing_in() -> None:
    assert results("all_views_authenticated") == {"pass"}


def test_the_command_prints_what_was_observed() -> None:
    make_user()
    out = StringIO()

    call_command("run_probes", "--json", stdout=out)

    printed = json.loads(out.getvalue())["probes"]
    assert {"append_only_enforced", "chain_verify", "tamper_canary"} <= {
        each["control"] for each in printed
    }
    assert {each["result"] for each in printed} <= {"pass", "no_data"}


def test_the_command_fails_when_a_probe_does(superuser_cursor: Any) -> None:
    superuser_cursor.execute("ALTER TABLE ledger.entry DISABLE TRIGGER deny_row")

    with pytest.raises(SystemExit) as ended:
        call_command("run_probes", stdout=StringIO())

    assert ended.value.code == 1
