"""System checks of where checkpoints go: a wrong setting is named before anything starts."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from ledger.anchors import renewal
from ledger.anchors.base import Anchor, anchor_kinds

HINT = "docs/witnesses.md shows the settings of anchors."


@register("anchors")
def check_anchors(**kwargs: Any) -> list[CheckMessage]:
    """Judge the settings of every anchor, without asking any of them."""
    return [*(Error(said, hint=HINT, id="ledger.E020") for said in _complaints()), *_warnings()]


def require_sound_settings() -> None:
    """Raise ImproperlyConfigured where a setting is wrong: called before serving."""
    complaints = list(_complaints())
    if complaints:
        raise ImproperlyConfigured(" ".join(complaints))


def _complaints() -> Iterator[str]:
    targets: set[tuple[str, str]] = set()
    for kind in sorted(anchor_kinds):
        try:
            configured: list[Anchor] = list(anchor_kinds[kind].configured())
        except ValueError as error:
            yield str(error)
            continue
        for anchor in configured:
            if (kind, anchor.target) in targets:
                yield f"{anchor.target} is configured twice as {kind}."
            targets.add((kind, anchor.target))
            yield from anchor.complaints()
    try:
        renewal.algorithm_ends()
    except ValueError as error:
        yield str(error)


def _warnings() -> Iterator[CheckMessage]:
    if settings.TEST_AUTHORITY:
        yield checks.Warning(
            "TEST_AUTHORITY is on: its time stamps are made beside the data and prove nothing.",
            hint="Name real authorities by TSA_URLS and TSA_CERTIFICATES, and switch it off.",
            id="ledger.W021",
        )
