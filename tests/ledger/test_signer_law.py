"""The law of the signer: whatever dies, and whatever is restored, no size has two roots."""

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from ledger import checkpoints, rollback, rotation
from ledger.errors import RecordHeldError
from ledger.models import Stream
from ledger.recovery import NothingLostError
from ledger.signer_state import SignerState
from ledger.signing_keys import SignerError
from tests.ledger.signing import (
    ORG,
    ORIGIN,
    STEPS,
    Database,
    DiedError,
    dying_before,
    grow,
    head_of,
    published,
    recover,
)

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db(transaction=True)

ACTS = st.one_of(
    st.tuples(st.just("grow"), st.integers(1, 3)),
    st.just(("sign", 0)),
    st.tuples(st.just("die"), st.sampled_from(sorted(STEPS))),
    st.just(("copy", 0)),
    st.tuples(st.just("set back"), st.integers(0, 3)),
    st.just(("recover", 0)),
    st.just(("rotate", 0)),
)


class Life:
    """A site to which anything happens, and every note that anybody may have seen."""

    def __init__(self, cursor: Any) -> None:
        self.database = Database(cursor)
        self.seen: dict[tuple[str, int], bytes] = {}

    def begin(self) -> None:
        """Begin anew: an empty database and a signer without memory."""
        if not self.database.copies:
            self.database.copy()
        self.database.set_back(0)
        self.copies = [0]
        self.seen.clear()
        shutil.rmtree(settings.SIGNER_DIR, ignore_errors=True)

    def live(self, act: str, how: Any) -> None:
        rollback.forget()
        # refused, or dead: what was seen before must go on being true
        with suppress(SignerError, RecordHeldError, NothingLostError, DiedError):
            self._do(act, how)
        remembered = map(head_of, SignerState(settings.SIGNER_DIR, ORG).notes())
        for head in (*published(), *remembered):
            assert self.seen.setdefault((head.origin, head.size), head.root) == head.root

    def _do(self, act: str, how: Any) -> None:
        if act == "grow":
            grow(how)
        elif act == "sign":
            checkpoints.sign_everything()
        elif act == "die":
            with dying_before(how):
                checkpoints.sign_everything()
        elif act == "copy":
            self.copies.append(self.database.copy())
        elif act == "set back":
            self.database.set_back(self.copies[how % len(self.copies)])
        elif act == "recover":
            recover(reason="The disk died.")
        else:
            rotation.rotate(cause="yearly")


def test_no_size_ever_has_two_roots(superuser_cursor: Any) -> None:
    life = Life(superuser_cursor)

    @examples(max_examples=15)
    @given(st.lists(ACTS, min_size=4, max_size=12))
    def law(acts: list[tuple[str, Any]]) -> None:
        life.begin()
        for act in [("grow", 2), ("sign", 0), *acts, ("recover", 0), ("grow", 1), ("sign", 0)]:
            life.live(*act)

    law()


DYING = """
import os, sys, django
django.setup()
from ledger import checkpoints
from tests.ledger.signing import STEPS
owner, name = STEPS[sys.argv[1]]
setattr(owner, name, lambda *args, **kwargs: os._exit(9))
checkpoints.sign_everything()
"""


@pytest.mark.parametrize("step", STEPS)
def test_a_process_that_is_killed_leaves_one_root_for_each_size(step: str) -> None:
    grow(2)
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    died = subprocess.run(
        [sys.executable, "-c", DYING, step], cwd=ROOT, env=environment, check=False
    )
    before = SignerState(settings.SIGNER_DIR, ORG).note(ORIGIN)
    grow(1)

    checkpoints.sign_everything()

    heads = published()
    assert died.returncode == 9
    assert len(heads) == len({(head.origin, head.size) for head in heads})
    assert before is None or head_of(before) in heads


def test_two_signers_at_once_sign_each_size_once() -> None:
    grow(3)
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "manage.py", "sign_checkpoint"]
    signers = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
        for _ in range(3)
    ]

    notes = {signer.communicate()[0] for signer in signers}

    heads = published()
    assert [signer.returncode for signer in signers] == [0, 0, 0]
    assert len(notes) == 1
    assert len(heads) == len({(head.origin, head.size) for head in heads}) == 2
    assert Stream.objects.count() == 2
