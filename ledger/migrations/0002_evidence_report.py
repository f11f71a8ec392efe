"""Keep the reports that were made."""

import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0001_core'),
    ]

    operations = [
        migrations.CreateModel(
            name='EvidenceReport',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(blank=True, max_length=20)),
                ('catalogue', models.CharField(max_length=64)),
                ('stream_key', models.CharField(max_length=64)),
                ('requested_by', models.CharField(max_length=280)),
                ('requested_at', models.DateTimeField()),
                ('period_from', models.DateField()),
                ('period_to', models.DateField()),
                ('head', models.BigIntegerField(null=True)),
                ('state', models.CharField(choices=[('requested', 'Being made'), ('made', 'Made'), ('failed', 'Could not be made')], default='requested', max_length=10)),
                ('problem', models.TextField(blank=True)),
                ('made_at', models.DateTimeField(null=True)),
                ('counts', models.JSONField(default=dict)),
                ('pages', models.IntegerField(default=0)),
                ('report_sha256', models.CharField(blank=True, max_length=64)),
                ('report_json', models.BinaryField(default=bytes)),
                ('pdf_sha256', models.CharField(blank=True, max_length=64)),
                ('pdf', models.BinaryField(default=bytes)),
            ],
            options={
                'indexes': [models.Index(fields=['stream_key', '-requested_at'], name='newest_report')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'made'), _negated=True), models.Q(('head__isnull', False), ('made_at__isnull', False), ('pages__gt', 0), models.Q(('report_sha256', ''), _negated=True), models.Q(('pdf_sha256', ''), _negated=True)), _connector='OR'), name='made_report_has_its_bytes')],
            },
        ),
    ]
