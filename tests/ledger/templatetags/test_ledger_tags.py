"""References and numbers in the one form they have on every page."""

import pytest

from ledger.templatetags.ledger_tags import counted, short_ref


@pytest.mark.parametrize(
    ("ref", "shown"),
    [
        ("annotations.item:9f2c41d8-6f3e-4c55-9d3f-0a54a1c9be01", "item 9f2c41d8"),
        ("ledger.control:tamper_chain_verify", "control tamper chain verify"),
        ("ledger.stream:localhost/ledger/org", "stream org"),
        (
            "ledger.stream:a.example/ledger/p/3097d95d-24f2-4b67-bc24-6a75f904afad",
            "stream 3097d95d",
        ),
        ("system:run_probes", "the system (run probes)"),
        ("Session of Ruth Okafor", "Session of Ruth Okafor"),
        ("Dr A. B: reader", "Dr A. B: reader"),
    ],
)
def test_digits_nobody_reads_are_cut_off_and_words_stay(ref: str, shown: str) -> None:
    assert short_ref(ref) == shown


def test_thousands_stand_apart() -> None:
    assert [counted(n) for n in (None, 0, 999, 1_010_068)] == ["", "0", "999", "1,010,068"]
