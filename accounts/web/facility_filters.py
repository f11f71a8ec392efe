"""What the list of facilities can be searched, filtered and sorted by."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Count, IntegerField, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Facility, FacilityAttestation, NetworkRange
from accounts.web.filters import EmptyLast, ThemedFilter

STATEMENTS = len(FacilityAttestation.Statement)


def listed(rows: QuerySet[Facility]) -> Any:
    """Add to each place how many statements hold, until when, and its ranges."""
    today = timezone.now().date()
    newest = (
        FacilityAttestation.objects.filter(facility=OuterRef("pk"), expires__gte=today)
        .order_by()
        .values("facility", "statement")
        .annotate(until=Max("expires"))
    )
    holding = (
        FacilityAttestation.objects.filter(facility=OuterRef("pk"), expires__gte=today)
        .order_by()
        .values("facility")
        .annotate(n=Count("statement", distinct=True))
    )
    ranges = NetworkRange.objects.order_by().filter(facility=OuterRef("pk"))
    waiting = ranges.waiting().values("facility").annotate(n=Count("pk"))
    in_force = ranges.in_force().values("facility").annotate(n=Count("pk"))
    return rows.select_related("responsible").annotate(
        holding=Coalesce(Subquery(holding.values("n")), 0, output_field=IntegerField()),
        until=Subquery(newest.order_by("until").values("until")[:1]),
        waiting=Coalesce(Subquery(waiting.values("n")), 0, output_field=IntegerField()),
        in_force=Coalesce(Subquery(in_force.values("n")), 0, output_field=IntegerField()),
    )


class FacilityFilter(ThemedFilter):
    """Facilities by name, place or person, and by whether all of them is attested."""

    q = django_filters.CharFilter(method="by_words", label="Name, place or person")
    attested = django_filters.ChoiceFilter(
        choices=[("overdue", "Missing or lapsed"), ("current", "All five hold")],
        method="by_attestation",
        label="Attested",
        empty_label="Any state",
    )
    sort = EmptyLast(
        fields=[("title", "title"), ("until", "until"), ("location", "location")],
        choices=[
            ("-title", "Name, Z to A"),
            ("until", "Lapses first"),
            ("location", "Place, A to Z"),
        ],
        label="Sort by",
        empty_label="Name, A to Z",
    )

    class Meta:
        model = Facility
        fields: list[str] = []

    def by_words(self, rows: QuerySet[Facility], _: str, value: str) -> QuerySet[Facility]:
        return rows.filter(
            Q(title__icontains=value)
            | Q(location__icontains=value)
            | Q(responsible__printed_name__icontains=value)
        )

    def by_attestation(self, rows: Any, _: str, value: str) -> Any:
        if value == "current":
            return rows.filter(holding=STATEMENTS)
        return rows.filter(holding__lt=STATEMENTS)
