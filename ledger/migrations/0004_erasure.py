"""Let ledger_eraser keep the search index in step with what it blanks, and sweep old bytes."""

from django.db import migrations

# MAINTAIN came with PostgreSQL 17; before that only the owner's members can sweep.
SWEEP = """
DO $$ BEGIN
    IF current_setting('server_version_num')::int >= 170000 THEN
        SET LOCAL ROLE ledger_owner;
        GRANT MAINTAIN ON ledger.body TO ledger_eraser;
        RESET ROLE;
    END IF;
END $$;
"""
INDEX = """
GRANT SELECT (body_id), DELETE,
    INSERT (body_id, stream_id, event, actor, subject, at, session, device)
    ON ledger_indexedentry TO ledger_eraser;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0003_tree'),
    ]

    operations = [
        migrations.RunSQL(INDEX, migrations.RunSQL.noop),
        migrations.RunSQL(SWEEP, migrations.RunSQL.noop),
    ]
