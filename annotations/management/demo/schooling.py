"""The demo's training: courses, who must know them, who passed, who is qualified."""

from datetime import date, timedelta

from django.utils import timezone

from accounts import courses as school
from accounts import qualifications as papers
from accounts import training
from accounts.models import Course, CourseVersion, Qualification, Role, TrainingCompletion
from annotations.management.demo.stage import Stage

READING, PRIVACY = "Reading by the protocol", "Privacy of patients"
WHY = "Whoever works on images of this project knows it."
# Role, days since it was done, score: one lapses soon, one has lapsed.
DONE = {
    READING: (
        (Role.DATA_MANAGER, 40, 92),
        (Role.ANNOTATOR, 52, 90),
        (Role.REVIEWER, 52, 95),
        (Role.ADJUDICATOR, 70, 88),
    ),
    PRIVACY: (
        (Role.DATA_MANAGER, 120, 97),
        (Role.ANNOTATOR, 340, 84),
        (Role.REVIEWER, 200, 91),
    ),
}


def courses(stage: Stage) -> None:
    """Put two courses on the list; the project asks for both."""
    if Course.objects.exists():
        return
    with stage.cast.acting(Role.ADMINISTRATOR) as by:
        for title, about in (
            (READING, "What is marked, where its edge is, and what is left alone."),
            (PRIVACY, "What identifies a patient, and what to do when an image shows it."),
        ):
            course = school.add(title=title, about=about, by=by)
            version = school.publish_version(course, pass_mark=80, validity_days=365, by=by)
            school.require(stage.project, version=version, by=by, reason=WHY)


def completions(stage: Stage) -> None:
    """Record what each person passed; the adjudicator has yet to learn about privacy."""
    if TrainingCompletion.objects.exists():
        return
    today = timezone.now().date()
    with stage.cast.acting(Role.ADMINISTRATOR) as by:
        for title, done in DONE.items():
            version = CourseVersion.objects.get(course__title=title)
            for role, days, score in done:
                result = training.Result(
                    version=version,
                    score=score,
                    done_on=today - timedelta(days=days),
                    trainer="Dr. Ines Roth",
                )
                training.complete(stage.cast[role], result=result, by=by)


def qualifications(stage: Stage) -> None:
    """Record what the readers are qualified for, and let another person verify it."""
    if Qualification.objects.exists():
        return
    for role, years, since in (
        (Role.ANNOTATOR, 6, date(2020, 4, 1)),
        (Role.REVIEWER, 14, date(2012, 9, 1)),
    ):
        with stage.cast.acting(Role.ADMINISTRATOR) as by:
            held = papers.record(
                stage.cast[role],
                claimed=papers.Claimed(
                    specialty="Diagnostic radiology",
                    issuer="Medical chamber, the demo's own",
                    licence=f"DEMO-{role.value}-{years}",
                    years=years,
                    valid_from=since,
                ),
                by=by,
            )
        with stage.cast.acting(Role.REGULATORY) as by:
            papers.verify(held, by=by, method="Asked the issuer's register")
