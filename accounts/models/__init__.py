"""People, projects, roles, sessions, devices and signing requests: one noun per file."""

from accounts.models.device import Device, DeviceMovement
from accounts.models.project import (
    Project,
    ProjectGroupObjectPermission,
    ProjectUserObjectPermission,
)
from accounts.models.role import Membership, Role
from accounts.models.session import Session
from accounts.models.signing import SigningRequest
from accounts.models.user import User

__all__ = [
    "Device",
    "DeviceMovement",
    "Membership",
    "Project",
    "ProjectGroupObjectPermission",
    "ProjectUserObjectPermission",
    "Role",
    "Session",
    "SigningRequest",
    "User",
]
