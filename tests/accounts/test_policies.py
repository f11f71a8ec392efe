"""Policies: published by version, acknowledged by signature; a new version asks again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from accounts import owed, policies, roles
from accounts.controls.policies import policy_ack_current
from accounts.errors.policies import (
    AcknowledgedError,
    NotInForceError,
    OtherPaperError,
    PolicyFactsError,
    PolicyUnchangedError,
)
from accounts.models import Acknowledgement, PolicyVersion, Role
from accounts.models.data_permission import today
from accounts.records import policies as records
from ledger.history import record_of
from ledger.models import Entry
from tests.accounts.papers import acknowledged, confirmed, publish
from tests.accounts.recorded import recorded
from tests.annotations import flow
from tests.factories import make_administrator, make_user

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_a_policy_is_acknowledged_by_a_signature_that_binds_its_content() -> None:
    version, reader = publish(), make_user(role=Role.ANNOTATOR)

    acknowledged(version, reader)

    (said,) = recorded("policy.acknowledged")
    (signature,) = recorded("signature.applied")
    assert said["actor"] == signature["actor"] == reader.ledger_ref
    assert said["payload"]["content_hash"] == version.content_hash
    assert version.content_hash in signature["payload"]["manifest"]
    assert not recorded("workstation.policy_acknowledged")


def test_the_rule_on_mobile_devices_is_named_as_such() -> None:
    version, reader = publish(kind="mobile"), make_user(role=Role.ANNOTATOR)

    acknowledged(version, reader)

    (said,) = recorded("workstation.policy_acknowledged")
    assert said["payload"]["person_id"] == str(reader.pk)


def test_it_is_owed_by_the_roles_it_names_until_they_sign() -> None:
    version = publish()
    reader, reviewer = make_user(role=Role.ANNOTATOR), make_user(role=Role.REVIEWER)

    (one,) = owed.owed(reader)
    assert one.is_overdue
    assert version.policy.title in one.title
    assert owed.owed(reviewer) == []

    acknowledged(version, reader)
    assert owed.owed(reader) == []


def test_a_new_version_asks_again_from_the_day_it_is_in_force() -> None:
    reader = make_user(role=Role.ANNOTATOR)
    acknowledged(publish(), reader)

    publish(text="To come", valid_from=today() + DAY)
    assert policies.waiting(reader) == []

    new = publish(text="Now", valid_from=today() + DAY)
    PolicyVersion.objects.filter(pk=new.pk).update(valid_from=today())
    assert [version.number for version in policies.waiting(reader)] == [3]


def test_only_the_version_in_force_is_acknowledged_and_once() -> None:
    old, reader = publish(), make_user(role=Role.ANNOTATOR)
    new = publish(text="New")

    with pytest.raises(NotInForceError):
        acknowledged(old, reader)
    acknowledged(new, reader)
    with pytest.raises(AcknowledgedError):
        acknowledged(new, reader)

    assert Acknowledgement.objects.count() == len(recorded("policy.acknowledged")) == 1


def test_another_persons_signature_or_another_paper_counts_for_nothing() -> None:
    version, other = publish(), publish(title="Other")
    reader, colleague = make_user(role=Role.ANNOTATOR), make_user(role=Role.ANNOTATOR)
    item = policies.signed_item(version)

    with pytest.raises(OtherPaperError):
        policies.acknowledge(version, by=reader, confirmation=confirmed(item, colleague))
    with pytest.raises(OtherPaperError):
        policies.acknowledge(other, by=reader, confirmation=confirmed(item, reader))

    assert not recorded("policy.acknowledged")


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": " "},
        {"kind": "none"},
        {"text": " "},
        {"roles": ()},
        {"roles": ("king",)},
        {"due_days": 366},
    ],
)
def test_a_version_that_does_not_say_what_it_must_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(PolicyFactsError):
        publish(**wrong)


def test_a_new_version_says_something_new_and_begins_no_earlier() -> None:
    publish()

    with pytest.raises(PolicyUnchangedError):
        publish()
    with pytest.raises(PolicyFactsError):
        publish(text="Else", valid_from=today() - 400 * DAY)


def test_readers_publish_nothing() -> None:
    with pytest.raises(PermissionDenied):
        publish(by=make_user(role=Role.ANNOTATOR))


Sealed = Callable[[], list[Any]]


@pytest.fixture
def sealed(seal_now: Callable[[], None]) -> Sealed:
    def read() -> list[Any]:
        seal_now()
        entries = Entry.objects.select_related("body", "stream").order_by("body_id")
        return [record_of(entry) for entry in entries]

    return read


def test_the_control_finds_who_signed_while_owing(sealed: Sealed) -> None:
    version = publish(roles=(Role.REVIEWER.value,))
    flow.signed()
    assert len(list(policy_ack_current(sealed()))) == 1

    item = flow.reviewed()
    acknowledged(version, flow.reviewer_of(item))
    flow.signed(item)
    assert len(list(policy_ack_current(sealed()))) == 1  # the first one still, no other


def test_the_control_lets_time_to_acknowledge_and_roles_that_ended(sealed: Sealed) -> None:
    publish(roles=(Role.REVIEWER.value,), valid_from=today(), due_days=1)
    publish(title="For auditors", roles=(Role.AUDITOR.value,))

    flow.signed()

    assert list(policy_ack_current(sealed())) == []


def test_a_leaver_owes_nothing() -> None:
    publish()
    reader = make_user(role=Role.ANNOTATOR)

    roles.revoke(reader.memberships.get(), by=make_administrator(), reason="left")

    assert owed.owed(reader) == []


@pytest.mark.parametrize(
    "edit",
    [
        lambda: PolicyVersion.objects.update(text="Nothing is asked."),
        lambda: PolicyVersion.objects.update(roles=["auditor"]),
        lambda: Acknowledgement.objects.all().delete(),
    ],
    ids=["reworded", "excused", "forgotten"],
)
def test_edits_behind_the_record_are_found(edit: Callable[[], object], sealed: Sealed) -> None:
    acknowledged(publish(), make_user(role=Role.ANNOTATOR))

    def agree() -> bool:
        said = sealed()
        published = [e for e in said if e.event == "policy.published"]
        known = [e for e in said if e.event == "policy.acknowledged"]
        return dict(records.version_rows()) == dict(
            records.replay_versions(published)
        ) and dict(records.acknowledgement_rows()) == dict(
            records.replay_acknowledgements(known)
        )

    assert agree()
    edit()
    assert not agree()
