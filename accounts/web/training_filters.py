"""What the matrix of people and courses can be searched, filtered and sorted by."""

from datetime import timedelta

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import (
    Course,
    Membership,
    Project,
    Role,
    TrainingCompletion,
    TrainingRequirement,
    User,
)
from accounts.models.training import UNASKED
from accounts.web.filters import EmptyLast, ThemedFilter

SOON = timedelta(days=30)


class TrainingFilter(ThemedFilter):
    """People by name, role and project, and by whether their training holds."""

    q = django_filters.CharFilter(method="by_name", label="Name or account")
    project = django_filters.ModelChoiceFilter(
        queryset=Project.objects.all(),
        method="by_project",
        to_field_name="slug",
        label="Project",
        empty_label="Any project",
    )
    role = django_filters.ChoiceFilter(
        choices=Role.choices, method="by_role", label="Role", empty_label="Any role"
    )
    state = django_filters.ChoiceFilter(
        choices=[("missing", "Something missing"), ("lapsing", "Lapses within 30 days")],
        method="by_state",
        label="Training",
        empty_label="Any state",
    )
    sort = EmptyLast(
        fields=[("printed_name", "name"), ("created_at", "since")],
        choices=[("-name", "Name, Z to A"), ("-since", "Account, newest first")],
        label="Sort by",
        empty_label="Name, A to Z",
    )

    class Meta:
        model = User
        fields: list[str] = []

    def by_name(self, people: QuerySet[User], _: str, value: str) -> QuerySet[User]:
        return people.filter(Q(printed_name__icontains=value) | Q(email__icontains=value))

    def by_project(self, people: QuerySet[User], _: str, value: Project) -> QuerySet[User]:
        held = Membership.objects.current().filter(project=value)
        return people.filter(memberships__in=held).distinct()

    def by_role(self, people: QuerySet[User], _: str, value: str) -> QuerySet[User]:
        held = Membership.objects.current().filter(role=value)
        return people.filter(memberships__in=held).distinct()

    def by_state(self, people: QuerySet[User], _: str, value: str) -> QuerySet[User]:
        now = timezone.now()
        if value == "lapsing":
            lapsing = TrainingCompletion.objects.holding(now).filter(
                user=OuterRef("pk"), expires_on__lte=now.date() + SOON
            )
            return people.filter(Exists(lapsing))
        return people.filter(Exists(unmet(OuterRef("pk"))))


def unmet(person: OuterRef) -> QuerySet[TrainingRequirement]:
    """Return, for a query about people, what is asked of `person` and not met today."""
    now = timezone.now()
    deep = OuterRef(person) if isinstance(person, OuterRef) else person
    held = Membership.objects.current().filter(user=deep, project=OuterRef("project"))
    met = TrainingCompletion.objects.holding(now).filter(
        user=deep,
        version__course=OuterRef("version__course"),
        version__number__gte=OuterRef("version__number"),
    )
    anybody = Q(role="") & Exists(held.exclude(role__in=UNASKED))
    asked = TrainingRequirement.objects.in_force(now)
    return asked.filter(anybody | Exists(held.filter(role=OuterRef("role"))), ~Exists(met))


class CourseFilter(ThemedFilter):
    """Courses by title, and by whether somebody asks for them."""

    q = django_filters.CharFilter(field_name="title", lookup_expr="icontains", label="Title")
    asked = django_filters.ModelChoiceFilter(
        queryset=Project.objects.all(),
        method="by_project",
        to_field_name="slug",
        label="Asked for by",
        empty_label="Anybody",
    )
    sort = EmptyLast(
        fields=[("title", "title"), ("created_at", "since")],
        choices=[("-title", "Title, Z to A"), ("-since", "Newest first")],
        label="Sort by",
        empty_label="Title, A to Z",
    )

    class Meta:
        model = Course
        fields: list[str] = []

    def by_project(self, rows: QuerySet[Course], _: str, value: Project) -> QuerySet[Course]:
        asked = TrainingRequirement.objects.standing().filter(project=value)
        return rows.filter(versions__requirements__in=asked).distinct()
