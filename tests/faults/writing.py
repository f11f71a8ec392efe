"""People who hand in readings over HTTP, and what the record says of it afterwards.

python -m tests.faults.writing PEOPLE READINGS
"""

from __future__ import annotations

import http.client
import json
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import psycopg2

from tests.faults.harness import Site
from tests.load.client import Person

PATIENCE = 120.0  # seconds until what was handed in is acknowledged, on a slow machine
CORNERS = [["10", "20"], ["110.5", "20"], ["140.25", "90"], ["80", "150.125"], ["12", "88"]]
VIEWED = {"window": ["40", "400"], "zoom": "1.5", "frames_seen": [0], "milliseconds": 41_000}
_RECORD = """
SELECT convert_from(b.body, 'UTF8'), e.seq FROM ledger.body b
LEFT JOIN ledger.entry e ON b.id = e.body_id ORDER BY b.stream, e.seq
"""


class Reading(NamedTuple):
    """A reading to hand in, and the image that is drawn on."""

    item: str
    instance: str

    @property
    def path(self) -> str:
        return f"/api/items/{self.item}/submit/"

    @property
    def content(self) -> dict[str, Any]:
        mark = {
            "instance_uid": None,
            "tracking_id": "Lesion 1",
            "label": "4147007",
            "kind": "polygon",
            "instance": self.instance,
            "frame": 0,
            "points": CORNERS,
        }
        return {
            "version": 1,
            "annotations": [mark],
            "nothing_to_mark": False,
            "viewed": VIEWED,
            "reason": None,
        }


@dataclass
class Writer:
    """Somebody with readings to hand in.

    `unknown` counts the tries without an answer, `told` is what came instead of the last.
    """

    email: str
    password: str
    readings: list[Reading]
    unknown: int = 0
    told: str = ""

    @contextmanager
    def at_work(self, port: int) -> Iterator[Writer]:
        """Sign in at the server that listens at `port`, and hang up afterwards."""
        self.person = Person(port)
        with closing(self.person.connection):
            self.person.sign_in(self.email, self.password)
            self.person.connection.close()  # the server hangs up soon on who says nothing
            yield self

    def hand_in(self, reading: Reading) -> dict[str, Any] | None:
        """Hand in once; return what was acknowledged, or None where nobody can tell."""
        try:
            status, answer = self.person.send("POST", reading.path, reading.content)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.person.connection.close()
            status, answer = 503, repr(error)
        if status >= 500:
            self.unknown += 1
            self.told = f"{status} {answer}"
            return None
        assert status == 201, (status, answer)
        return dict(answer)

    def insist(self, reading: Reading) -> dict[str, Any]:
        """Hand in, the same again and again, until it is acknowledged."""
        deadline = time.monotonic() + PATIENCE
        while (answer := self.hand_in(reading)) is None:
            assert time.monotonic() < deadline, "nothing was acknowledged in time"
            time.sleep(0.1)
        return answer


def writers(here: Site, people: int, readings: int) -> list[Writer]:
    """Make so many people, each with so many readings to hand in."""
    made = here.run("-m", "tests.faults.writing", str(people), str(readings))
    assert made.returncode == 0, made.stderr
    return [
        Writer(email, password, [Reading(*reading) for reading in waiting])
        for email, password, waiting in json.loads(made.stdout)
    ]


def bodies_of(here: Site) -> list[tuple[int | None, dict[str, Any]]]:
    """Return position and body of every entry, read from the bytes themselves.

    The position is None where it committed and waits to be linked.
    """
    with closing(psycopg2.connect(here.environment["DATABASE_URL"])) as connection:
        cursor = connection.cursor()
        cursor.execute(_RECORD)
        return [(seq, json.loads(text)) for text, seq in cursor.fetchall()]


def record_of(here: Site) -> dict[str, list[int | None]]:
    """Return the positions of each submission's transition, by the key of its item."""
    found: dict[str, list[int | None]] = {}
    for seq, body in bodies_of(here):
        if body["event"] == "workflow.transition" and body["payload"]["state"] == "submitted":
            found.setdefault(body["subject"].partition(":")[2], []).append(seq)
    return found


def sealed_of(here: Site, reading: Reading) -> list[str]:
    """Return the content hashes of every annotation that the record says the reading has."""
    return [
        body["payload"]["content_hash"]
        for _, body in bodies_of(here)
        if body["event"] == "annotation.created"
        and body["payload"]["item"] == f"annotations.item:{reading.item}"
    ]


def integrity_of(verdict: dict[str, Any]) -> str:
    """Return what `verify_ledger` says of the chains, in a word if they agree."""
    return ", ".join(sorted({stream["integrity"] for stream in verdict["streams"]}))


def prepare(people: int, readings: int) -> list[tuple[str, str, list[list[str]]]]:
    """Make people and readings; return addresses, passwords, items and instances."""
    from tests.annotations.flow import make_items, make_member
    from tests.factories import PASSWORD, make_project

    project = make_project()
    made = []
    for _ in range(people):
        annotator = make_member("annotator", project)
        items = make_items(project, annotator=annotator, count=readings)
        waiting = [[str(item.pk), str(item.series.instances.get().pk)] for item in items]
        made.append((annotator.email, PASSWORD, waiting))
    return made


if __name__ == "__main__":
    import django

    django.setup()
    sys.stdout.write(json.dumps(prepare(*map(int, sys.argv[1:]))))
