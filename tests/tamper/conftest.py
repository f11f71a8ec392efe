"""The honest record that the cases of the matrix start from."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections

from ledger import signed_heads
from tests import cluster
from tests.ledger.verifier.conftest import opened
from tests.tamper import world as worlds
from tests.tamper.world import World

__all__ = ["opened"]  # the page that other verifier's tests open too


@pytest.fixture(scope="session")
def honest(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> World:
    """Build the honest record once for the whole run."""
    with django_db_blocker.unblock():
        connections.close_all()  # an earlier test's: its database goes with the clone
        cluster.clone()
        made = worlds.build(tmp_path_factory.mktemp("honest"))
        worlds.leave()  # a module may ask for the files alone, and another folder comes next
        return made


@pytest.fixture(scope="module")
def afterwards(honest: World, django_db_blocker: Any) -> Iterator[World]:
    """Leave what the tests of other folders expect, once the cases of a module are done."""
    yield honest
    with django_db_blocker.unblock():
        worlds.leave()


@pytest.fixture
def world(
    afterwards: World, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """Yield the honest record, in a database and a signer's folder that the test may ruin."""
    # it gets older while the cases run: an unsigned tail is no finding of theirs
    monkeypatch.setattr(signed_heads, "TAIL_SECONDS", 24 * 3600)
    with django_db_blocker.unblock():
        worlds.restore(afterwards)
        yield afterwards
        connections.close_all()
