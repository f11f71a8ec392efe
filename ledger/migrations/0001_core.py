"""Make the record's tables, functions, guards and privileges; describe them to Django."""

from django.db import migrations, models
from pathlib import Path
import django.db.models.deletion
import uuid

SQL = Path(__file__).resolve().parent.parent / "sql" / "0001_core.sql"


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop),
        migrations.CreateModel(
            name='Body',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('salt', models.BinaryField(null=True)),
                ('body', models.BinaryField(null=True)),
            ],
            options={
                'db_table': '"ledger"."body"',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Stream',
            fields=[
                ('id', models.IntegerField(primary_key=True, serialize=False)),
                ('origin', models.TextField(unique=True)),
                ('origin_id', models.BinaryField()),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'db_table': '"ledger"."stream"',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('body', models.OneToOneField(db_column='body_id', db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, serialize=False, to='ledger.body')),
                ('seq', models.BigIntegerField()),
                ('sealed_us', models.BigIntegerField()),
                ('commitment', models.BinaryField()),
                ('hash', models.BinaryField()),
            ],
            options={
                'db_table': '"ledger"."entry"',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='VerificationRun',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('scope', models.TextField(blank=True)),
                ('started_by', models.TextField()),
                ('started_at', models.DateTimeField()),
                ('beat_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('status', models.CharField(choices=[('running', 'Running'), ('ok', 'Good'), ('failed', 'Failed'), ('unknown', 'Unknown'), ('interrupted', 'Interrupted')], default='running', max_length=16)),
                ('total', models.BigIntegerField(default=0)),
                ('checked', models.BigIntegerField(default=0)),
                ('findings', models.BigIntegerField(default=0)),
                ('result', models.JSONField(default=dict)),
            ],
            options={
                'indexes': [models.Index(fields=['-started_at'], name='newest_run')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', True), ('status', 'running')), models.Q(models.Q(('status', 'running'), _negated=True), ('finished_at__isnull', False)), _connector='OR'), name='finished_run_has_an_outcome')],
            },
        ),
        migrations.CreateModel(
            name='IndexedEntry',
            fields=[
                ('body', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='indexed', serialize=False, to='ledger.body')),
                ('event', models.TextField()),
                ('actor', models.TextField()),
                ('subject', models.TextField()),
                ('at', models.DateTimeField()),
                ('session', models.TextField(null=True)),
                ('device', models.TextField(null=True)),
                ('stream', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='ledger.stream')),
            ],
            options={
                'indexes': [models.Index(fields=['subject'], name='indexed_subject'), models.Index(fields=['stream', 'actor'], name='indexed_actor'), models.Index(fields=['stream', 'event'], name='indexed_event')],
            },
        ),
    ]
