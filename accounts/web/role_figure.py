"""Roles over time as bars: what `accounts/role_figure.html` draws, in whole units."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from accounts.web.role_periods import Period

LEFT, WIDTH, TOP, ROW = 152, 760, 20, 40
LEAST_BAR = 4
MARKS = 9  # at most so many times are written above the axis
STEPS_IN_DAYS = (1, 7, 14, 31, 92, 183, 366, 732, 1830)
MARGIN = timedelta(days=2)


@dataclass(frozen=True)
class Scale:
    """Where a moment lies on the axis."""

    begin: datetime
    end: datetime

    def x(self, at: datetime) -> int:
        part = (at - self.begin) / (self.end - self.begin)
        return LEFT + round(min(1.0, max(0.0, part)) * (WIDTH - LEFT))


def draw(periods: list[Period], day: date, *, closed_at: datetime | None) -> dict[str, Any]:
    """Return the figure's rows of bars, marks and the line of the chosen day."""
    if not periods:
        return {}
    now = timezone.now()
    scale = _scale(periods, now)
    names = list(dict.fromkeys((p.label, p.scope_name) for p in periods))
    rows = [
        {
            "label": label,
            "scope": scope,
            "y": TOP + ROW * number,
            "bars": [
                bar
                for p in periods
                if (p.label, p.scope_name) == (label, scope)
                for bar in _bars(p, scale, now)
            ],
        }
        for number, (label, scope) in enumerate(names)
    ]
    bottom = TOP + ROW * len(rows)
    noon = datetime.combine(day, time(12), UTC)
    return {
        "rows": rows,
        "marks": _marks(scale),
        "day_x": scale.x(noon) if scale.begin <= noon <= scale.end else None,
        "closed": _span(scale, closed_at, now) if closed_at else None,
        "bottom": bottom,
        "height": bottom + 24,
        "summary": "; ".join(_told(p) for p in periods),
    }


def _scale(periods: list[Period], now: datetime) -> Scale:
    ends = [p.until for p in periods if p.until]
    return Scale(min(p.begin for p in periods) - MARGIN, max([now, *ends]) + MARGIN)


def _bars(period: Period, scale: Scale, now: datetime) -> list[dict[str, Any]]:
    """Return the bar of what was, and, for a role with an end ahead, of what is to come."""
    until = period.until
    is_over = until is not None and until <= now
    seen = until if is_over and until else now
    style, ink = ("f-2", "tb") if is_over else ("f-1", "tr")
    bars = [{**_span(scale, period.begin, seen), "style": style, "ink": ink}]
    if until and not is_over:
        bars.append({**_span(scale, now, until), "style": "f-track", "ink": "t3"})
        bars[-1]["text"] = f"to {until:%-d %b}"
    return bars


def _span(scale: Scale, begin: datetime, end: datetime) -> dict[str, Any]:
    x = scale.x(begin)
    return {"x": x, "width": max(LEAST_BAR, scale.x(end) - x), "inside": x + 8, "text": ""}


def _marks(scale: Scale) -> list[dict[str, Any]]:
    """Return round days along the axis, few enough to be read."""
    span = (scale.end - scale.begin).days
    step = next((s for s in STEPS_IN_DAYS if span // s <= MARKS), STEPS_IN_DAYS[-1])
    first = scale.begin.date() + timedelta(days=1)
    days = [first + timedelta(days=step * n) for n in range(span // step + 1)]
    form = "%-d %b" if step < STEPS_IN_DAYS[3] else "%b %Y"
    at = [(day, datetime.combine(day, time.min, UTC)) for day in days]
    shown = [(day, when) for day, when in at if when < scale.end]
    return [{"x": scale.x(when), "text": f"{day:{form}}"} for day, when in shown]


def _told(period: Period) -> str:
    until = period.until
    end = f"to {until:%-d %b %Y}" if until else "with no end set"
    return f"{period.label}, {period.scope_name}, from {period.begin:%-d %b %Y} {end}"
