"""Loading: what is in the database afterwards is what was in the bundle."""

from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from ledger import guards, tiles
from ledger.hashing import leaf, origin_id
from ledger.models import Anchor, Body, Checkpoint, Entry, IndexedEntry
from tests.ledger.events import happen
from tests.ledger.loading import leaves_of, load

pytestmark = pytest.mark.django_db(transaction=True)

DATA = Path(__file__).parents[1] / "data" / "ledger"
BUNDLES = sorted(DATA.glob("bundle-*.zip"))
P1 = "example.org/ledger/p/p1"


@pytest.mark.parametrize("bundle", BUNDLES, ids=lambda bundle: bundle.stem)
def test_each_bundle_loads_and_the_guards_stay(superuser_cursor: Any, bundle: Path) -> None:
    happen()
    guards.record(by="system:tests", reason="as installed")

    loaded = load(superuser_cursor, bundle)

    assert guards.judge() == []
    for one in loaded.values():
        assert Entry.objects.filter(stream=one.stream).count() == one.size
        assert Checkpoint.objects.filter(stream=one.stream).exists()


def test_every_byte_is_there(superuser_cursor: Any) -> None:
    bundle = DATA / "bundle-ok.zip"
    loaded = load(superuser_cursor, bundle)[P1]

    with ZipFile(bundle) as archive:
        prefix = f"streams/{origin_id(P1).hex()}/"
        files = {
            name.removeprefix(prefix): archive.read(name)
            for name in archive.namelist()
            if name.startswith(prefix)
        }
    rows = list(Entry.objects.filter(stream=loaded.stream).order_by("seq"))
    prevs = [leaf_bytes[42:74] for leaf_bytes in leaves_of(files)]
    made = [
        leaf(origin_id(P1), row.seq, row.sealed_us, prev, bytes(row.commitment))
        for row, prev in zip(rows, prevs, strict=True)
    ]
    assert made == list(leaves_of(files))
    assert [bytes(row.hash) for row in rows] == [sha256(b"\x00" + m).digest() for m in made]
    newest = Checkpoint.objects.get(stream=loaded.stream, size=12)
    assert newest.note.encode() == files["checkpoint"]
    assert tiles.root_at(loaded.stream, 12) == bytes(newest.root)


def test_erased_and_withheld_bodies_are_blank_and_told_apart(superuser_cursor: Any) -> None:
    loaded = load(superuser_cursor, DATA / "bundle-ok.zip")[P1]

    blank = Entry.objects.filter(stream=loaded.stream, body__body=None)
    assert set(blank.values_list("seq", flat=True)) == {2, *loaded.withheld}
    assert loaded.withheld == {3}
    assert IndexedEntry.objects.count() == Body.objects.exclude(body=None).count()
    assert Anchor.objects.get().kind == "rfc3161"
