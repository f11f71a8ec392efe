"""An identity provider in its own process, and somebody linked to it."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from accounts import identity_links
from accounts.models import User
from tests.accounts.identity_server import CLIENT, SECRET
from tests.cluster import ROOT
from tests.factories import make_administrator, make_user


class Provider:
    """The running identity provider."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://localhost:{port}"

    def will(self, **lies: Any) -> None:
        requests.post(f"{self.issuer}/will", json={"straight": True, **lies}, timeout=10)

    def asked(self) -> dict[str, str]:
        last: dict[str, str] = requests.get(f"{self.issuer}/asked", timeout=10).json()[-1]
        return last


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    """Start the process once and wait until it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tests.accounts.identity_server", str(port)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    provider = Provider(port)
    for _ in range(150):
        try:
            requests.get(f"{provider.issuer}/keys", timeout=2)
            break
        except requests.ConnectionError:
            time.sleep(0.2)
    yield provider
    process.terminate()
    process.wait()


@pytest.fixture
def provider(running: Provider, settings: Any) -> Provider:
    settings.ORGANISATIONS = [
        {
            "id": "hospital",
            "name": "University Hospital",
            "issuer": running.issuer,
            "client_id": CLIENT,
            "secret": SECRET,
        }
    ]
    running.will()
    return running


@pytest.fixture
def person(provider: Provider) -> User:
    linked = make_user(email="jonas@example.org", printed_name="Jonas Berg")
    identity_links.link(
        linked,
        issuer=provider.issuer,
        subject="subject-1",
        by=make_administrator(),
        reason="seen",
    )
    return linked
