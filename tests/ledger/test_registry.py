"""What apps declare: names have a form, and nothing is declared twice."""

import pytest

import ledger
from ledger import registry


@pytest.mark.parametrize("name", ["happened", "Thing.happened", "thing happened", "thing."])
def test_an_event_has_a_noun_and_a_verb(name: str) -> None:
    with pytest.raises(TypeError, match=r"noun\.verbed"):
        type(name, (ledger.Event,), {"__annotations__": {}}, name=name)


def test_an_event_type_is_declared_once() -> None:
    class Once(ledger.Event, name="thing.declared_once"):
        """A test's own event."""

    with pytest.raises(TypeError, match="twice"):
        type("Again", (ledger.Event,), {"__annotations__": {}}, name=Once.name)


def test_a_field_cannot_hide_the_name_of_the_event() -> None:
    with pytest.raises(TypeError, match="field called 'name'"):
        type("X", (ledger.Event,), {"__annotations__": {"name": str}}, name="thing.named")


def test_an_event_cannot_be_changed_and_its_fields_have_names() -> None:
    class Noted(ledger.Event, name="thing.noted"):
        """A test's own event."""

        text: str

    noted = Noted(text="a")
    with pytest.raises(AttributeError):
        noted.text = "b"  # type: ignore[misc]  # which is what is tested
    with pytest.raises(TypeError):
        Noted("a")  # type: ignore[call-arg]  # keywords only


def test_controls_names_and_tables_are_declared_once() -> None:
    prefix = "tests.declared"
    ledger.names(prefix, lambda refs: dict.fromkeys(refs, "Somebody"))
    try:
        assert ledger.name_of([f"{prefix}:1", "tests.unknown:2"]) == {
            f"{prefix}:1": "Somebody",
            "tests.unknown:2": "tests.unknown:2",
        }
        with pytest.raises(TypeError, match="twice"):
            ledger.names(prefix, lambda refs: dict.fromkeys(refs, "Nobody"))
    finally:
        del registry.name_resolvers[prefix]
