"""The demo's programs, and an alert that somebody answered."""

from django.utils import timezone

from accounts import alerts, services, sign_in
from accounts.models import Alert, Project, Role, ServiceAccount
from annotations.management.demo.people import Cast

GATEWAY = "Scanner gateway"


def programs(project: Project, cast: Cast) -> None:
    """Give the scanner's gateway an account and a token that nobody kept; one was revoked."""
    if ServiceAccount.objects.exists():
        return
    with cast.acting(Role.ADMINISTRATOR) as administrator:
        gateway = services.open_account(
            name=GATEWAY,
            purpose="Sends finished studies of CT and MR from the scanners",
            owner=cast[Role.DATA_MANAGER],
            project=project,
            by=administrator,
        )
        first, _ = services.issue(gateway, scopes=["imports:write"], days=30, by=administrator)
        services.revoke(first, by=administrator, reason="Pasted into an e-mail by mistake")
        services.issue(
            gateway, scopes=["imports:read", "imports:write"], days=90, by=administrator
        )


def lockout(cast: Cast) -> None:
    """Let somebody fail too often, the security unit be told, and a person answer."""
    if Alert.objects.exists():
        return
    reader = cast[Role.ANNOTATOR]
    sign_in.record_lockout(reader.email, failures=5, seconds=900)
    alerts.deliver_due(timezone.now())
    with cast.acting(Role.ADMINISTRATOR) as administrator:
        alerts.acknowledge(
            Alert.objects.get(about=reader.ledger_ref),
            by=administrator,
            reason="Asked her by telephone: a keyboard with another layout",
        )
