"""What each anchor took last, and when each time stamp ends: to watch and to renew."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0004_erasure'),
    ]

    operations = [
        migrations.CreateModel(
            name='StampEnd',
            fields=[
                ('anchor', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='+', serialize=False, to='ledger.anchor')),
                ('until', models.DateTimeField()),
                ('algorithms', models.TextField()),
                ('renewed_by', models.TextField(blank=True)),
            ],
            options={
                'indexes': [models.Index(fields=['renewed_by', 'until'], name='stamp_ends_next')],
            },
        ),
        migrations.CreateModel(
            name='AnchorState',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.TextField()),
                ('target', models.TextField()),
                ('last_size', models.BigIntegerField(default=0)),
                ('last_at', models.DateTimeField(null=True)),
                ('last_success', models.DateTimeField(null=True)),
                ('failing_since', models.DateTimeField(null=True)),
                ('error', models.TextField(blank=True)),
                ('failures', models.IntegerField(default=0)),
                ('next_try', models.DateTimeField(null=True)),
                ('declined', models.BooleanField(default=False)),
                ('told', models.BooleanField(default=False)),
                ('contradiction', models.TextField(blank=True)),
                ('stream', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='ledger.stream')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'target', 'stream'), name='one_standing')],
            },
        ),
    ]
