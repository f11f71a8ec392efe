"""Which faults an ordinary run provokes: all but those that are marked `long_run`."""

import pytest

from tests.faults.telling import IS_LONG_RUN


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect, visibly, what takes long, unless this is the long run."""
    if IS_LONG_RUN:
        return
    long = [item for item in items if item.get_closest_marker("long_run")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]
