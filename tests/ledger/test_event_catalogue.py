"""The catalogue of events: read from the source, compared with what is on record."""

from pathlib import Path

import pytest

from ledger import event_catalogue
from ledger.events import CataloguedEvent
from ledger.registry import event_types

EVENTS = """
from ledger.registry import Event

class Made(Event, name="thing.made"):
    number: int
    text: str = ""

class Gone(Event, name="thing.gone"):
    pass

class Format(Base, name="coco"):
    pass
"""
MAKERS = {
    "a call": "from app.events import Made\ndef work():\n    Made(number=1)",
    "another name": "from app.events import Made as M\ndef work():\n    M(number=1)",
    "the module": "from app import events\ndef work():\n    events.Made(number=1)",
    "a table of types": "from app.events import Made\nTYPES = {True: Made}",
    "a method": "from app.events import Made\nclass A:\n    def b(self): return Made(number=1)",
}
NO_MAKERS = {
    "an import": "from app.events import Made",
    "its name": "from app.events import Made\nJUDGED = {Made.name}",
    "an annotation": "from app.events import Made\ndef work(a: Made) -> Made: ...\nb: Made",
    "a comment": "# Made(number=1)",
    "another Made": "from elsewhere.events import Made\ndef work():\n    Made(number=1)",
}


def read(folder: Path, **modules: str) -> dict[str, CataloguedEvent]:
    """Return what the catalogue says of a package of these modules."""
    app = folder / "app"
    (app / "migrations").mkdir(parents=True)
    (app / "migrations" / "0001.py").write_text(MAKERS["a call"])
    for name, content in {"events": EVENTS, **modules}.items():
        (app / f"{name}.py").write_text(content)
    return {one.event: one for one in event_catalogue.items((app,))[0]}


def test_each_type_is_listed_with_its_fields(tmp_path: Path) -> None:
    found = read(tmp_path)

    assert found == {
        "thing.gone": CataloguedEvent(event="thing.gone", fields=(), doors=()),
        "thing.made": CataloguedEvent(event="thing.made", fields=("number", "text"), doors=()),
    }


@pytest.mark.parametrize("how", MAKERS)
def test_whoever_makes_it_is_a_door(how: str, tmp_path: Path) -> None:
    assert read(tmp_path, work=MAKERS[how])["thing.made"].doors == ("app.work",)


@pytest.mark.parametrize("how", NO_MAKERS)
def test_whoever_only_names_it_is_none(how: str, tmp_path: Path) -> None:
    assert read(tmp_path, work=NO_MAKERS[how])["thing.made"].doors == ()


def test_the_catalogue_lists_what_the_product_declares() -> None:
    ours = {folder.name for folder in event_catalogue.folders()}
    declared = {
        name: kind.payload_fields
        for name, kind in event_types.items()
        if kind.__module__.partition(".")[0] in ours
    }
    listed = {
        one.event: one.fields for one in event_catalogue.items(event_catalogue.folders())[0]
    }

    assert ours >= {"config", "ledger", "accounts", "annotations"}
    assert declared.items() <= listed.items()
    assert len(listed) > 50
