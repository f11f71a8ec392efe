"""Print what a person waits for, with the demo's server: saves, pages, images, an import.

python -m tests.load.measure [--saves 200] [--pages 100]
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from typing import Any

from tests.faults.harness import ROOT, Site, site
from tests.faults.serving import served
from tests.faults.writing import Reading
from tests.load.client import Person
from tests.load.figures import busy, memory, summary
from tests.load.viewer import watch

DATA = ROOT / "tests" / "data" / "series"
IMPORTED = 120


def save(person: Person, item: str, instance: str) -> float:
    """Submit one polygon; return the seconds until the server said it is sealed."""
    reading = Reading(item, instance)
    status, answer = person.send("POST", reading.path, reading.content)
    if status != 201:
        raise RuntimeError(f"A save was answered with {status}: {answer}")
    return person.seconds


def page(person: Person, path: str) -> float:
    """Fetch a page; return the seconds until it was here."""
    status, _ = person.ask("GET", path)
    if status != 200:
        raise RuntimeError(f"{path} was answered with {status}.")
    return person.seconds


def take_in(here: Site, slug: str, others: list[int]) -> dict[str, Any]:
    """Import IMPORTED real files by the command; return its seconds and the memory in use."""
    folders = [DATA / "ct_head_small_93", DATA / "mr_brain_obl_20", DATA / "ct_4d_tiny"]
    paths = [str(path) for folder in folders for path in sorted(folder.rglob("*.dcm"))]
    command = ["manage.py", "import_images", "--json", "--project", slug, *paths[:IMPORTED]]
    with tempfile.TemporaryFile("w+") as printed:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=here.environment, stdout=printed
        )
        most = 0
        while process.poll() is None:
            most = max(most, memory([*others, process.pid]))
            time.sleep(0.5)
        printed.seek(0)
        found = json.load(printed)
    done = [file["status"] for file in found["files"]]
    return {
        "files": len(done),
        "imported": done.count("imported"),
        "seconds": found["seconds"],
        "memory_mib": most,
    }


def measure(here: Site, saves: int, pages: int) -> dict[str, Any]:
    """Return the figures of one run on this machine."""
    prepared = here.run("-m", "tests.load.prepare", str(saves))
    if prepared.returncode:
        raise RuntimeError(prepared.stderr)
    made = json.loads(prepared.stdout)
    postmaster = int((here.server.cluster / "postmaster.pid").read_text().split()[0])
    loads = [busy()]
    with served(here) as (port, pid):
        person = Person(port)
        person.sign_in(made["email"], made["password"])
        worklist = f"/projects/{made['slug']}/worklist/"
        lists = [page(person, worklist) for _ in range(pages)]
        frames = [page(person, path) for path in made["frames"] * 3]
        done = [save(person, *item) for item in made["items"]]
        loads.append(busy())
        used = memory([pid, postmaster])
        viewer = watch(f"http://127.0.0.1:{port}", made, worklist, made["reading"])
        loads.append(busy())
        imported = take_in(here, made["import_slug"], [pid, postmaster])
    return {
        "save": summary(done),
        "worklist": summary(lists),
        "frame": summary(frames),
        "viewer": viewer,
        "import": imported,
        "memory_mib": used,
        "load_average": [*loads, busy()],
    }


def main(arguments: list[str]) -> int:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--saves", type=int, default=200)
    parser.add_argument("--pages", type=int, default=100)
    given = parser.parse_args(arguments)
    with site() as here:
        sys.stdout.write(json.dumps(measure(here, given.saves, given.pages), indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
