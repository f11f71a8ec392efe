"""Leave a body waiting with less work in its COMMIT."""

from django.db import migrations
from pathlib import Path

SQL = Path(__file__).resolve().parent.parent / "sql" / "0007_waiting.sql"


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0012_lookup'),
    ]

    operations = [
        migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop),
    ]
