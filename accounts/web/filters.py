"""What the lists can be searched, filtered and sorted by."""

from datetime import timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import Device, Membership, Project, Role, Session, User


class ThemedFilter(django_filters.FilterSet):  # type: ignore[misc]  # no types
    """A filter whose fields wear the theme's classes."""

    @property
    def form(self) -> Any:
        form = super().form
        for field in form.fields.values():
            chosen = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "form-select" if chosen else "form-control"
        return form


class EmptyLast(django_filters.OrderingFilter):  # type: ignore[misc]
    """Sorts rows without a value behind the others, both ways."""

    def filter(self, rows: QuerySet[Any], value: list[str] | None) -> QuerySet[Any]:
        if not value:
            return rows
        fields = [self.get_ordering_value(param) for param in value]
        return rows.order_by(
            *(
                F(name[1:]).desc(nulls_last=True) if name.startswith("-") else F(name).asc()
                for name in fields
            )
        )


class PeopleFilter(ThemedFilter):
    """People by name or account, role, project and whether their access is open."""

    q = django_filters.CharFilter(method="by_name", label="Name or account")
    role = django_filters.ChoiceFilter(
        choices=Role.choices, method="by_role", label="Role", empty_label="Any role"
    )
    project = django_filters.ModelChoiceFilter(
        queryset=Project.objects.all(),
        method="by_project",
        to_field_name="slug",
        label="Project",
        empty_label="Any project",
    )
    access = django_filters.ChoiceFilter(
        field_name="is_active",
        choices=[("True", "Open"), ("False", "Closed")],
        label="Access",
        empty_label="Open or closed",
    )
    sort = EmptyLast(
        fields=[("printed_name", "name"), ("last_login", "last"), ("created_at", "since")],
        choices=[
            ("-name", "Name, Z to A"),
            ("-last", "Last sign-in, newest first"),
            ("-since", "Account, newest first"),
            ("since", "Account, oldest first"),
        ],
        label="Sort by",
        empty_label="Name, A to Z",
    )

    class Meta:
        model = User
        fields: list[str] = []

    def by_name(self, people: QuerySet[User], _: str, value: str) -> QuerySet[User]:
        return people.filter(Q(printed_name__icontains=value) | Q(email__icontains=value))

    def by_role(self, people: QuerySet[User], _: str, value: str) -> QuerySet[User]:
        return people.filter(memberships__in=_held().filter(role=value)).distinct()

    def by_project(self, people: QuerySet[User], _: str, value: Project) -> QuerySet[User]:
        return people.filter(memberships__in=_held().filter(project=value)).distinct()


def _held() -> QuerySet[Membership]:
    return Membership.objects.current()


class SessionFilter(ThemedFilter):
    """Sessions by person, by whether they run, and by how they ended."""

    q = django_filters.CharFilter(method="by_person", label="Person or account")
    state = django_filters.ChoiceFilter(
        choices=[("running", "Running"), *Session.End.choices],
        method="by_state",
        label="State",
        empty_label="Any state",
    )
    sort = EmptyLast(
        fields=[("login_at", "began"), ("last_activity", "active")],
        choices=[
            ("began", "Began, oldest first"),
            ("-active", "Activity, newest first"),
            ("active", "Activity, oldest first"),
        ],
        label="Sort by",
        empty_label="Began, newest first",
    )

    class Meta:
        model = Session
        fields: list[str] = []

    def by_person(self, rows: QuerySet[Session], _: str, value: str) -> QuerySet[Session]:
        return rows.filter(
            Q(user__printed_name__icontains=value) | Q(user__email__icontains=value)
        )

    def by_state(self, rows: QuerySet[Session], _: str, value: str) -> QuerySet[Session]:
        if value == "running":
            return rows.filter(ended_at__isnull=True)
        return rows.filter(end=value)


class DeviceFilter(ThemedFilter):
    """Devices by tag, place or holder, by kind and by recent movement."""

    q = django_filters.CharFilter(method="by_words", label="Tag, place or person")
    kind = django_filters.ChoiceFilter(
        choices=Device.Kind.choices, label="Kind", empty_label="Any kind"
    )
    state = django_filters.ChoiceFilter(
        choices=[
            *Device.State.choices,
            ("unconfirmed", "Confirmation late"),
            ("uncalibrated", "Display check late"),
        ],
        method="by_state",
        label="State",
        empty_label="Any state",
    )
    moved = django_filters.ChoiceFilter(
        choices=[("30", "In the last 30 days")],
        method="by_movement",
        label="Moved",
        empty_label="At any time",
    )
    sort = EmptyLast(
        fields=[("asset_tag", "tag"), ("place", "place"), ("registered_at", "since")],
        choices=[
            ("-tag", "Tag, Z to A"),
            ("place", "Place, A to Z"),
            ("-since", "Inventory, newest first"),
        ],
        label="Sort by",
        empty_label="Tag, A to Z",
    )

    class Meta:
        model = Device
        fields: list[str] = []

    def by_words(self, rows: QuerySet[Device], _: str, value: str) -> QuerySet[Device]:
        return rows.filter(
            Q(asset_tag__icontains=value)
            | Q(place__icontains=value)
            | Q(holder__printed_name__icontains=value)
        )

    def by_state(self, rows: QuerySet[Device], _: str, value: str) -> QuerySet[Device]:
        today = timezone.now().date()
        if value == "unconfirmed":
            late = Q(confirmed_on=None)
            late |= Q(confirmed_on__lt=today - timedelta(days=Device.CONFIRM_DAYS))
            return rows.filter(late, state=Device.State.IN_USE)
        if value == "uncalibrated":
            gone = (Device.State.LOST, Device.State.DISPOSED)
            return rows.filter(calibration_due__lt=today).exclude(state__in=gone)
        return rows.filter(state=value)

    def by_movement(self, rows: QuerySet[Device], _: str, value: str) -> QuerySet[Device]:
        since = timezone.now() - timedelta(days=int(value))
        moved = rows.filter(movements__moved_at__gte=since).exclude(movements__from_place="")
        return moved.distinct()
