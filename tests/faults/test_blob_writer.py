"""Faults 8 and 20: whoever stores an image dies at each call, or the power goes after it."""

import json
import os
import re
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults import disk, machine
from tests.faults.harness import ROOT, Site, site
from tests.faults.serving import Changed
from tests.faults.telling import Case, long_run
from tests.faults.tracing import traced

IMAGE = ROOT / "tests" / "data" / "series" / "ct_head_small_93" / "CTHead1.dcm"
WATCH = ("-y", "-s", "200", "-e", f"trace={disk.CALLS}")
KILLED = str(-signal.SIGKILL)
CHANGING = re.compile(r"write|fsync|mkdir|rename|link|close|openat")


class Importer:
    """The process that makes a process for each import."""

    def __init__(self, here: Site, folder: Path) -> None:
        self.folder = folder
        self.process = here.begin("-m", "tests.faults.importer", str(IMAGE))

    def say(self, line: str) -> str:
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin
        assert stdout
        stdin.write(line + "\n")
        stdin.flush()
        return self.hear()

    def hear(self) -> str:
        assert self.process.stdout
        answer = self.process.stdout.readline().strip()
        assert answer, self.process.communicate()[1]
        return answer

    def take_in(self, slug: str, *options: str) -> str:
        """Import under strace into a new project; return how its process ended."""
        pid = int(self.say(slug))
        with traced([pid], *WATCH, *options, folder=self.folder):
            os.kill(pid, signal.SIGCONT)
            return self.hear()

    def look(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = json.loads(self.say(""))
        return found


@contextmanager
def importer(here: Site, folder: Path) -> Iterator[Importer]:
    made = Importer(here, folder)
    try:
        yield made
    finally:
        made.process.communicate(timeout=machine.PATIENCE)


def places(here: Site) -> tuple[str, str]:
    return str(here.folder / "blobs"), str(here.folder / "keys")


def stores(call: disk.Call, here: Site) -> bool:
    """Tell whether a call changes the store, or the keys of its files."""
    inside = any(path.startswith(places(here)) for path in call.paths)
    return inside and bool(CHANGING.match(call.name))


@long_run
def test_a_writer_that_dies_at_any_call_leaves_no_half_blob(tmp_path: Path) -> None:
    case = Case(8)
    with site() as here, importer(here, tmp_path) as people:
        assert people.take_in("whole", "-o", str(tmp_path / "trace")) == "0"
        calls = [c for c in disk.read(tmp_path / "trace") if stores(c, here)]
        ends = [
            people.take_in(
                f"dies-{number}",
                *("-e", f"inject={call.name}:signal=KILL:when={call.ordinal}"),
                *("-o", "/dev/null"),
            )
            for number, call in enumerate(calls)
        ]
        assert people.take_in("after", "-o", "/dev/null") == "0"
        found = people.look()
        verdict = here.verify()

    case.acked, case.unknown = len(found["images"]), len(ends)
    case.lost, case.verify = len(found["without"]), str(verdict["reconciliation"])
    case.tell(calls=len(calls), killed=ends.count(KILLED), files=len(found["files"]))
    # later imports find some folders made and need fewer calls: some of the last never come
    assert set(ends) <= {KILLED, "0"}
    assert ends.count(KILLED) > 40
    assert found["without"] == found["half"] == []
    assert len(found["images"]) >= 2 + ends.count("0")  # more: died after COMMIT
    assert set(verdict["reconciliation"].values()) == {0}


def commit_of(calls: list[disk.Call]) -> int:
    """Return which call sends the COMMIT that makes the image part of the record."""
    inserted = next(
        n for n, c in enumerate(calls) if 'INTO \\"annotations_instance\\"' in c.says
    )
    commits = (n for n, c in enumerate(calls) if n > inserted and "COMMIT" in c.says)
    return next(commits)


def whole(here: Site, model: disk.Disk) -> set[str]:
    """Return the files of the store, and their keys, that the disk would hold."""
    below = (path for place in places(here) for path in Path(place).rglob("*"))
    return {str(path) for path in below if path.is_file() and model.holds(path)}


@long_run
def test_the_power_goes_and_no_entry_is_without_its_blob(tmp_path: Path) -> None:
    case = Case(20)
    with site() as here:
        model = disk.Disk(here.folder)
        before = {str(path) for path in (here.folder / "keys").rglob("*")}
        with importer(here, tmp_path) as people:
            assert people.take_in("first", "-o", str(tmp_path / "trace")) == "0"
        calls = disk.read(tmp_path / "trace")
        commit = commit_of(calls)
        lasting = []
        for call in calls:
            lasting.append(whole(here, model))  # had the power gone before this call
            model.take(call)
        after = tmp_path / "after"
        shutil.copytree(here.folder / "keys", after / "keys")
        rebuild(here, after, keep=lasting[commit] | before)
        with importer(
            Changed(after, here.environment | {"DATA_DIR": str(after)}), tmp_path
        ) as people:
            found = people.look()

    needed = {path for path in lasting[-1] if path not in before}
    case.acked, case.lost = len(found["images"]), len(found["without"])
    case.tell(prefixes=len(calls), files=len(needed), torn=len(model.torn))
    assert model.torn == []
    assert found["images"]
    assert found["without"] == found["half"] == []
    assert all(needed <= there for there in lasting[commit:])


def rebuild(here: Site, after: Path, *, keep: set[str]) -> None:
    """Make a data folder of what the disk holds; the server's files are no part of it."""
    for place in places(here):
        for path in Path(place).rglob("*"):
            copy = after / path.relative_to(here.folder)
            if path.is_file() and str(path) in keep:
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, copy)
            else:
                copy.unlink(missing_ok=True) if copy.is_file() else None
