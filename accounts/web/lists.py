"""One way of paging for every list."""

from typing import TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest

ROWS = 25
Row = TypeVar("Row", bound=Model)


def page_of(request: HttpRequest, rows: QuerySet[Row], size: int = ROWS) -> Page[Row]:
    """Return the page that the address asks for; the nearest there is for a wrong number."""
    order = rows.query.order_by or tuple(rows.model._meta.ordering or ())
    stable = rows.order_by(*order, "pk")  # rows that sort alike keep their page
    return Paginator(stable, size).get_page(request.GET.get("page"))
