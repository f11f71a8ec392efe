"""What holds and erasure requests can be searched, filtered and sorted by."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from accounts.models import ErasureRequest, LegalHold
from accounts.web.filters import EmptyLast, ThemedFilter


class HoldFilter(ThemedFilter):
    """Holds by words, by whether they stand and by what they cover."""

    q = django_filters.CharFilter(method="by_words", label="Reason or subject")
    state = django_filters.ChoiceFilter(
        choices=[
            ("standing", "Standing"),
            ("asked", "Lifting asked for"),
            ("lifted", "Lifted"),
        ],
        method="by_state",
        label="State",
        empty_label="Any state",
    )
    covers = django_filters.ChoiceFilter(
        choices=LegalHold.Covers.choices, label="Covers", empty_label="Anything"
    )
    sort = EmptyLast(
        fields=[("placed_at", "placed")],
        choices=[("placed", "Placed, oldest first")],
        label="Sort by",
        empty_label="Placed, newest first",
    )

    class Meta:
        model = LegalHold
        fields: list[str] = []

    def by_words(self, rows: QuerySet[LegalHold], _: str, value: str) -> QuerySet[LegalHold]:
        return rows.filter(Q(reason__icontains=value) | Q(subject_ref__icontains=value))

    def by_state(self, rows: QuerySet[LegalHold], _: str, value: str) -> QuerySet[LegalHold]:
        found: dict[str, Any] = {
            "standing": Q(lifted_at=None),
            "asked": Q(lifted_at=None, lift_asked_at__isnull=False),
            "lifted": Q(lifted_at__isnull=False),
        }
        return rows.filter(found[value])


class ErasureFilter(ThemedFilter):
    """Requests by words, state and kind."""

    q = django_filters.CharFilter(method="by_words", label="Basis, reason or person")
    state = django_filters.ChoiceFilter(
        choices=ErasureRequest.State.choices, label="State", empty_label="Any state"
    )
    kind = django_filters.ChoiceFilter(
        choices=ErasureRequest.Kind.choices, label="What", empty_label="Anything"
    )
    sort = EmptyLast(
        fields=[("prepared_at", "made")],
        choices=[("made", "Made, oldest first")],
        label="Sort by",
        empty_label="Made, newest first",
    )

    class Meta:
        model = ErasureRequest
        fields: list[str] = []

    def by_words(
        self, rows: QuerySet[ErasureRequest], _: str, value: str
    ) -> QuerySet[ErasureRequest]:
        return rows.filter(
            Q(basis__icontains=value)
            | Q(reason__icontains=value)
            | Q(requested_by__printed_name__icontains=value)
            | Q(decided_by__printed_name__icontains=value)
        )
