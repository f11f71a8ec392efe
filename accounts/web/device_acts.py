"""What can be done with a machine in each state: the act, its form, its words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts import custody, media
from accounts.models import Device, User
from accounts.permissions import has_organisation_permission
from accounts.web import device_forms as shapes
from accounts.web.forms import ThemedForm

State = Device.State
Do = Callable[[Device, User, dict[str, Any]], object]
HERE = frozenset({State.STORED, State.IN_USE, State.SANITISED})
EXISTING = frozenset(set(State) - {State.DISPOSED})


@dataclass(frozen=True, kw_only=True)
class Act:
    """One act on a machine: when it can be done, by whom, with which form, in which words."""

    title: str
    button: str
    form: type[ThemedForm]
    states: frozenset[State]
    do: Do
    done: str
    by_holder: bool = False
    hint: str = ""


def _hand_over(device: Device, by: User, said: dict[str, Any]) -> object:
    return custody.hand_over(device, by=by, **said)


def _take_back(device: Device, by: User, said: dict[str, Any]) -> object:
    return custody.take_back(device, to_place=said["place"], by=by, reason=said["reason"])


def _found(device: Device, by: User, said: dict[str, Any]) -> object:
    return custody.found(device, place=said["place"], by=by, reason=said["reason"])


def _lost(device: Device, by: User, said: dict[str, Any]) -> object:
    return custody.report_lost(device, by=by, reason=said["reason"])


def _describe(device: Device, by: User, said: dict[str, Any]) -> object:
    return media.describe(device, media.DeviceDescription(**said), by=by)


def _posture(device: Device, by: User, said: dict[str, Any]) -> object:
    return media.record_posture(device, by=by, **said)


def _sanitise(device: Device, by: User, said: dict[str, Any]) -> object:
    return media.sanitise(device, media.Sanitising(**said), by=by)


def _dispose(device: Device, by: User, said: dict[str, Any]) -> object:
    return media.dispose(device, by=by, **said)


ACTS: dict[str, Act] = {
    "hand-over": Act(
        title="Hand it over",
        button="Hand over",
        form=shapes.HandOverForm,
        states=HERE,
        do=_hand_over,
        done="{device} is in transit until the receiver confirms.",
        by_holder=True,
        hint="The receiver confirms; until then it shows as in transit.",
    ),
    "take-back": Act(
        title="Take it back",
        button="Take it back",
        form=shapes.PlaceForm,
        states=frozenset({State.IN_USE}),
        do=_take_back,
        done="{device} is in your care.",
        hint="You answer for it from then on.",
    ),
    "lost": Act(
        title="Report it lost",
        button="Report it lost",
        form=shapes.LostForm,
        states=HERE | {State.IN_TRANSIT},
        do=_lost,
        done="{device} is reported lost; its keys are void and its sessions have ended.",
        by_holder=True,
        hint="Its browser's keys are void and its sessions end at once.",
    ),
    "found": Act(
        title="It was found",
        button="Take it in",
        form=shapes.PlaceForm,
        states=frozenset({State.LOST}),
        do=_found,
        done="{device} is in your care.",
        hint="You answer for it; its browser has to be registered again.",
    ),
    "posture": Act(
        title="State its posture",
        button="State it",
        form=shapes.PostureForm,
        states=EXISTING,
        do=_posture,
        done="The posture of {device} is on record, stated by you.",
        hint="The entry names you as the one who states it.",
    ),
    "describe": Act(
        title="Owner, facility, display",
        button="Record it",
        form=shapes.DescribeForm,
        states=EXISTING,
        do=_describe,
        done="The description of {device} is on record.",
    ),
    "sanitise": Act(
        title="Sanitise",
        button="Approve",
        form=shapes.SanitiseForm,
        states=HERE,
        do=_sanitise,
        done="{device} is sanitised; done by one person, approved by you.",
        hint="You approve what somebody else did.",
    ),
    "dispose": Act(
        title="Dispose of it",
        button="Dispose of it",
        form=shapes.DisposeForm,
        states=HERE,
        do=_dispose,
        done="{device} stays on the inventory as disposed of.",
        hint="What can hold data is sanitised before.",
    ),
}


def open_to(user: User, device: Device) -> dict[str, Act]:
    """Return the acts that `user` may do with `device` as it is now."""
    manages = has_organisation_permission(user, "manage_devices")
    return {
        name: act
        for name, act in ACTS.items()
        if device.state in act.states
        and (manages or (act.by_holder and device.holder_id == user.pk))
    }


def initial(name: str, device: Device) -> dict[str, Any]:
    """Return what a form begins with."""
    if name == "describe":
        names = ("owner", "facility", "display_class", "calibrated_on", "calibration_due")
        return {each: getattr(device, each) for each in names}
    return {}
