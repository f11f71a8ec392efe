"""Retention classes: every event belongs to one, each with years, a trigger and whose rule."""

from datetime import UTC, datetime

import pytest

from ledger import retention
from ledger.registry import event_types
from tests.ledger.events import happen


def test_every_event_of_the_product_has_a_class() -> None:
    product = {
        name
        for name, kind in event_types.items()
        if kind.__module__.split(".")[0] in {"ledger", "accounts", "annotations"}
    }

    assert len(product) > 40
    assert all(retention.class_of(name) for name in product)


def test_every_class_says_how_long_from_when_and_why() -> None:
    for each in retention.classes().values():
        assert each.years >= 1
        assert each.begins
        assert len(each.basis) > 20


def test_the_longest_pattern_decides() -> None:
    assert retention.class_of("image.viewed").key == "viewings"
    assert retention.class_of("image.ingested").key == "images"
    with pytest.raises(LookupError, match="No retention class"):
        retention.class_of("imagery.viewed")


def test_a_period_from_the_entry_ends_years_later() -> None:
    access, images = retention.classes()["access"], retention.classes()["images"]
    sealed = datetime(2028, 2, 29, 12, 30, 15, 7, UTC)

    assert access.due(sealed) == datetime(2034, 3, 1, 12, 30, 15, 7, UTC)
    assert access.due(sealed, years=8) == datetime(2036, 2, 29, 12, 30, 15, 7, UTC)
    assert images.due(sealed) is None


@pytest.mark.django_db
def test_holdings_count_what_nobody_classed_too() -> None:
    happen()
    happen()

    (held,) = retention.holdings(["localhost/ledger/org"])

    assert (held.key, held.entries) == (retention.UNCLASSED, 2)
