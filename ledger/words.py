"""Entries in words: what an event type says, and its payload as lines to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger.registry import event_types

if TYPE_CHECKING:
    from datetime import timedelta

_UNITS = ((86_400, "days"), (3600, "hours"), (60, "minutes"))


def lasting(time: timedelta) -> str:
    """Say a length of time in the largest unit that it has two of, rounded down: "26 hours"."""
    seconds = time.total_seconds()
    for size, unit in _UNITS:
        if seconds >= 2 * size:
            return f"{int(seconds // size):,} {unit}"
    return f"{int(seconds)} s"


def sentence(event: str) -> str:
    """Return what an entry of this kind says: the first line of its type's description."""
    kind = event_types.get(event)
    return ((kind and kind.__doc__) or "").strip().partition("\n")[0]


def payload_lines(value: Any, name: str = "", depth: int = 0) -> list[tuple[int, str, Any]]:
    """Flatten a payload into lines of depth, name and value; None where lines follow below."""
    if isinstance(value, dict):
        items: list[tuple[str, Any]] = list(value.items())
    elif isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
        items = [(str(number), item) for number, item in enumerate(value, 1)]
    else:
        return [(depth, name, _text(value))]
    below = [line for key, item in items for line in payload_lines(item, key, depth + 1)]
    return [(depth, name, None), *below] if name else below


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_text, value)) or "none"
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
