"""What counts as found, and what is printed."""

from collections import Counter

from mutation.scores import score, table

TREE = Counter(killed=18, timeout=1, survived=1, words=7)


def test_what_was_not_found_counts_whatever_it_is_called() -> None:
    assert score(TREE) == 95.0
    assert score(Counter(killed=1, untested=1)) == 50.0
    assert score({"killed": 3, "not checked": 1}) == 75.0
    assert score(Counter(words=5)) == 100.0


def test_the_table_has_every_module_and_the_total() -> None:
    head, tree, hashes, total = table({"tree": TREE, "hashes": Counter(killed=20)}).splitlines()
    assert head.split()[:3] == ["module", "mutants", "killed"]
    assert tree.split() == ["tree", "20", "18", "1", "1", "0", "7", "95.0%"]
    assert hashes.split() == ["hashes", "20", "20", "0", "0", "0", "0", "100.0%"]
    assert total.split() == ["total", "40", "38", "1", "1", "0", "7", "97.5%"]
