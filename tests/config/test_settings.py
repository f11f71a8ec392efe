"""The settings, as a site starts with them."""

import json
import os
import re
import subprocess
import sys

import pytest

from tests.cluster import ROOT

NAMES = (
    "DEBUG",
    "SECURE_HSTS_SECONDS",
    "SECURE_SSL_REDIRECT",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE",
    "SESSION_COOKIE_HTTPONLY",
    "SESSION_IDLE_SECONDS",
)


def settings_with(names: tuple[str, ...] = NAMES, **environment: str) -> dict[str, object]:
    """Return `names` as a process reads them that starts with `environment`."""
    script = (
        "import json, sys; from config import settings\n"
        "print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}))"
    )
    said = subprocess.run(
        [sys.executable, "-c", script, *names],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, object] = json.loads(said.stdout)
    return found


def test_behind_tls_everything_goes_over_tls() -> None:
    found = settings_with(BEHIND_TLS="true")

    assert found["SECURE_HSTS_SECONDS"] == 31_536_000
    assert found["SECURE_SSL_REDIRECT"] is True
    assert found["SESSION_COOKIE_SECURE"] is found["CSRF_COOKIE_SECURE"] is True


def test_without_tls_browsers_are_not_told_to_insist_on_it() -> None:
    found = settings_with(BEHIND_TLS="false")

    assert found["SECURE_HSTS_SECONDS"] == 0
    assert found["SECURE_SSL_REDIRECT"] is False


@pytest.mark.parametrize("given", ["true", "1"])
def test_nothing_in_the_environment_turns_debugging_on(given: str) -> None:
    found = settings_with(DEBUG=given)

    assert found["DEBUG"] is False
    assert found["SESSION_COOKIE_HTTPONLY"] is True


def test_a_site_sets_its_own_idle_limit() -> None:
    assert settings_with(SESSION_IDLE_SECONDS="300")["SESSION_IDLE_SECONDS"] == 300


def test_browsers_keep_what_is_named_by_its_content_and_nothing_else() -> None:
    manifest = json.loads((ROOT / "frontend/dist/.vite/manifest.json").read_text())
    built = {chunk["file"] for chunk in manifest.values()}
    built |= {css for chunk in manifest.values() for css in chunk.get("css", [])}
    found = settings_with(names=("WHITENOISE_IMMUTABLE_FILE_TEST",))
    lasting = re.compile(str(found["WHITENOISE_IMMUTABLE_FILE_TEST"]))

    assert built
    assert all(lasting.search(f"/static/{name}") for name in built)
    assert not lasting.search("/static/mark.svg")
    assert not lasting.search("/static/rest_framework/css/bootstrap-theme.min.css")
