"""The law of a witness: whatever it is asked, what it cosigned is one growing history."""

import itertools
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)

from ledger.anchors.add_checkpoint import request_body
from ledger.anchors.witness import Witness
from tests.ledger.anchors.histories import ORG, History, history
from tests.ledger.anchors.witnessing import NAME


class Asked(RuleBasedStateMachine):
    """A dishonest log with the real key: forks, lies about sizes, false proofs, restarts."""

    histories: Any = Bundle("histories")

    @initialize(target=histories, size=st.integers(1, 6))
    def begin(self, size: int) -> Any:
        self.folder = Path(tempfile.mkdtemp(prefix="witness-"))
        self.now = 1_790_000_000
        log = history(size)
        self.key, self.words = log.vkey, 0
        self.cosigned: list[tuple[int, History]] = []
        self.witness = self.start()
        return multiple(log)

    def start(self) -> Witness:
        return Witness(self.folder, NAME, [self.key], lambda: self.now)

    @rule(target=histories, log=histories, size=st.integers(0, 12), more=st.integers(1, 5))
    def fork(self, log: History, size: int, more: int) -> History:
        self.words += 1
        words = (f"{self.words}/{number}" for number in range(more))
        return log.fork(min(size, log.size), *words)

    @rule(log=histories, more=st.integers(1, 4))
    def grow(self, log: History, more: int) -> None:
        self.words += 1
        log.grow(*(f"{self.words}/{number}" for number in range(more)))

    @rule(
        log=histories,
        other=histories,
        size=st.integers(1, 16),
        old=st.integers(0, 16) | st.none(),
        seconds=st.integers(-50, 100),
    )
    def ask(
        self, log: History, other: History, size: int, old: int | None, seconds: int
    ) -> None:
        """Submit any head of any history, with the proof of that or of another one."""
        self.now += seconds
        size = min(size, log.size)
        told = self.witness.size_of(ORG) if old is None else old
        proof = other.proof(told, size) if size <= other.size else []
        reply = self.witness.add_checkpoint(request_body(told, proof, log.note(size)))
        assert reply.status in (200, 400, 409, 422, 503)
        if reply.status == 200:
            self.cosigned.append((size, History(ORG, log.key, log.leaves[:size])))

    @rule()
    def restart(self) -> None:
        self.witness.close()
        self.witness = self.start()

    @invariant()
    def one_history_was_cosigned(self) -> None:
        """Neighbours suffice: consistency is transitive, and each pair was looked at."""
        for older, newer in itertools.pairwise(self.cosigned[-2:]):
            (size, log), (later, longer) = older, newer
            assert size <= later
            assert longer.leaves[:size] == log.leaves

    def teardown(self) -> None:
        if hasattr(self, "witness"):
            self.witness.close()
            shutil.rmtree(self.folder)


TestAsked = Asked.TestCase
TestAsked.settings = settings(max_examples=100, stateful_step_count=20, deadline=None)
