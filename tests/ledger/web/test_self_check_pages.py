"""Check it yourself: the verifiers, the key and a checkpoint, each with its digest."""

import pytest
from django.test import Client

import ledger
from accounts.models import Role
from ledger import checkpoints
from tests.factories import client_of, make_project, make_user, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/ledger/check/"


def test_each_file_is_handed_out_with_the_digest_that_the_page_shows(client: Client) -> None:
    sign_in(client, make_user(role=Role.AUDITOR, project=make_project()))
    checkpoints.sign_everything()

    page = client.get(URL).content.decode()

    for name in ("verify.py", "verify.html", "key.txt", "checkpoint.note"):
        answer = client.get(f"{URL}{name}")
        assert ledger.sha256_hex(answer.content) in page
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    key = client.get(f"{URL}key.txt").content.decode().strip()
    assert key == checkpoints.vkey("localhost/ledger/org")


def test_before_anything_was_signed_there_is_no_key(client: Client) -> None:
    sign_in(client, make_user(role=Role.AUDITOR, project=make_project()))

    assert "Nothing was signed here yet" in client.get(URL).content.decode()
    assert client.get(f"{URL}key.txt").status_code == 404


def test_nothing_else_is_handed_out() -> None:
    auditor = client_of(make_user(role=Role.AUDITOR, project=make_project()))
    stranger = client_of(make_user(role=Role.ANNOTATOR, project=make_project()))

    assert auditor.get(f"{URL}settings.py").status_code == 404
    assert stranger.get(URL).status_code == 403
    assert stranger.get(f"{URL}verify.py").status_code == 403
