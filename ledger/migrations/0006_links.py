"""Link with less work in each COMMIT."""

from django.db import migrations
from pathlib import Path

SQL = Path(__file__).resolve().parent.parent / "sql" / "0003_links.sql"


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0005_anchor_state'),
    ]

    operations = [
        migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop),
    ]
