"""Nothing that honest people and machines do looks like tampering: verified after every act."""

import json
import random
from pathlib import Path

import pytest

from ledger import checkpoints, erasure, guards, rotation
from ledger.verify import verify
from tests.faults.telling import times
from tests.ledger.bundle.made import KEY, checked, codes, make, tell
from tests.ledger.events import happen

pytestmark = pytest.mark.django_db(transaction=True)
RUNS = times("HONEST_RUNS", long=1000, quick=25)
SEED = 20261123
TWO = ("accounts.user:1", "accounts.user:2")


class Site:
    """An honest site: what it does next is left to chance, the same chance each time."""

    def __init__(self) -> None:
        self.chance = random.Random(SEED)  # noqa: S311  the same acts each time
        self.size = 0
        guards.record(by="system:tests", reason="as it stands")
        self.grow()
        checkpoints.sign_everything()

    def grow(self) -> None:
        more = self.chance.randint(1, 6)
        tell(more)
        happen()
        self.size += more

    def erase(self) -> None:
        wanted = erasure.targets(KEY, positions=[self.chance.randrange(self.size)])
        wanted = [target for target in wanted if not erasure.obstacles([target])]
        if wanted:
            erasure.erase(wanted, basis="asked", approved_by=TWO, by=TWO[1], reason="asked")
            self.size += 1  # the entry that says so

    def act(self) -> str:
        """Do one thing and say which."""
        acts = {"grow": 50, "sign": 30, "erase": 14, "rotate": 1}
        (what,) = self.chance.choices(list(acts), list(acts.values()))
        if what == "sign":
            checkpoints.sign_everything()
        elif what == "rotate":
            rotation.rotate(cause="yearly")
        else:
            getattr(self, what)()
        return what


def test_an_honest_record_never_raises_a_false_alarm(tmp_path: Path) -> None:
    site = Site()
    bundles = 0
    for number in range(RUNS):
        what = site.act()

        found = verify()

        assert found.status == "ok", (number, what, [s.faults for s in found.streams])
        if number % 10 == 9:
            place = tmp_path / f"{number}.zip"
            outcome, said = checked(place, make(place))
            assert (outcome, codes(said)) == (0, set()), (number, what)
            place.unlink()
            bundles += 1
    print(json.dumps({"id": "G2", "seed": SEED, "honest": RUNS, "bundles": bundles}))  # noqa: T201
