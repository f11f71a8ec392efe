"""Let the database itself refuse to blank what never goes."""

from django.db import migrations
from pathlib import Path

SQL = Path(__file__).resolve().parent.parent / "sql" / "0006_bones.sql"


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0010_append'),
    ]

    operations = [
        migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop),
    ]
