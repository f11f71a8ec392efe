"""Row 57: no migration changes what the record holds.

What one did all the same, the chain finds: `migration_rewrites_payloads` in acts.py.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RECORD = "stream|body|entry|tile|checkpoint|anchor"
MODELS = "Stream|Body|Entry|Tile|Checkpoint|Anchor"
WRITES = re.compile(
    rf"(?:UPDATE|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?|MERGE\s+INTO)\s+(?:ONLY\s+)?"
    rf"(?:ledger\.)?\"?(?:{RECORD})\"?\b"
    rf"|\b(?:{MODELS})\.objects\b.*\.(?:update|delete|bulk_update)\("
    rf"|get_model\(\s*[\"']ledger[\"'],\s*[\"'](?:{MODELS})[\"']",
    re.IGNORECASE,
)
# The one function that blanks a body, after the entry that says so; the database insists on it.
ALLOWED = {("ledger/sql/0002_tree.sql", "UPDATE body")}


def writes(content: str) -> list[str]:
    return [" ".join(found.group().split()) for found in WRITES.finditer(content)]


def test_no_migration_writes_to_the_record() -> None:
    files = [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("*/sql/*.sql")]
    found = {
        (str(path.relative_to(ROOT)), each)
        for path in files
        for each in writes(path.read_text(encoding="utf-8"))
    }

    assert len(files) > 20
    assert found == ALLOWED


@pytest.mark.parametrize(
    "planted",
    [
        "migrations.RunSQL('UPDATE ledger.body SET body = NULL')",
        "cursor.execute('delete  from ledger.entry where seq = 1')",
        "TRUNCATE TABLE entry",
        "Body.objects.filter(pk=1).update(body=b'')",
        "apps.get_model('ledger', 'Entry')",
    ],
)
def test_a_migration_that_does_is_seen(planted: str) -> None:
    assert writes(planted)
