"""The status rule, over every combination of results and attestations."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.evidence.status import STATUSES, remedy, status_of, why

RESULTS = ("pass", "fail", "no_data", "not_applicable", "error")
STATES = ("current", "expired", "missing")
results = st.lists(st.sampled_from(RESULTS), max_size=6)
states = st.lists(st.sampled_from(STATES), max_size=4)
automatable = st.sampled_from(("full", "partial", "none"))


@given(automatable, results, states)
def test_every_combination_has_one_of_the_statuses(a: str, r: list[str], s: list[str]) -> None:
    assert status_of(a, r, s) in STATUSES


@given(automatable, results, states)
def test_a_clause_is_failed_exactly_when_a_check_is(a: str, r: list[str], s: list[str]) -> None:
    assert (status_of(a, r, s) == "failed") == bool({"fail", "error"} & set(r))


@given(automatable, results, states)
def test_evidenced_means_that_everything_passed_and_is_attested(
    a: str, r: list[str], s: list[str]
) -> None:
    if status_of(a, r, s) == "evidenced":
        assert r
        assert set(r) == {"pass"}
        assert set(s) <= {"current"}


@given(automatable, st.lists(st.sampled_from(("no_data", "not_applicable"))), states)
def test_no_data_is_never_a_pass(a: str, r: list[str], s: list[str]) -> None:
    expected = {"attested_only", "partly"} if "current" in s else {"missing"}

    assert status_of(a, r, s) in expected


@given(results, states)
def test_only_what_software_cannot_show_rests_on_attestation(
    r: list[str], s: list[str]
) -> None:
    assert status_of("full", r, s) != "attested_only"
    assert status_of("partial", r, s) != "attested_only"
    if status_of("none", r, s) == "attested_only":
        assert set(s) == {"current"}


@given(automatable, results, states, st.sampled_from(RESULTS[1:]))
def test_worse_evidence_never_makes_a_better_status(
    a: str, r: list[str], s: list[str], worse: str
) -> None:
    order = ("failed", "missing", "partly", "attested_only", "evidenced")
    before = order.index(status_of(a, [*r, "pass"], s))

    assert order.index(status_of(a, [*r, worse], s)) <= before


def item(result: str, **facts: object) -> dict[str, object]:
    named = facts if {"control", "artifact"} & facts.keys() else {"event": "user.created"}
    return {"result": result, "built": True, **named, **facts}


@given(
    automatable,
    st.lists(
        st.builds(
            lambda result, built: item(result, built=built, observed="entry 3 is wrong."),
            st.sampled_from(RESULTS),
            st.booleans(),
        ),
        max_size=5,
    ),
    st.lists(
        st.sampled_from(STATES).map(
            lambda state: {"state": state, "expires": "2026-01-01T23:59:59Z"}
        ),
        max_size=3,
    ),
)
def test_every_gap_has_its_reason_and_what_would_close_it(
    a: str, evidence: list[dict[str, object]], said: list[dict[str, str]]
) -> None:
    results = {str(i["result"]) for i in evidence}
    found = status_of(a, [str(i["result"]) for i in evidence], [row["state"] for row in said])

    # Nothing asked for, or nothing that applies, leaves nothing to say.
    if found in {"failed", "missing", "partly"} and (said or results - {"not_applicable"}):
        states = {row["state"] for row in said}
        if results & {"fail", "error", "no_data"} or states & {"missing", "expired"}:
            assert why(found, evidence, said)
            assert remedy(evidence, said).endswith(".")


def test_a_gap_names_what_is_silent_and_what_is_not_built() -> None:
    evidence = [
        item("no_data"),
        item("no_data", control="chain_verify", mode="probe"),
        item("no_data", control="tls", mode="probe", built=False),
    ]

    said = why("missing", evidence, [{"state": "missing"}])

    assert said == (
        "Nothing recorded in the period: user.created. No data in the period for chain_verify."
        " Not part of this version: tls. Nobody has attested."
    )
