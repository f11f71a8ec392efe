"""What each case says of itself: one line of JSON, which a release is published with."""

import json
import os
import time
from dataclasses import dataclass, field

import pytest

IS_LONG_RUN = os.environ.get("FAULTS") == "1"  # what `make faults` sets

# Not part of an ordinary run: conftest.py deselects it, and pytest says how many it deselected.
long_run = pytest.mark.long_run


def times(name: str, *, long: int, quick: int) -> int:
    """Return how often to do a thing: environment variable `name`, or by the kind of run."""
    return int(os.environ.get(name, long if IS_LONG_RUN else quick))


@dataclass
class Case:
    """One case of the fault matrix and what became of what its clients were told.

    `row` is its row in the matrix.  `acked` effects were acknowledged, `lost` of those are not
    in the record exactly once, `unknown` got no answer.  Seconds count from its making.
    """

    row: int
    seed: int = 0
    acked: int = 0
    lost: int = 0
    unknown: int = 0
    verify: str = ""
    began: float = field(default_factory=time.monotonic)

    def tell(self, **more: object) -> None:
        """Print the case's line; `more` is what this case alone measures."""
        line = {
            "id": self.row,
            "seed": self.seed,
            "acked": self.acked,
            "lost": self.lost,
            "unknown": self.unknown,
            "verify": self.verify,
            "seconds": round(time.monotonic() - self.began, 1),
        }
        print(json.dumps(line | more))  # noqa: T201  one line a case is what the run is for
