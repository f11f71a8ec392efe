"""No address without a written answer for every role."""

from tests.config.access_routes import ROUTES
from tests.config.access_table import TABLE


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert set(TABLE) == set(ROUTES)
