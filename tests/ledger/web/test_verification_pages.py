"""Verifying from the page: who may, what it shows, and that a tampering is seen there."""

import time
from typing import Any

import pytest
from django.test import Client

from accounts.models import Project, Role
from ledger import checkpoints, runs
from ledger.models import VerificationRun
from tests.factories import make_project, make_user, sign_in
from tests.ledger import tampering
from tests.ledger.events import Thing, happen

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def project() -> Project:
    project = make_project()
    for number in range(3):
        happen(Thing(ledger_stream=str(project.pk)), number=number)
    checkpoints.sign_everything()
    return project


@pytest.fixture
def reader(client: Client, project: Project) -> Client:
    sign_in(client, make_user(role=Role.REGULATORY, project=project))
    return client


def wait_for_the_run() -> VerificationRun:
    for _ in range(200):
        run = VerificationRun.objects.latest("started_at")
        if run.status != runs.Status.RUNNING:
            return run
        time.sleep(0.05)
    pytest.fail("The verification did not end within 10 s.")


def test_the_button_verifies_and_the_panel_shows_the_verdicts(
    reader: Client, project: Project
) -> None:
    answer = reader.post("/ledger/verify/", {"stream": str(project.pk)})
    run = wait_for_the_run()

    panel = reader.get(f"/ledger/verification/{project.pk}/").content.decode()
    assert answer["Location"] == f"/ledger/?stream={project.pk}"
    assert run.status == "ok"
    assert "Integrity: nothing altered" in panel
    assert "Completeness: nothing missing" in panel
    assert "every 2s" not in panel


def test_a_running_one_shows_counts_and_asks_again(reader: Client, project: Project) -> None:
    run = runs.start(by="system:tests")
    VerificationRun.objects.filter(pk=run.pk).update(checked=29_410, total=48_213)

    panel = reader.get(f"/ledger/verification/{project.pk}/").content.decode()

    assert 'hx-trigger="every 2s"' in panel
    assert "29,410" in panel
    assert "48,213" in panel


def test_a_result_stays_until_the_next_is_there(reader: Client, project: Project) -> None:
    reader.post("/ledger/verify/", {"stream": str(project.pk)})
    wait_for_the_run()
    run = runs.start(by="system:tests")

    counting = reader.get(f"/ledger/verification/{project.pk}/").content.decode()
    VerificationRun.objects.filter(pk=run.pk).update(checked=4_100, total=4_100)
    comparing = reader.get(f"/ledger/verification/{project.pk}/").content.decode()

    for panel in (counting, comparing):
        assert "Integrity: nothing altered" in panel
        assert 'hx-trigger="every 2s"' in panel
    assert "Counting the entries" in counting
    assert "entries are recomputed. Now the rules" in comparing


@pytest.mark.parametrize("end", ["interrupted", "silent"])
def test_one_that_broke_off_is_told_beside_what_was_found_before(
    reader: Client, project: Project, end: str
) -> None:
    reader.post("/ledger/verify/", {"stream": str(project.pk)})
    wait_for_the_run()
    run = runs.start(by="system:tests")
    then = run.started_at - 2 * runs.SILENCE
    ended = {"status": "interrupted", "finished_at": run.started_at}
    VerificationRun.objects.filter(pk=run.pk).update(
        **(ended if end == "interrupted" else {"beat_at": then})
    )

    panel = reader.get(f"/ledger/verification/{project.pk}/").content.decode()

    assert "Broken off" in panel
    assert "every 2s" not in panel
    assert "Integrity: nothing altered" in panel


def test_a_second_one_is_not_started(reader: Client, project: Project) -> None:
    runs.start(by="system:tests")

    page = reader.post("/ledger/verify/", {"stream": str(project.pk)}, follow=True)

    assert "A verification is running already" in page.content.decode()
    assert VerificationRun.objects.count() == 1


def test_a_tampering_is_shown_at_the_entry_and_on_every_page(
    reader: Client, project: Project, superuser_cursor: Any
) -> None:
    superuser_cursor.execute("SET search_path = ledger")
    stream = f"(SELECT id FROM stream WHERE origin LIKE '%{project.pk}')"
    tampering.tamper(
        superuser_cursor,
        f"UPDATE entry SET hash = sha256('x') WHERE stream = {stream} AND seq = 2",
    )
    reader.post("/ledger/verify/", {"stream": str(project.pk)})
    wait_for_the_run()

    explorer = reader.get("/ledger/", {"stream": str(project.pk)}).content.decode()
    entry = reader.get(f"/ledger/{project.pk}/2/").content.decode()
    assert "Integrity: something was altered" in explorer
    assert "L203" in explorer
    assert "At fault" in explorer
    assert "Verification found this entry at fault" in entry
    assert "Ledger: verification failed" in entry


def test_people_who_may_not_read_the_record_cannot_verify(
    client: Client, project: Project
) -> None:
    sign_in(client, make_user(role=Role.ANNOTATOR, project=project))

    assert client.post("/ledger/verify/", {"stream": str(project.pk)}).status_code == 404
    assert client.get(f"/ledger/verification/{project.pk}/").status_code == 404
    assert not VerificationRun.objects.exists()


def test_verifying_is_never_a_link(reader: Client) -> None:
    assert reader.get("/ledger/verify/").status_code == 405


def test_another_projects_rows_are_counted_but_not_shown(
    reader: Client, project: Project
) -> None:
    run = runs.start(by="system:tests")
    other = {
        "table": "t", "ref": "tests.secret:1", "kind": "mismatched", "message": "It differs.",
        "origin": "localhost/ledger/p/other", "seq": 4,
    }  # fmt: skip
    verdict = {
        "origin": f"localhost/ledger/p/{project.pk}", "size": 3, "root": "", "integrity": "ok",
        "completeness": "ok", "first_bad_seq": None, "findings": [],
    }  # fmt: skip
    VerificationRun.objects.filter(pk=run.pk).update(
        status="failed",
        finished_at=run.started_at,
        result={
            "streams": [verdict],
            "reconciliation": {"mismatched": 1},
            "reconciliation_findings": [other],
        },
    )

    panel = reader.get(f"/ledger/verification/{project.pk}/").content.decode()

    assert "tests.secret:1" not in panel
    assert "1 more row not listed here" in panel
