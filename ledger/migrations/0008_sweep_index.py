"""Let ledger_eraser sweep old rows of the search index."""

from django.db import migrations

# MAINTAIN came with PostgreSQL 17.
SWEEP = """
DO $$ BEGIN
    IF current_setting('server_version_num')::int >= 170000 THEN
        GRANT MAINTAIN ON ledger_indexedentry TO ledger_eraser;
    END IF;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0007_bundle'),
    ]

    operations = [
        migrations.RunSQL(SWEEP, migrations.RunSQL.noop),
    ]
