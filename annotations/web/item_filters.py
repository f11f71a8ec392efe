"""What lists of readings and series can be searched, filtered and sorted by."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from annotations.models import Item, Series

SORTS = [
    ("created_at", "assigned"),
    ("changed_at", "changed"),
    ("series__subject__number", "subject"),
]
SORT_LABELS = {
    "created_at": "Assigned first",
    "-created_at": "Assigned last",
    "changed_at": "Changed first",
    "-changed_at": "Changed last",
    "series__subject__number": "Subject",
    "-series__subject__number": "Subject, last first",
}


class ItemFilter(django_filters.FilterSet):  # type: ignore[misc]  # no types
    """Readings by subject or title, modality, and in some order."""

    q = django_filters.CharFilter(method="by_words", label="Subject or title")
    modality = django_filters.CharFilter(
        field_name="series__modality", lookup_expr="iexact", label="Modality"
    )
    sort = django_filters.OrderingFilter(
        fields=SORTS, field_labels=SORT_LABELS, label="Sort", empty_label=None
    )

    class Meta:
        model = Item
        fields: list[str] = []

    def by_words(self, rows: QuerySet[Item], _: str, value: str) -> QuerySet[Item]:
        return rows.filter(
            Q(series__subject__code__icontains=value) | Q(series__title__icontains=value)
        )


class RecordFilter(ItemFilter):
    """Readings by state and people as well."""

    state = django_filters.ChoiceFilter(
        choices=Item.State.choices, label="State", empty_label="Any state"
    )
    person = django_filters.CharFilter(method="by_person", label="Person")

    def by_person(self, rows: QuerySet[Item], _: str, value: str) -> QuerySet[Item]:
        return rows.filter(
            Q(annotator__printed_name__icontains=value)
            | Q(reviewer__printed_name__icontains=value)
        )


class SeriesFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Series by subject or title, and by whether somebody reads them."""

    q = django_filters.CharFilter(method="by_words", label="Subject or title")
    readers = django_filters.ChoiceFilter(
        choices=[("none", "Nobody yet"), ("some", "Somebody")],
        method="by_readers",
        label="Read by",
        empty_label="Anybody or nobody",
    )
    sort = django_filters.OrderingFilter(
        fields=[("subject__number", "subject"), ("created_at", "imported")],
        field_labels={
            "subject__number": "Subject",
            "-subject__number": "Subject, last first",
            "created_at": "Imported first",
            "-created_at": "Imported last",
        },
        label="Sort",
        empty_label=None,
    )

    class Meta:
        model = Series
        fields: list[str] = []

    def by_words(self, rows: QuerySet[Series], _: str, value: str) -> QuerySet[Series]:
        return rows.filter(Q(subject__code__icontains=value) | Q(title__icontains=value))

    def by_readers(self, rows: QuerySet[Any], _: str, value: str) -> QuerySet[Any]:
        return rows.filter(items__isnull=value == "none").distinct()
