"""Add tiles, checkpoints and anchors, append_many and erase; describe them to Django."""

from django.db import migrations, models
from pathlib import Path
import django.db.models.deletion

SQL = Path(__file__).resolve().parent.parent / "sql" / "0002_tree.sql"


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0002_evidence_report'),
    ]

    operations = [
        migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop),
        migrations.CreateModel(
            name='Anchor',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('stream', models.ForeignKey(db_column='stream', db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='ledger.stream')),
                ('size', models.BigIntegerField()),
                ('kind', models.TextField()),
                ('token', models.BinaryField()),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'db_table': '"ledger"."anchor"',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Checkpoint',
            fields=[
                ('pk', models.CompositePrimaryKey('stream', 'size', blank=True, editable=False, primary_key=True, serialize=False)),
                ('stream', models.ForeignKey(db_column='stream', db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='ledger.stream')),
                ('size', models.BigIntegerField()),
                ('root', models.BinaryField()),
                ('note', models.TextField()),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'db_table': '"ledger"."checkpoint"',
                'managed': False,
            },
        ),
    ]
