"""How the database guards the record now, and whether that is as it was written down.

A superuser can switch a guard off, edit, and switch it on again; what PostgreSQL's catalogue
then says is compared with the newest `catalogue_fingerprint.recorded` entry.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.db import connection, transaction

from ledger import chain, scan
from ledger.canonical_json import canonical
from ledger.events import CatalogueFingerprintRecorded, CatalogueItem
from ledger.hashing import sha256_hex
from ledger.references import ORGANISATION
from ledger.segments import Fault

if TYPE_CHECKING:
    from ledger.chain import Receipt
    from ledger.references import Actor
    from ledger.registry import Record

SUBJECT = f"ledger.stream:{ORGANISATION}"

# What every fingerprint tells of; a newer one also tells of what it names itself.
_FIRST_KINDS = {
    *("trigger", "function", "relation", "column", "constraint", "rule", "schema", "role")
}
_ITEMS = (Path(__file__).resolve().parent / "sql" / "guards.sql").read_text()


def items() -> tuple[CatalogueItem, ...]:
    """Return every trigger, function, table, column, constraint, grant and role, digested."""
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS)
        return tuple(
            CatalogueItem(item=item, digest=sha256_hex(definition.encode()))
            for item, definition in sorted(cursor.fetchall())
        )


def fingerprint(found: tuple[CatalogueItem, ...]) -> str:
    """Return one digest over all items, in hexadecimal."""
    return sha256_hex(canonical({"items": [[entry.item, entry.digest] for entry in found]}))


def differences(found: tuple[CatalogueItem, ...], recorded: list[dict[str, str]]) -> list[str]:
    """Name what was added, removed or changed since it was recorded.

    A kind of item that nobody looked at then is not compared: it is no change.
    """
    then = {entry["item"]: entry["digest"] for entry in recorded}
    kinds = _FIRST_KINDS | {_kind(name) for name in then}
    now = {entry.item: entry.digest for entry in found if _kind(entry.item) in kinds}
    return sorted(name for name in now.keys() | then.keys() if now.get(name) != then.get(name))


def _kind(item: str) -> str:
    return item.partition(" ")[0]


def _newest() -> Record | None:
    newest = None
    for record in scan.records({CatalogueFingerprintRecorded.name}):
        newest = record
    return newest


def unrecorded() -> bool:
    """Tell whether no fingerprint is on record yet."""
    return _newest() is None


def current() -> bool:
    """Tell whether the newest fingerprint on record names exactly the guards there are."""
    newest = _newest()
    return newest is not None and newest.payload["fingerprint"] == fingerprint(items())


def judge() -> list[Fault]:
    """Compare with the newest fingerprint on record."""
    newest = _newest()
    if newest is None:
        return [
            Fault(None, "N908", "No fingerprint of the database's guards is on record yet.")
        ]
    changed = differences(items(), newest.payload["items"])
    if not changed:
        return []
    named = ", ".join(changed[:8]) + (f" and {len(changed) - 8} more" if changed[8:] else "")
    return [
        Fault(None, "L901", f"Guards are not as entry #{newest.sequence:,} has them: {named}.")
    ]


@transaction.atomic
def record(*, by: Actor | str, reason: str) -> Receipt:
    """Write down how the database guards the record, as what holds from now on."""
    found = items()
    event = CatalogueFingerprintRecorded(
        fingerprint=fingerprint(found),
        server_version=_server_version(),
        items=found,
    )
    return chain.append(event, actor=by, subject=SUBJECT, reason=reason)


def _server_version() -> int:
    connection.ensure_connection()
    return int(connection.connection.server_version)
