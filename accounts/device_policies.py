"""From which machines a project takes work: a recorded setting, with its reason."""

from django.db import transaction
from django.utils import timezone

import ledger
from accounts.errors.base import ReasonMissingError
from accounts.errors.browsers import PolicyUnchangedError
from accounts.events.browsers import DevicePolicySet
from accounts.models import DevicePolicy, Project, User
from accounts.permissions import require_organisation_permission


@transaction.atomic
def set_policy(
    project: Project, *, unregistered: str, mobile: str, by: User, reason: str
) -> DevicePolicy:
    """Say what unregistered and mobile devices may do in `project`, from now on.

    Raises PermissionDenied, ValidationError, ReasonMissingError or PolicyUnchangedError.
    """
    require_organisation_permission(by, "manage_devices")

    Project.objects.select_for_update().get(pk=project.pk)
    policy = DevicePolicy.objects.filter(project=project).first()
    before = (policy.unregistered, policy.mobile) if policy else (None, None)
    if not reason.strip():
        raise ReasonMissingError
    if before == (unregistered, mobile):
        raise PolicyUnchangedError
    policy = policy or DevicePolicy(project=project)
    policy.unregistered, policy.mobile = str(unregistered), str(mobile)
    policy.reason, policy.set_by, policy.set_at = reason.strip(), by, timezone.now()
    policy.clean_fields()

    policy.save()

    said = DevicePolicySet(
        project_id=str(project.pk),
        unregistered=policy.unregistered,
        mobile=policy.mobile,
        previous_unregistered=before[0],
        previous_mobile=before[1],
    )
    ledger.append(said, actor=by, subject=policy, reason=policy.reason)
    return policy
