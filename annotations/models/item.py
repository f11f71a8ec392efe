"""An item: one annotator's reading of one series, from assignment to acceptance."""

import uuid
from typing import Self

from django.db import models
from django.db.models import F, Q

from accounts.models import Project, User


class ItemQuerySet(models.QuerySet["Item"]):
    def visible_to(self, user: User) -> Self:
        """Items of the projects `user` belongs to; what may be done there is asked later."""
        return self.filter(project__in=Project.objects.visible_to(user, "view_project"))

    def to_read_by(self, user: User) -> Self:
        return self.filter(annotator=user, state=Item.State.DRAFT)

    def returned_to(self, user: User) -> Self:
        return self.filter(annotator=user, state=Item.State.REJECTED)

    def to_review_by(self, user: User) -> Self:
        """Keep submitted work of other people; nobody reviews their own."""
        return self.filter(state=Item.State.SUBMITTED).exclude(annotator=user)

    def to_sign_by(self, user: User) -> Self:
        return self.filter(state=Item.State.IN_REVIEW, reviewer=user)

    def accepted(self) -> Self:
        return self.filter(state__in=Item.ACCEPTED_STATES)


class Item(models.Model):
    """One annotator's reading of one series.  Every change of state raises `version` by one."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SUBMITTED = "submitted", "Submitted"
        IN_REVIEW = "in_review", "In review"
        ACCEPTED = "accepted", "Accepted"
        CORRECTED_AND_ACCEPTED = "corrected_and_accepted", "Corrected and accepted"
        REJECTED = "rejected", "Rejected"
        DISCARDED = "discarded", "Discarded"
        IN_ADJUDICATION = "in_adjudication", "In adjudication"
        REFERENCE_STANDARD = "reference_standard", "Reference standard"

    ACCEPTED_STATES = (State.ACCEPTED, State.CORRECTED_AND_ACCEPTED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="items")
    series = models.ForeignKey(
        "annotations.Series", on_delete=models.PROTECT, related_name="items"
    )
    protocol = models.ForeignKey(
        "annotations.Protocol", on_delete=models.PROTECT, related_name="items"
    )
    annotator = models.ForeignKey(User, on_delete=models.PROTECT, related_name="items")
    reviewer = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="reviewed_items"
    )
    state = models.CharField(max_length=24, choices=State.choices, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)
    nothing_to_mark = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = ItemQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                name="one_reading_per_person", fields=["series", "annotator"]
            ),
            models.CheckConstraint(
                name="author_is_not_reviewer",
                condition=Q(reviewer__isnull=True) | ~Q(reviewer=F("annotator")),
            ),
            models.CheckConstraint(
                name="reviewed_has_a_reviewer",
                condition=~Q(state__in=["in_review", "accepted", "corrected_and_accepted"])
                | Q(reviewer__isnull=False),
            ),
            models.CheckConstraint(
                name="item_state_is_known",
                condition=Q(
                    state__in=[
                        "draft",
                        "submitted",
                        "in_review",
                        "accepted",
                        "corrected_and_accepted",
                        "rejected",
                        "discarded",
                        "in_adjudication",
                        "reference_standard",
                    ]
                ),
            ),
        ]
        indexes = [
            models.Index(name="item_by_annotator", fields=["annotator", "state"]),
            models.Index(name="item_by_project", fields=["project", "state", "changed_at"]),
        ]

    def __str__(self) -> str:
        return f"reading {self.pk}"

    @property
    def ledger_ref(self) -> str:
        return f"annotations.item:{self.pk}"

    @property
    def ledger_stream(self) -> str:
        return str(self.project_id)

    @property
    def is_accepted(self) -> bool:
        return self.state in self.ACCEPTED_STATES
