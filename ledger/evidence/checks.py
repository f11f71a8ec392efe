"""System checks: catalogues and declarations use only the words of the vocabulary."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, register

from ledger.evidence import catalogue
from ledger.registry import controls, event_types


@register
def vocabulary_is_kept(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every name a catalogue uses is defined, and so is everything that an app declares."""
    return [*_catalogues(), *_events(), *_controls()]


def _catalogues() -> Iterator[CheckMessage]:
    known = catalogue.vocabulary()
    for key in catalogue.names():
        for clause in catalogue.load(key).clauses:
            for item in clause.evidence:
                if not known.knows(item.kind, item.name):
                    yield Error(
                        f"Clause {clause.id} of {key} names the {item.kind} {item.name!r},"
                        " which the vocabulary does not define.",
                        hint="Correct the name, or define it in catalogues/vocabulary.yaml.",
                        id="ledger.E101",
                    )


def _events() -> Iterator[CheckMessage]:
    known = catalogue.vocabulary().events
    for name, declared in sorted(event_types.items()):
        if name not in known and not declared.__module__.startswith("tests."):
            yield Error(
                f"The event {name!r} is declared, but the vocabulary does not define it.",
                hint="Add it under 'events' in ledger/evidence/catalogues/vocabulary.yaml.",
                obj=declared,
                id="ledger.E102",
            )


def _controls() -> Iterator[CheckMessage]:
    terms = catalogue.vocabulary().controls
    for name, control in sorted(controls.items()):
        if control.check.__module__.startswith("tests."):
            continue
        if name not in terms or terms[name].mode != control.mode:
            yield Error(
                f"The control {name!r} of mode {control.mode} is not one of the vocabulary.",
                hint="Define it under 'controls' with the same mode, or correct the name.",
                obj=control.check,
                id="ledger.E103",
            )
        elif control.mode in {"query", "freshness"} and not control.judges:
            yield Error(
                f"The control {name!r} does not say which events it judges.",
                hint="Give judges={'noun.verbed'}: none of them in the period is no data.",
                obj=control.check,
                id="ledger.E104",
            )
