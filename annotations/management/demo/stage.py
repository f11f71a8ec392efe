"""Where the demo plays."""

from dataclasses import dataclass
from pathlib import Path

from accounts.models import Project
from annotations.management.demo.people import Cast


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Where the demo plays: its project, its people and the folder with its images."""

    project: Project
    cast: Cast
    images: Path
