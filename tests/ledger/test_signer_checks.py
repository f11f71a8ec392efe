"""The site does not start while others could reach the signing keys."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured

from ledger.signer_checks import check_signer, require_safe_signer
from ledger.signer_state import SignerState
from ledger.signing_keys import FileKeys


@pytest.fixture
def signer(settings: LazySettings, tmp_path: Path) -> Path:
    settings.SIGNER_DIR = tmp_path / "signer"
    FileKeys(settings.SIGNER_DIR).make(0)
    SignerState(settings.SIGNER_DIR, "example.org/ledger/org").keep_succession(1, "x\n")
    return Path(settings.SIGNER_DIR)


def test_a_folder_as_the_signer_makes_it_is_safe(signer: Path) -> None:
    assert not check_signer()
    require_safe_signer()


def test_a_folder_that_is_not_there_yet_is_no_fault(
    settings: LazySettings, tmp_path: Path
) -> None:
    settings.SIGNER_DIR = tmp_path / "later"

    assert not check_signer()


@pytest.mark.parametrize(
    ("what", "mode"),
    [(".", 0o755), ("keys", 0o750), ("keys/0.pem", 0o644), ("keys/1.note", 0o620)],
)
def test_whatever_others_can_reach_is_named(signer: Path, what: str, mode: int) -> None:
    (signer / what).chmod(mode)

    (error,) = check_signer()
    assert error.id == "ledger.E010"
    assert "chmod" in error.msg
    assert "mode 700" in str(error.hint)
    with pytest.raises(ImproperlyConfigured, match="chmod"):
        require_safe_signer()


def test_a_folder_among_served_files_is_refused(
    signer: Path, settings: LazySettings, tmp_path: Path
) -> None:
    settings.STATIC_ROOT = tmp_path

    (error,) = check_signer()
    assert "anybody may fetch" in error.msg


def test_a_folder_that_others_could_swap_is_refused(signer: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)

    (error,) = check_signer()
    assert "chmod o-w" in error.msg


def test_a_link_is_not_followed(settings: LazySettings, signer: Path) -> None:
    signer.with_name("link").symlink_to(signer)
    settings.SIGNER_DIR = signer.with_name("link")

    assert "symbolic link" in check_signer()[0].msg
