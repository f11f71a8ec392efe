"""What the list of images can be searched, filtered and sorted by."""

import django_filters
from django.db.models import Q, QuerySet

from accounts.web.filters import ThemedFilter
from annotations.models import Series
from annotations.titles import MODALITIES

SORTS = [
    ("subject__number", "subject"),
    ("created_at", "imported"),
    ("title", "title"),
    ("frames", "frames"),
]
SORT_LABELS = {
    "-created_at": "Newest first",
    "created_at": "Oldest first",
    "subject__number": "Subject",
    "-subject__number": "Subject, last first",
    "title": "Title",
    "-title": "Title, backwards",
    "frames": "Fewest frames",
    "-frames": "Most frames",
}


class ImageFilter(ThemedFilter):
    """Series by subject or title, modality, plane and readers, in some order."""

    q = django_filters.CharFilter(
        method="by_words",
        label="Subject or title",
    )
    modality = django_filters.ChoiceFilter(
        choices=[(code, f"{code}, {words}") for code, words in MODALITIES.items()],
        label="Modality",
        empty_label="Any",
    )
    plane = django_filters.ChoiceFilter(
        choices=[plane for plane in Series.Plane.choices if plane[0]],
        label="Plane",
        empty_label="Any",
    )
    readers = django_filters.ChoiceFilter(
        choices=[("none", "Nobody yet"), ("some", "Somebody")],
        method="by_readers",
        label="Read by",
        empty_label="Anybody",
    )
    sort = django_filters.OrderingFilter(
        fields=SORTS,
        field_labels=SORT_LABELS,
        label="Sort",
        empty_label=None,
    )

    class Meta:
        model = Series
        fields: list[str] = []

    def by_words(self, rows: QuerySet[Series], _: str, value: str) -> QuerySet[Series]:
        return rows.filter(Q(subject__code__icontains=value) | Q(title__icontains=value))

    def by_readers(self, rows: QuerySet[Series], _: str, value: str) -> QuerySet[Series]:
        waiting = Q(readers=0)  # annotated by the page's list
        return rows.filter(waiting if value == "none" else ~waiting)
