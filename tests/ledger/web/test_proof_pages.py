"""What can be taken away of an entry: files that verifiers read, for whoever may read it."""

import json

import pytest
from django.test import Client

from accounts.models import Project, Role
from ledger import checkpoints
from ledger.verifier.notes import VKey, parse_note
from tests.factories import make_project, make_user, sign_in
from tests.ledger.events import Thing, happen

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def project() -> Project:
    project = make_project()
    for number in range(3):
        happen(Thing(ledger_stream=str(project.pk)), number=number)
    return project


@pytest.fixture
def reader(client: Client, project: Project) -> Client:
    sign_in(client, make_user(role=Role.AUDITOR, project=project))
    return client


def test_before_the_first_checkpoint_there_is_a_receipt_and_no_proof(
    reader: Client, project: Project
) -> None:
    page = reader.get(f"/ledger/{project.pk}/1/").content.decode()
    receipt = json.loads(reader.get(f"/ledger/{project.pk}/1/receipt").content)
    proof = reader.get(f"/ledger/{project.pk}/1/proof")

    assert "No checkpoint covers it yet" in page
    assert (receipt["seq"], receipt["checkpoint"], receipt["proof"]) == (1, None, None)
    assert proof.status_code == 409
    assert "the proof follows" in proof.content.decode()
    assert reader.get(f"/ledger/{project.pk}/checkpoint.note").status_code == 409


def test_a_signed_entry_can_be_proven_elsewhere(reader: Client, project: Project) -> None:
    checkpoints.sign_everything()

    page = reader.get(f"/ledger/{project.pk}/1/").content.decode()
    receipt = json.loads(reader.get(f"/ledger/{project.pk}/1/receipt").content)
    proof = reader.get(f"/ledger/{project.pk}/1/proof")
    note = reader.get(f"/ledger/{project.pk}/checkpoint.note")
    explorer = reader.get(f"/ledger/?stream={project.pk}").content.decode()

    assert "Proof to take away" in page
    assert receipt["checkpoint"].encode() == note.content
    assert proof.content.endswith(note.content)
    assert proof.headers["Content-Disposition"].endswith(f'{project.pk}-1.tlog-proof"')
    assert proof.headers["Cache-Control"] == "no-store"
    assert parse_note(note.content).text.startswith(f"localhost/ledger/p/{project.pk}\n")
    assert VKey.parse(checkpoints.vkey(f"localhost/ledger/p/{project.pk}"))
    assert "checkpoint.note" in explorer


@pytest.mark.parametrize("what", ["9/proof", "9/receipt"])
def test_an_entry_that_is_not_there_has_nothing_to_take(
    reader: Client, project: Project, what: str
) -> None:
    assert reader.get(f"/ledger/{project.pk}/{what}").status_code == 404


@pytest.mark.parametrize("what", ["1/proof", "1/receipt", "checkpoint.note"])
def test_a_stranger_is_told_nothing(client: Client, project: Project, what: str) -> None:
    sign_in(client, make_user(role=Role.AUDITOR, project=make_project()))

    assert client.get(f"/ledger/{project.pk}/{what}").status_code == 404
