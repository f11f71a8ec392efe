"""People, projects, roles, sessions, devices, signing, retention: one noun per file."""

from accounts.models.access_review import AccessReview
from accounts.models.alert import Alert
from accounts.models.attestation import Attestation
from accounts.models.custody import DevicePosture, DeviceSanitisation, DeviceTransfer
from accounts.models.data_permission import DataPermission, SubjectWithdrawal
from accounts.models.device import Device, DeviceMovement
from accounts.models.device_policy import DeviceChallenge, DevicePolicy
from accounts.models.emergency import EmergencyAccess
from accounts.models.erasure import ErasureRequest
from accounts.models.facility import Facility, FacilityAttestation, FacilityLog
from accounts.models.identity import IdentityLink
from accounts.models.network import NetworkRange
from accounts.models.policy import Acknowledgement, Policy, PolicyVersion
from accounts.models.project import (
    Project,
    ProjectGroupObjectPermission,
    ProjectUserObjectPermission,
)
from accounts.models.qualification import Qualification
from accounts.models.retention import LegalHold, RetentionPeriod
from accounts.models.role import Membership, Role
from accounts.models.service import SCOPES, Caller, ServiceAccount, Token
from accounts.models.session import Session
from accounts.models.session_limits import SessionLimits
from accounts.models.signing import SigningRequest
from accounts.models.throttle import FailedTry, KnownBrowser
from accounts.models.training import (
    Course,
    CourseVersion,
    TrainingCompletion,
    TrainingRequirement,
)
from accounts.models.user import User

__all__ = [
    "SCOPES",
    "AccessReview",
    "Acknowledgement",
    "Alert",
    "Attestation",
    "Caller",
    "Course",
    "CourseVersion",
    "DataPermission",
    "Device",
    "DeviceChallenge",
    "DeviceMovement",
    "DevicePolicy",
    "DevicePosture",
    "DeviceSanitisation",
    "DeviceTransfer",
    "EmergencyAccess",
    "ErasureRequest",
    "Facility",
    "FacilityAttestation",
    "FacilityLog",
    "FailedTry",
    "IdentityLink",
    "KnownBrowser",
    "LegalHold",
    "Membership",
    "NetworkRange",
    "Policy",
    "PolicyVersion",
    "Project",
    "ProjectGroupObjectPermission",
    "ProjectUserObjectPermission",
    "Qualification",
    "RetentionPeriod",
    "Role",
    "ServiceAccount",
    "Session",
    "SessionLimits",
    "SigningRequest",
    "SubjectWithdrawal",
    "Token",
    "TrainingCompletion",
    "TrainingRequirement",
    "User",
]
