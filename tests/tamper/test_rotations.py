"""Row 42: a key that nobody handed on to, in front of both verifiers.

The forger holds the new key, and signs with it whatever comes after the rotation; the receiver
trusts the old one.  Each case also runs without what finds it: then the forger is believed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.verifier.notes import Succession, VKey, succession_text
from tests.ledger.verifier.opened_page import Opened
from tests.ledger.verifier.opened_page import codes as codes_of_page
from tests.ledger.verifier.world import (
    ORG,
    World,
    rotated,
    signed,
    succession,
    verified,
    vkey,
)
from tests.tamper import bundle_switches, test_bundles

ROTATION = 4  # the organisation's entry that hands the key on
NOTE = "keys/1.note"
ANOTHER = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()


@dataclass(frozen=True)
class Case:
    """A forgery, what is found in the organisation's stream, where, and by which rules."""

    forge: Callable[[World], None]
    codes: str
    by: str  # any one of these finds it alone
    first: int = ROTATION

    def __str__(self) -> str:
        return self.forge.__name__

    @property
    def rules(self) -> frozenset[str]:
        return frozenset(self.by.split(", "))


def honest(_world: World) -> None:
    """Leave it as it is."""


def not_signed_by_the_old_key(world: World) -> None:
    """Let the new key alone say that it follows; it alone signs what comes after."""
    world.kept[NOTE] = succession(1, 1)
    world.org.epochs[5] = (1,)


def signed_for_another_key(world: World) -> None:
    """Show what the old key really signed: that another key follows it."""
    to_another = Succession(ORG, 1, vkey(), VKey.for_origin(ORG, ANOTHER))
    world.kept[NOTE] = signed(ORG, succession_text(to_another), 0)
    world.org.epochs[5] = (1,)


def names_of_another_note(world: World) -> None:
    """Let both keys sign a succession of another organisation."""
    elsewhere = Succession("elsewhere.org/ledger/org", 1, vkey(), vkey(ORG, 1))
    world.kept[NOTE] = signed(ORG, succession_text(elsewhere), 0, 1)


def entry_says_something_else(world: World) -> None:
    """Keep the note, and let the record tell of no rotation."""
    world.org.entries[ROTATION].change(event="key.looked_at")


def entry_removed(world: World) -> None:
    """Take the entry out, close the gap, and let the one before it pass for it."""
    del world.org.entries[ROTATION]
    world.keys["keys"][1]["rotated_seq"] = ROTATION - 1
    world.org.sizes, world.org.epochs = [4, 5], {4: (1, 0), 5: (1,)}


def no_checkpoint_of_both(world: World) -> None:
    """Sign the first checkpoint after the rotation with the new key alone."""
    world.org.epochs[5] = (1,)


HANDED_ON = "successions, double signature"
CASES = [
    Case(not_signed_by_the_old_key, "L402 L502 L504", HANDED_ON),
    Case(signed_for_another_key, "L402 L502 L504", HANDED_ON),
    Case(names_of_another_note, "L402 L502 L505", "successions"),
    Case(entry_says_something_else, "L503", "rotations"),
    Case(entry_removed, "L503", "rotations", ROTATION - 1),
    Case(no_checkpoint_of_both, "L504", "double signature"),
]


def forged(forge: Callable[[World], None]) -> bytes:
    world = rotated()
    forge(world)
    return world.pack()


def said(bundle: bytes) -> tuple[int, set[str], int | None]:
    """Return what verify.py says of the organisation's stream to whoever has the old key."""
    report = verified(bundle, vkey())
    [org] = [stream.findings for stream in report.streams if stream.origin == ORG]
    return report.exit_code(), {c for c in org.codes() if c[0] == "L"}, org.first_bad_seq


def shown(opened: Opened, bundle: bytes) -> tuple[int, set[str], int | None]:
    """Return what verify.html says of it."""
    answer = opened.run(bundle, {"keys": [str(vkey())]})
    [org] = [each for each in answer["result"]["streams"] if each["origin"] == ORG]
    return answer["exit"], codes_of_page(org["findings"]), org["first_bad_seq"]


def test_an_honest_rotation_is_good() -> None:
    assert said(forged(honest)) == (0, set(), None)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_forged_rotation_is_found_at_its_entry(case: Case) -> None:
    exit_code, codes, first = said(forged(case.forge))

    assert (exit_code, first) == (1, case.first)
    assert codes == set(case.codes.split())


@pytest.mark.browser
def test_the_page_says_the_same(opened: Opened) -> None:
    for forge in (honest, *(case.forge for case in CASES)):
        bundle = forged(forge)
        assert shown(opened, bundle) == said(bundle), forge.__name__


@pytest.mark.parametrize("case", CASES, ids=str)
def test_without_its_mechanism_nobody_notices(case: Case) -> None:
    bundle = forged(case.forge)

    with bundle_switches.off(case.rules):
        assert said(bundle) == (0, set(), None)
    for rule in case.rules:
        with bundle_switches.off(case.rules - {rule}):
            assert said(bundle)[1], rule


def test_every_rule_of_the_verifier_has_its_case() -> None:
    used = {rule for case in CASES for rule in case.rules}
    used |= {rule for case in test_bundles.CASES for rule in case.rules}

    assert used == bundle_switches.ALL
