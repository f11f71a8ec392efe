"""What the lists of programs and of alerts can be searched, filtered and sorted by."""

import django_filters
from django.db.models import Q, QuerySet

from accounts.models import Alert, Project, ServiceAccount
from accounts.web.filters import EmptyLast, ThemedFilter


class ServiceFilter(ThemedFilter):
    """Programs by name, owner or purpose, by project and by whether they are open."""

    q = django_filters.CharFilter(method="by_words", label="Name, owner or purpose")
    project = django_filters.ModelChoiceFilter(
        queryset=Project.objects.all(),
        to_field_name="slug",
        label="Project",
        empty_label="Any project",
    )
    state = django_filters.ChoiceFilter(
        choices=[("open", "Open"), ("closed", "Closed")],
        method="by_state",
        label="State",
        empty_label="Open or closed",
    )
    sort = EmptyLast(
        fields=[("name", "name"), ("last_used", "used"), ("opened_at", "since")],
        choices=[
            ("-name", "Name, Z to A"),
            ("-used", "Last use, newest first"),
            ("-since", "Opened, newest first"),
        ],
        label="Sort by",
        empty_label="Name, A to Z",
    )

    class Meta:
        model = ServiceAccount
        fields: list[str] = []

    def by_words(
        self, rows: QuerySet[ServiceAccount], _: str, value: str
    ) -> QuerySet[ServiceAccount]:
        return rows.filter(
            Q(name__icontains=value)
            | Q(purpose__icontains=value)
            | Q(owner__printed_name__icontains=value)
        )

    def by_state(
        self, rows: QuerySet[ServiceAccount], _: str, value: str
    ) -> QuerySet[ServiceAccount]:
        return rows.filter(closed_at__isnull=value == "open")


class AlertFilter(ThemedFilter):
    """Alerts by kind and by what is still owed."""

    kind = django_filters.ChoiceFilter(
        choices=Alert.Kind.choices, label="Kind", empty_label="Any kind"
    )
    state = django_filters.ChoiceFilter(
        choices=[
            ("open", "Not answered"),
            ("undelivered", "Not delivered"),
            ("answered", "Answered"),
        ],
        method="by_state",
        label="State",
        empty_label="Any state",
    )
    sort = EmptyLast(
        fields=[("raised_at", "raised")],
        choices=[("raised", "Raised, oldest first")],
        label="Sort by",
        empty_label="Raised, newest first",
    )

    class Meta:
        model = Alert
        fields: list[str] = []

    def by_state(self, rows: QuerySet[Alert], _: str, value: str) -> QuerySet[Alert]:
        if value == "undelivered":
            return rows.filter(sent_at__isnull=True)
        return rows.filter(acknowledged_at__isnull=value == "open")
