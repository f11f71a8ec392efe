"""Printed names for what the record knows by reference."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

import ledger


def people(refs: Collection[str]) -> Mapping[str, str]:
    """Return the printed name of each person among `refs`."""
    from accounts.models import User  # apps load before models

    found = User.objects.filter(pk__in=_keys(refs))
    return {user.ledger_ref: user.printed_name for user in found}


def devices(refs: Collection[str]) -> Mapping[str, str]:
    """Return the asset tag of each device among `refs`."""
    from accounts.models import Device

    found = Device.objects.filter(pk__in=_keys(refs))
    return {device.ledger_ref: device.asset_tag for device in found}


def facilities(refs: Collection[str]) -> Mapping[str, str]:
    """Return the name of each facility among `refs`."""
    from accounts.models import Facility

    return {row.ledger_ref: row.title for row in Facility.objects.filter(pk__in=_keys(refs))}


def ranges(refs: Collection[str]) -> Mapping[str, str]:
    """Return whose network each range among `refs` is."""
    from accounts.models import NetworkRange

    found = NetworkRange.objects.filter(pk__in=_keys(refs)).select_related("facility")
    return {row.ledger_ref: f"Network of {row.facility}" for row in found}


def policies(refs: Collection[str]) -> Mapping[str, str]:
    """Return whose policy each device policy among `refs` is."""
    from accounts.models import DevicePolicy

    found = DevicePolicy.objects.filter(pk__in=_keys(refs)).select_related("project")
    return {row.ledger_ref: f"Device policy of {row.project}" for row in found}


def projects(refs: Collection[str]) -> Mapping[str, str]:
    """Return the name of each project among `refs`."""
    from accounts.models import Project

    found = Project.objects.filter(pk__in=_keys(refs))
    return {project.ledger_ref: project.name for project in found}


def sessions(refs: Collection[str]) -> Mapping[str, str]:
    """Return whose each session among `refs` is."""
    from accounts.models import Session

    found = Session.objects.filter(pk__in=_keys(refs)).select_related("user")
    return {s.ledger_ref: f"Session of {s.user.printed_name}" for s in found}


def services(refs: Collection[str]) -> Mapping[str, str]:
    """Return the name of each program among `refs`."""
    from accounts.models import ServiceAccount

    found = ServiceAccount.objects.filter(pk__in=_keys(refs))
    return {service.ledger_ref: f"{service.name} (program)" for service in found}


def tokens(refs: Collection[str]) -> Mapping[str, str]:
    """Return whose each token among `refs` is."""
    from accounts.models import Token

    found = Token.objects.filter(pk__in=_keys(refs)).select_related("service")
    return {token.ledger_ref: f"Token of {token.service.name}" for token in found}


def alerts(refs: Collection[str]) -> Mapping[str, str]:
    """Return what each alert among `refs` tells of."""
    from accounts.models import Alert

    found = Alert.objects.filter(pk__in=_keys(refs))
    return {alert.ledger_ref: f"Alert: {alert.get_kind_display()}" for alert in found}


def streams(user: Any, permission: str) -> Collection[str]:
    """Return the keys of the streams that `permission` opens to `user`, all at once."""
    from accounts.backends import visible_streams

    return visible_streams(user, permission)


def stream_of(slug: str) -> str | None:
    """Return the key of the stream of the project called `slug`."""
    from accounts.models import Project

    project = Project.objects.filter(slug=slug).first()
    return str(project.pk) if project else None


def years(key: str, stream: str | None) -> int:
    """Return for how many years a project, or the organisation, keeps a retention class."""
    from accounts.retention import periods

    return periods().years(key, stream)


def holds(refs: Collection[str]) -> Mapping[str, str]:
    """Return what each legal hold among `refs` covers."""
    from accounts.models import LegalHold

    found = LegalHold.objects.filter(pk__in=_keys(refs))
    return {hold.ledger_ref: f"Legal hold on {hold.covered}" for hold in found}


def emergencies(refs: Collection[str]) -> Mapping[str, str]:
    """Return whose images each emergency access among `refs` opened."""
    from accounts.models import EmergencyAccess

    found = EmergencyAccess.objects.filter(pk__in=_keys(refs))
    return {one.ledger_ref: f"Emergency access to {one.subject_title}" for one in found}


def access_reviews(refs: Collection[str]) -> Mapping[str, str]:
    """Return the day of each review of access among `refs`."""
    from accounts.models import AccessReview

    found = AccessReview.objects.filter(pk__in=_keys(refs))
    return {one.ledger_ref: str(one).capitalize() for one in found}


def _keys(refs: Collection[str]) -> list[UUID]:
    """Return the keys in `refs`, without those that are none."""
    keys = []
    for ref in refs:
        with suppress(ValueError):
            keys.append(UUID(ref.partition(":")[2]))
    return keys


ledger.names("accounts.user", people)
ledger.names("accounts.session", sessions)
ledger.names("accounts.device", devices)
ledger.names("accounts.device_policy", policies)
ledger.names("accounts.facility", facilities)
ledger.names("accounts.network_range", ranges)
ledger.names("accounts.project", projects)
ledger.streams_visible(streams)
ledger.streams_named(stream_of)
ledger.names("accounts.legal_hold", holds)
ledger.names("accounts.service", services)
ledger.names("accounts.token", tokens)
ledger.names("accounts.alert", alerts)
ledger.names("accounts.emergency_access", emergencies)
ledger.names("accounts.access_review", access_reviews)
ledger.kept_longer(years)
