"""The table in the repository is the edition it says it is."""

import json

from annotations import deid
from annotations.deid import table


def test_edition_and_fingerprint_are_stated_for_the_record() -> None:
    edition, digest = deid.table_edition()
    meta = json.loads(table.TABLE.read_text())["meta"]

    assert edition == meta["edition"] == "2026c"
    assert meta["rows"] == 656
    assert len(digest) == 64


def test_every_reviewed_text_is_a_known_attribute_outside_the_table() -> None:
    keywords = json.loads(table.KEPT_TEXT.read_text())["keywords"]

    assert len(table.kept_text()) == len(keywords)
    assert not table.kept_text() & table.actions(frozenset()).keys()


def test_families_are_whole_groups() -> None:
    assert table.is_family(0x60003000)
    assert table.is_family(0x601E0022)
    assert table.is_family(0x50000005)
    assert not table.is_family(0x00280010)
    assert not table.is_family(0x7FE00010)
