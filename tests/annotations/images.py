"""Where the test images are, by their manifest."""

import csv
from functools import cache
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"


@cache
def manifest() -> dict[str, dict[str, str]]:
    """Return the manifest's rows by path."""
    with (DATA / "MANIFEST.csv").open(newline="") as file:
        return {row["path"]: row for row in csv.DictReader(file)}


def below(folder: str) -> list[str]:
    """Return the paths of the manifest below `folder`, sorted; there is at least one."""
    found = sorted(path for path in manifest() if path.startswith(f"{folder}/"))
    assert found, f"no test data below {folder}"
    return found


def in_ct(syntax: str) -> Path:
    """Return the CT slice kept in transfer syntax `syntax`, named by its beginning."""
    (found,) = (DATA / "transfer_syntax/ct_all").glob(f"CTImage.dcm_{syntax}*")
    return found
