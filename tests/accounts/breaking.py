"""Break the glass as people do, for tests of what it opens."""

from datetime import timedelta

from accounts import emergency, signing
from accounts.errors.emergency import EmergencyOverError
from accounts.models import EmergencyAccess, Role, Session, User
from accounts.signing import Confirmation
from annotations.models import Subject
from tests.factories import PASSWORD, make_session, make_user

WHY = "The treating surgeon asks for the images now."


def prepared(
    subject: Subject, *, by: User | None = None, session: Session | None = None
) -> EmergencyAccess:
    """Return what somebody of another project asks for, not signed yet."""
    person = by or make_user(role=Role.REVIEWER)
    return emergency.prepare(
        subject.project.slug,
        subject.code,
        by=person,
        session=session or make_session(person),
        reason=WHY,
    )


def signed(access: EmergencyAccess, *, by: User | None = None) -> Confirmation:
    """Return the answer of `by` to the request to sign `access`."""
    signer = by or access.person
    asked = signing.issue(
        by=signer,
        items=[emergency.signed_item(access)],
        meaning="responsibility",
        statement=emergency.STATEMENT,
        stream=f"localhost/ledger/p/{access.project_id}",
    )
    return signing.confirm(asked, by=signer, identifier=signer.email, password=PASSWORD)


def broken(
    subject: Subject, *, by: User | None = None, session: Session | None = None
) -> EmergencyAccess:
    """Return an emergency access that is open now."""
    access = prepared(subject, by=by, session=session)
    return emergency.invoke(
        access, by=access.person, session=access.session, confirmation=signed(access)
    )


def set_back(access: EmergencyAccess, **by: float) -> None:
    """Let it have begun so much earlier, as if time had passed."""
    earlier = timedelta(**by)
    EmergencyAccess.objects.filter(pk=access.pk).update(
        started_at=access.started_at - earlier if access.started_at else None,
        ends_at=access.ends_at - earlier if access.ends_at else None,
    )


def is_open(access: EmergencyAccess, session: Session | None = None) -> bool:
    try:
        emergency.require_open(access.pk, session=session or access.session)
    except EmergencyOverError:
        return False
    return True
