"""What the tables must agree with: people, roles, permissions, devices, movements."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import ledger
from accounts import retention_records
from accounts.events import (
    DeviceBrowserBound,
    DeviceMoved,
    DeviceRegistered,
    UserCreated,
    UserDeactivated,
    UserRoleGranted,
    UserRoleRevoked,
)

__all__ = ["retention_records"]  # found by this module's name, with what it declares

Row = tuple[str, str]


def digest(facts: dict[str, object]) -> str:
    """Return the hash by which a row and the entries about it are compared."""
    return ledger.sha256_hex(ledger.canonical(facts))


def person_rows() -> Iterator[Row]:
    """Yield every account as the table holds it now."""
    from accounts.models import User  # apps load before models

    for user in User.objects.iterator():
        yield user.ledger_ref, _person(user.email, user.printed_name, user.is_active)


def replay_people(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every account as the entries say it must be."""
    people: dict[str, tuple[str, str]] = {}
    closed = set()
    for entry in entries:
        if entry.event == UserCreated.name:
            people[entry.subject] = (entry.payload["account"], entry.payload["printed_name"])
        elif entry.event == UserDeactivated.name:
            closed.add(entry.subject)
    return {ref: _person(*facts, ref not in closed) for ref, facts in people.items()}


def _person(account: str, printed_name: str, is_active: bool) -> str:  # noqa: FBT001 - a stored fact
    return digest({"account": account, "printed_name": printed_name, "active": is_active})


def role_rows() -> Iterator[Row]:
    """Yield every membership, held or ended."""
    from accounts.models import Membership

    for held in Membership.objects.select_related("project", "user").iterator():
        ended = held.ended_at is not None
        yield held.ledger_ref, _role(held.user.ledger_ref, held.role, held.scope, ended=ended)


