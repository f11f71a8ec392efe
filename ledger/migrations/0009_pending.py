"""Keep since when a body waits to be linked."""

from django.db import migrations
from pathlib import Path

SQL = Path(__file__).resolve().parent.parent / "sql" / "0004_pending.sql"


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0008_sweep_index'),
    ]

    operations = [
        migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop),
    ]
