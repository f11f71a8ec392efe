"""Append in one call whose plans are made once."""

from django.db import migrations
from pathlib import Path

SQL = Path(__file__).resolve().parent.parent / "sql" / "0005_append.sql"


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0009_pending'),
    ]

    operations = [
        migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop),
    ]