def replay_roles(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every membership as grants and revocations leave it."""
    roles: dict[str, str] = {}
    for entry in entries:
        if entry.event in {UserRoleGranted.name, UserRoleRevoked.name}:
            said = entry.payload
            roles[f"accounts.membership:{said['membership_id']}"] = _role(
                entry.subject,
                said["role"],
                said["scope"],
                ended=entry.event == UserRoleRevoked.name,
            )
    return roles


def _role(person: str, role: str, scope: str, *, ended: bool) -> str:
    return digest({"person": person, "role": role, "scope": scope, "ended": ended})


def permission_rows() -> Iterator[Row]:
    """Yield every object permission: one that no granted role carries is a way in."""
    from accounts.models import ProjectUserObjectPermission

    rows = ProjectUserObjectPermission.objects.values_list(
        "user_id", "content_object_id", "permission__codename"
    )
    for user_id, project_id, codename in rows.iterator():
        yield _permission(f"accounts.user:{user_id}", str(project_id), codename)


def replay_permissions(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return the object permissions that the roles held now carry."""
    from accounts.models.role import PROJECT_ROLES

    held: dict[str, tuple[str, str, str]] = {}
    for entry in entries:
        membership = entry.payload.get("membership_id", "")
        if entry.event == UserRoleGranted.name:
            project = entry.payload["scope"].partition(":")[2]
            held[membership] = (entry.subject, project, entry.payload["role"])
        elif entry.event == UserRoleRevoked.name:
            held.pop(membership, None)
    return dict(
        _permission(person, project, codename)
        for person, project, role in held.values()
        for codename in PROJECT_ROLES.get(role, ())
    )


def _permission(person: str, project: str, codename: str) -> Row:
    person_id = person.partition(":")[2]
    ref = f"accounts.permission:{person_id}/{project}/{codename}"
    return ref, digest({"person": person, "project": project, "permission": codename})


def device_rows() -> Iterator[Row]:
    """Yield every device with its place and holder."""
    from accounts.models import Device

    for device in Device.objects.select_related("holder").iterator():
        holder = device.holder.ledger_ref if device.holder else None
        facts = (device.asset_tag, device.kind, device.serial_hash)
        where = (device.place, holder)
        yield device.ledger_ref, _device(facts, where, device.browser_key)


def replay_devices(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every device where its registration and movements put it."""
    facts: dict[str, tuple[str, str, str]] = {}
    where: dict[str, tuple[str, str | None]] = {}
    keys: dict[str, str] = {}
    for entry in entries:
        said = entry.payload
        if entry.event == DeviceRegistered.name:
            facts[entry.subject] = (said["asset_tag"], said["kind"], said["serial_hash"])
            where[entry.subject] = (said["place"], said["holder"])
        elif entry.event == DeviceMoved.name:
            where[entry.subject] = (said["to_place"], said["holder"])
        elif entry.event == DeviceBrowserBound.name:
            keys[entry.subject] = said["browser_key"]
    return {ref: _device(known, where[ref], keys.get(ref, "")) for ref, known in facts.items()}


def _device(
    facts: tuple[str, str, str], where: tuple[str, str | None], browser_key: str
) -> str:
    tag, kind, serial_hash = facts
    place, holder = where
    return digest(
        {
            "tag": tag,
            "kind": kind,
            "serial": serial_hash,
            "place": place,
            "holder": holder,
            "browser_key": browser_key,
        }
    )


def movement_rows() -> Iterator[Row]:
    """Yield every step of custody."""
    from accounts.models import DeviceMovement

    for step in DeviceMovement.objects.select_related("device", "holder").iterator():
        holder = step.holder.ledger_ref if step.holder else None
        yield (
            step.ledger_ref,
            _movement(step.device.ledger_ref, step.from_place, step.to_place, holder),
        )


def replay_movements(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every step of custody that was recorded."""
    steps: dict[str, str] = {}
    for entry in entries:
        said = entry.payload
        if entry.event == DeviceRegistered.name:
            step = _movement(entry.subject, "", said["place"], said["holder"])
        elif entry.event == DeviceMoved.name:
            step = _movement(
                entry.subject, said["from_place"], said["to_place"], said["holder"]
            )
        else:
            continue
        steps[f"accounts.device_movement:{said['movement_id']}"] = step
    return steps


def _movement(device: str, from_place: str, to_place: str, holder: str | None) -> str:
    return digest({"device": device, "from": from_place, "to": to_place, "holder": holder})


ROLE_EVENTS = frozenset({UserRoleGranted.name, UserRoleRevoked.name})
CUSTODY_EVENTS = frozenset({DeviceRegistered.name, DeviceMoved.name})
DEVICE_EVENTS = CUSTODY_EVENTS | {DeviceBrowserBound.name}

ledger.recorded(
    "accounts.user",
    rows=person_rows,
    replay=replay_people,
    events=frozenset({UserCreated.name, UserDeactivated.name}),
)
ledger.recorded("accounts.membership", rows=role_rows, replay=replay_roles, events=ROLE_EVENTS)
ledger.recorded(
    "accounts.permission", rows=permission_rows, replay=replay_permissions, events=ROLE_EVENTS
)
ledger.recorded(
    "accounts.device", rows=device_rows, replay=replay_devices, events=DEVICE_EVENTS
)
ledger.recorded(
    "accounts.device_movement",
    rows=movement_rows,
    replay=replay_movements,
    events=CUSTODY_EVENTS,
)


def _withhold_reason(subject: str, payload: Mapping[str, Any]) -> None:
    """Withhold why a role was given or ended, when the entry that says so is erased."""
    from accounts.models import Membership

    Membership.objects.filter(pk=payload["membership_id"]).update(reason="withheld")


def _withhold_end_reason(subject: str, payload: Mapping[str, Any]) -> None:
    from accounts.models import Membership

    found = Membership.objects.filter(pk=payload["membership_id"])
    found.update(end_reason="withheld")


ledger.erasable(UserRoleGranted.name, scrub=_withhold_reason)
ledger.erasable(UserRoleRevoked.name, scrub=_withhold_end_reason)
