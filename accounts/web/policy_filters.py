"""What policies and attestations can be searched, filtered and sorted by."""

import django_filters
from django.db.models import Q, QuerySet

from accounts.clauses import catalogues
from accounts.models import Attestation, Policy, PolicyVersion
from accounts.models.data_permission import today
from accounts.web.filters import EmptyLast, ThemedFilter


class PolicyFilter(ThemedFilter):
    """Versions of policies by words and by what they are about."""

    q = django_filters.CharFilter(method="by_words", label="Title or text")
    kind = django_filters.ChoiceFilter(
        field_name="policy__kind",
        choices=Policy.Kind.choices,
        label="About",
        empty_label="Anything",
    )
    sort = EmptyLast(
        fields=[("valid_from", "from")],
        choices=[("-from", "In force, newest first"), ("from", "In force, oldest first")],
        label="Sort by",
        empty_label="Title, A to Z",
    )

    class Meta:
        model = PolicyVersion
        fields: list[str] = []

    def by_words(
        self, rows: QuerySet[PolicyVersion], _: str, value: str
    ) -> QuerySet[PolicyVersion]:
        return rows.filter(Q(policy__title__icontains=value) | Q(text__icontains=value))


class AttestationFilter(ThemedFilter):
    """Signed attestations by words, regulation and whether they hold today."""

    q = django_filters.CharFilter(method="by_words", label="Clause, statement or person")
    catalogue = django_filters.ChoiceFilter(
        choices=lambda: list(catalogues().items()),
        label="Regulation",
        empty_label="Any regulation",
    )
    state = django_filters.ChoiceFilter(
        choices=[("current", "Current"), ("expired", "Expired")],
        method="by_state",
        label="State",
        empty_label="Any state",
    )
    sort = EmptyLast(
        fields=[("expires", "ends"), ("signed_at", "signed")],
        choices=[("ends", "Ends, soonest first"), ("signed", "Signed, oldest first")],
        label="Sort by",
        empty_label="Signed, newest first",
    )

    class Meta:
        model = Attestation
        fields: list[str] = []

    def by_words(
        self, rows: QuerySet[Attestation], _: str, value: str
    ) -> QuerySet[Attestation]:
        return rows.filter(
            Q(clause_id__icontains=value)
            | Q(statement__icontains=value)
            | Q(attestor__printed_name__icontains=value)
            | Q(owner__printed_name__icontains=value)
        )

    def by_state(
        self, rows: QuerySet[Attestation], _: str, value: str
    ) -> QuerySet[Attestation]:
        if value == "current":
            return rows.filter(expires__gte=today())
        return rows.filter(expires__lt=today())
