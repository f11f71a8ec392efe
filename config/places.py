"""The places of the side bar: what there is, and for which roles."""

from dataclasses import dataclass

from django.urls import reverse

from accounts.models import Project, Role

A, D, R, V = Role.ANNOTATOR, Role.DATA_MANAGER, Role.REVIEWER, Role.AUDITOR
ADMIN, LAW, JUDGE = Role.ADMINISTRATOR, Role.REGULATORY, Role.ADJUDICATOR
EVERYBODY = frozenset(Role)
SUPPORTING, MINE = "Supporting records", "Mine"


@dataclass(frozen=True)
class Place:
    """A line of the side bar: where it leads and whose work is there."""

    label: str
    icon: str
    url_name: str
    roles: frozenset[str]
    in_project: bool = False
    group: str = ""
    finds: str = ""  # the parameter by which its list is searched

    def url(self, project: Project | None) -> str | None:
        """Return its address; None where it needs a project and there is none."""
        if not self.in_project:
            return reverse(self.url_name)
        return reverse(self.url_name, kwargs={"slug": project.slug}) if project else None


def _mine(label: str, icon: str, url_name: str, *roles: str, finds: str = "") -> Place:
    return Place(label, icon, url_name, frozenset(roles), in_project=True, finds=finds)


PLACES = (
    Place("Home", "home", "home", EVERYBODY),
    _mine("Worklist", "list", "annotations:worklist", A, finds="q"),
    _mine("To review", "eye", "annotations:reviews", R, finds="q"),
    _mine("Quarantine", "tray", "annotations:quarantine", D),
    _mine("Images", "image", "annotations:images", D, finds="q"),
    _mine("Assignments", "people", "annotations:assignments", D),
    _mine("Annotations", "pen", "annotations:records", D, JUDGE, LAW, V, finds="q"),
    _mine("Snapshots", "layers", "annotations:snapshots", D, LAW, V),
    _mine("Data permissions", "flag", "annotations:permissions", D, finds="q"),
    _mine("Protocol and labels", "box3d", "annotations:protocol", D),
    Place("People", "person", "accounts:people", frozenset({ADMIN}), finds="q"),
    Place("Devices", "device", "accounts:devices", frozenset({ADMIN})),
    Place("Facilities", "facility", "accounts:facilities", frozenset({ADMIN})),
    Place("Programs", "key", "accounts:services", frozenset({ADMIN}), finds="q"),
    Place("Alerts", "warning", "accounts:alerts", frozenset({ADMIN})),
    Place("Training", "training", "accounts:training", frozenset({ADMIN})),
    Place("Retention", "bin", "accounts:retention", frozenset({LAW})),
    Place("Policies", "shield", "accounts:policies", EVERYBODY - {D, V}),
    Place("Ledger", "book", "ledger:explorer", frozenset({D, ADMIN, LAW, V}), finds="subject"),
    Place("Evidence reports", "report", "evidence:reports", frozenset({ADMIN, LAW, V})),
    Place("Facilities", "facility", "accounts:facilities", frozenset({V}), group=SUPPORTING),
    Place("Sessions", "clock", "accounts:sessions", frozenset({V}), group=SUPPORTING),
    Place("Programs", "key", "accounts:services", frozenset({LAW, V}), group=SUPPORTING),
    Place("Alerts", "warning", "accounts:alerts", frozenset({LAW, V}), group=SUPPORTING),
    Place("Training", "training", "accounts:training", frozenset({LAW, V}), group=SUPPORTING),
    Place(
        "Training", "training", "accounts:my_training", frozenset({A, D, R, JUDGE}), group=MINE
    ),
    Place(
        "Emergency access",
        "shield",
        "accounts:emergencies",
        frozenset({A, R, JUDGE}),
        group=MINE,
    ),
    Place("My record", "shield", "accounts:my_record", EVERYBODY, group=MINE),
)
