"""Protocols: publish what a project's annotators are asked to mark."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

import ledger
from accounts import courses
from accounts.models import Project, User
from accounts.permissions import require_permission
from annotations.errors import InvalidProtocolError
from annotations.events import ProtocolPublished
from annotations.models import Protocol

MAX_LABELS = 32
COLORS = 8
SCHEMES = ("SCT", "RADLEX", "99LOCAL")
KINDS = ("box", "polygon")


@dataclass(frozen=True, kw_only=True)
class Label:
    """One thing to mark: a coded concept (PS3.3 §8.8) and how it is drawn."""

    value: str
    scheme: str
    meaning: str
    color: int
    kinds: tuple[str, ...]


@transaction.atomic
def publish(project: Project, *, name: str, labels: Sequence[Label], by: User) -> Protocol:
    """Seal the next version of the project's protocol; work assigned from now on follows it.

    Training that was asked for from this version on is in force with it.

    Raises PermissionDenied or InvalidProtocolError.
    """
    require_permission(by, "assign_items", project)

    _check(name, labels)
    project = Project.objects.select_for_update().get(pk=project.pk)
    newest = project.protocols.aggregate(newest=Max("version"))["newest"] or 0

    content = _content(newest + 1, name, labels)
    protocol = Protocol.objects.create(
        project=project,
        version=newest + 1,
        name=name.strip(),
        content=content,
        content_hash=ledger.sha256_hex(content),
        published_at=timezone.now(),
    )
    courses.follow_protocol(project, version=protocol.version, by=by)

    ledger.append(
        ProtocolPublished(
            record_id=protocol.ledger_ref,
            version=protocol.version,
            content_hash=protocol.content_hash,
            title=protocol.name,
            labels=tuple(f"{label.scheme} {label.value}" for label in labels),
        ),
        actor=by,
        subject=protocol,
    )
    return protocol


def newest_version(project: Project) -> int:
    """Return the number of the project's newest protocol; 0 where there is none."""
    newest = Protocol.objects.filter(project=project).first()
    return newest.version if newest else 0


courses.protocols_known_by(newest_version)


def _content(version: int, name: str, labels: Sequence[Label]) -> bytes:
    """Return the sealed bytes of a version."""
    return ledger.canonical(
        {
            "schema": "annotation.protocol/1",
            "version": version,
            "name": name.strip(),
            "labels": [asdict(label) | {"kinds": list(label.kinds)} for label in labels],
        }
    )


def _check(name: str, labels: Sequence[Label]) -> None:
    if not name.strip():
        raise InvalidProtocolError("Give the protocol a name.")
    if not 1 <= len(labels) <= MAX_LABELS:
        raise InvalidProtocolError(f"A protocol has 1 to {MAX_LABELS} labels.")
    codes = [(label.scheme, label.value) for label in labels]
    if len(codes) != len(set(codes)) or len({label.value for label in labels}) != len(labels):
        raise InvalidProtocolError("Each code stands for one label; one is here twice.")
    for label in labels:
        if not (label.value.strip() and label.meaning.strip() and label.scheme in SCHEMES):
            raise InvalidProtocolError("Each label has a code, its scheme and its meaning.")
        if not label.kinds or not set(label.kinds) <= set(KINDS):
            raise InvalidProtocolError(f"A label is drawn as {' or '.join(KINDS)}.")
        if not 1 <= label.color <= COLORS:
            raise InvalidProtocolError(f"A label has a colour from 1 to {COLORS}.")
