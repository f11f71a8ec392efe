"""System checks: names outside the vocabulary are found when the system starts."""

from ledger.evidence import checks
from ledger.registry import Control, controls


def test_the_catalogues_and_everything_declared_use_the_vocabulary() -> None:
    assert checks.vocabulary_is_kept(None) == []


def test_a_control_nobody_defined_or_that_judges_nothing_is_found() -> None:
    check = controls["signature_manifest"].check
    controls["nobody_defined_this"] = Control("nobody_defined_this", "query", "x", check)
    controls["retention"] = Control("retention", "query", "x", check)

    found = {message.id for message in checks.vocabulary_is_kept(None)}

    del controls["nobody_defined_this"], controls["retention"]
    assert found == {"ledger.E103", "ledger.E104"}
