"""The catalogues agree with each other, with the vocabulary and with the rules they copy."""

from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).parents[3] / "ledger" / "evidence" / "catalogues"
RAW: dict[str, Any] = {
    path.stem: yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    for path in sorted(FOLDER.glob("*.yaml"))
}
VOCABULARY = RAW.pop("vocabulary")
ENTRIES = [(key, entry) for key, raw in RAW.items() for entry in raw["entries"]]
IDS = {entry["id"] for _, entry in ENTRIES}
KINDS = {"event", "control", "artifact"}
LEGAL = {
    "fda_imaging_datasets": {"law", "final guidance", "draft guidance", "principle"},
    "eu_mdr": {"law", "standard"},
}
PART_11 = [
    "11.10",
    *(f"11.10({letter})" for letter in "abcdefghijk"),
    *("11.10(k)(1)", "11.10(k)(2)", "11.30", "11.50(a)"),
    *(f"11.50(a)({number})" for number in (1, 2, 3)),
    *("11.50(b)", "11.70", "11.100(a)", "11.100(b)", "11.100(c)"),
    *("11.100(c)(1)", "11.100(c)(2)", "11.200(a)", "11.200(a)(1)"),
    *("11.200(a)(1)(i)", "11.200(a)(1)(ii)", "11.200(a)(2)", "11.200(a)(3)", "11.200(b)"),
    *("11.300", *(f"11.300({letter})" for letter in "abcde")),
]


def named(item: dict[str, str]) -> tuple[str, str]:
    [kind] = KINDS & item.keys()
    return kind, item[kind]


@pytest.mark.parametrize("key", RAW)
def test_each_catalogue_counts_its_own_entries(key: str) -> None:
    assert RAW[key]["catalogue"]["entry_count"] == len(RAW[key]["entries"])
    assert RAW[key]["catalogue"]["key"] == key


def test_no_clause_stands_in_two_places() -> None:
    assert len(IDS) == len(ENTRIES)


@pytest.mark.parametrize(("key", "entry"), ENTRIES, ids=lambda value: str(value)[:30])
def test_each_clause_is_complete(key: str, entry: dict[str, Any]) -> None:
    assert {"title", "text", "kind", "automatable", "evidence", "procedural"} <= entry.keys()
    assert entry["kind"] in {"required", "addressable", "technical", "procedural"}
    assert entry["automatable"] in {"full", "partial", "none"}
    assert entry["evidence"]
    assert entry["automatable"] == "full" or entry["procedural"]
    assert key not in LEGAL or entry["legal_status"] in LEGAL[key]
    if key == "hipaa_privacy_breach":
        assert entry["text_basis"] in {"verbatim", "paraphrase"}
        assert (entry["text_basis"] == "verbatim") == ("verified" in entry)


def test_each_name_a_clause_uses_is_defined() -> None:
    used = {named(item) for _, entry in ENTRIES for item in entry["evidence"]}

    unknown = {(kind, name) for kind, name in used if name not in VOCABULARY[f"{kind}s"]}

    assert not unknown


def test_each_reference_leads_to_a_clause() -> None:
    targets = {
        target
        for _, entry in ENTRIES
        for target in [*entry.get("maps_to", []), *filter(None, [entry.get("parent")])]
    }

    assert targets <= IDS


def test_part_11_has_every_lettered_and_numbered_paragraph_in_order() -> None:
    assert [entry["id"] for entry in RAW["21cfr11"]["entries"]] == PART_11


def test_the_security_rule_has_its_22_addressable_specifications() -> None:
    entries = RAW["hipaa_security"]["entries"]

    assert sum(entry["kind"] == "addressable" for entry in entries) == 22


def test_safe_harbor_has_its_18_identifiers() -> None:
    letters = [
        entry["id"][-2]
        for entry in RAW["hipaa_privacy_breach"]["entries"]
        if entry["id"].startswith("164.514(b)(2)(i)(")
    ]

    assert "".join(letters) == "ABCDEFGHIJKLMNOPQR"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_vocabulary_knows_who_uses_each_name(kind: str) -> None:
    uses: dict[str, set[str]] = {name: set() for name in VOCABULARY[f"{kind}s"]}
    for _, entry in ENTRIES:
        for item in entry["evidence"]:
            if named(item)[0] == kind:
                uses[named(item)[1]].add(entry["id"])

    assert {n: set(t["used_by"]) for n, t in VOCABULARY[f"{kind}s"].items()} == uses


def test_each_control_says_how_it_decides() -> None:
    for term in VOCABULARY["controls"].values():
        assert term["method"]
        assert term["mode"] in {"probe", "query", "platform", "freshness"}
        assert term["priority"] in {"must", "should"}


def test_each_watch_is_a_control() -> None:
    watches = {
        watch for term in VOCABULARY["events"].values() for watch in term.get("watched_by", [])
    }

    assert watches
    assert watches <= VOCABULARY["controls"].keys()
