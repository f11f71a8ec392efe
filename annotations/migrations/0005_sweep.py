"""Let ledger_eraser sweep old versions of files, patients and series that were withheld."""

from django.db import migrations

# MAINTAIN came with PostgreSQL 17.
SWEEP = """
DO $$ BEGIN
    IF current_setting('server_version_num')::int >= 170000 THEN
        GRANT MAINTAIN ON annotations_importedfile, annotations_subject, annotations_series TO ledger_eraser;
    END IF;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0004_subject_erasure'),
    ]

    operations = [
        migrations.RunSQL(SWEEP, migrations.RunSQL.noop),
    ]
