"""Let ledger_eraser sweep old versions of roles, whose reasons can be withheld."""

from django.db import migrations

# MAINTAIN came with PostgreSQL 17.
SWEEP = """
DO $$ BEGIN
    IF current_setting('server_version_num')::int >= 170000 THEN
        GRANT MAINTAIN ON accounts_membership TO ledger_eraser;
    END IF;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_erasure'),
    ]

    operations = [
        migrations.RunSQL(SWEEP, migrations.RunSQL.noop),
    ]
