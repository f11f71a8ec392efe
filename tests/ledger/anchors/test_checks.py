"""The system checks of anchors: a wrong setting is named before anything starts."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from ledger.anchors.checks import check_anchors, require_sound_settings
from ledger.anchors.witnesses import WitnessAnchor
from tests.ledger.anchors.histories import history
from tests.ledger.anchors.test_witnesses import VKEY


def said() -> list[str]:
    return [message.msg for message in check_anchors() if message.id == "ledger.E020"]


def test_the_settings_as_they_come_are_sound() -> None:
    assert check_anchors() == []
    require_sound_settings()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("WITNESSES", ["no vkey http://x.example"]),
        ("WITNESSES", [f"{history(1).vkey} http://x.example"]),
        ("WITNESSES", [f"{VKEY} file:///etc"]),
        ("TSA_URLS", ["one.example"]),
        ("TSA_URLS", ["https://one.example"]),
        ("ANCHOR_FOLDER", "relative"),
        ("ANCHOR_S3_BUCKET", "anchors"),
        ("TSA_ALGORITHM_ENDS", ["soon"]),
    ],
)
def test_a_wrong_setting_is_named_and_nothing_starts(
    setting: str, value: Any, settings: Any
) -> None:
    setattr(settings, setting, value)
    settings.ANCHOR_FOLDER_IS_OURS = False if setting == "ANCHOR_FOLDER" else True  # noqa: SIM211
    named = {"TSA_URLS": "TSA_", "ANCHOR_S3_BUCKET": "ANCHOR_S3_"}.get(setting, setting)

    assert said()
    assert all(named in sentence for sentence in said())
    with pytest.raises(ImproperlyConfigured, match=named):
        require_sound_settings()
    with pytest.raises(SystemCheckError, match=named):
        call_command("check", tags=["anchors"])


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, settings: Any) -> None:
    settings.ANCHOR_FOLDER = str(tmp_path / "gone")
    settings.ANCHOR_FOLDER_IS_OURS = False

    assert said() == [
        f"ANCHOR_FOLDER names {tmp_path / 'gone'}, which is no folder: is it mounted?"
    ]


def test_the_same_place_twice_is_refused(settings: Any) -> None:
    settings.WITNESSES = [f"{VKEY} http://x.example", f"{VKEY} http://x.example/"]

    assert said() == [f"{WitnessAnchor.configured()[0].target} is configured twice as witness."]


def test_the_test_authority_is_a_warning(settings: Any) -> None:
    settings.TEST_AUTHORITY = True

    (warning,) = check_anchors()

    assert warning.id == "ledger.W021"
    assert "prove nothing" in warning.msg
