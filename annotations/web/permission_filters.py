"""What the list of data permissions can be searched, filtered and sorted by."""

import django_filters
from django.db.models import Q, QuerySet

from accounts.models import DataPermission
from accounts.models.data_permission import today
from accounts.web.filters import EmptyLast, ThemedFilter


class PermissionFilter(ThemedFilter):
    """Papers by words, by how they stand today and by their basis."""

    q = django_filters.CharFilter(method="by_words", label="Paper, approval or terms")
    state = django_filters.ChoiceFilter(
        choices=[
            ("current", "Current"),
            ("coming", "To come"),
            ("expired", "Expired"),
            ("withdrawn", "Withdrawn"),
        ],
        method="by_state",
        label="State",
        empty_label="Any state",
    )
    basis = django_filters.ChoiceFilter(
        choices=DataPermission.Basis.choices, label="Basis", empty_label="Any basis"
    )
    sort = EmptyLast(
        fields=[("recorded_at", "recorded"), ("expires_on", "ends")],
        choices=[("recorded", "Recorded, oldest first"), ("ends", "Ends, soonest first")],
        label="Sort by",
        empty_label="Recorded, newest first",
    )

    class Meta:
        model = DataPermission
        fields: list[str] = []

    def by_words(
        self, rows: QuerySet[DataPermission], _: str, value: str
    ) -> QuerySet[DataPermission]:
        return rows.filter(
            Q(basis_reference__icontains=value)
            | Q(ethics_approval__icontains=value)
            | Q(terms__icontains=value)
        )

    def by_state(
        self, rows: QuerySet[DataPermission], _: str, value: str
    ) -> QuerySet[DataPermission]:
        day, standing = today(), Q(withdrawn_at__isnull=True)
        return rows.filter(
            {
                "withdrawn": ~standing,
                "expired": standing & Q(expires_on__lt=day),
                "coming": standing & Q(valid_from__gt=day),
                "current": standing & Q(valid_from__lte=day, expires_on__gte=day),
            }[value]
        )
