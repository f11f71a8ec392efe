"""Images, series, subjects, and files on their way in."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportBatch',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('actor', models.CharField(max_length=300)),
                ('session', models.CharField(blank=True, max_length=300)),
                ('device', models.CharField(blank=True, max_length=300)),
                ('listed', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='batches', to='accounts.project')),
                ('started_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='batches', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at', 'id'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Instance',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('order', models.PositiveIntegerField(default=0)),
                ('sop_uid', models.CharField(max_length=64)),
                ('sop_class_uid', models.CharField(blank=True, max_length=64)),
                ('frame_of_reference_uid', models.CharField(blank=True, max_length=64)),
                ('input_digest', models.CharField(max_length=64)),
                ('file_sha256', models.CharField(max_length=64)),
                ('pixel_sha256', models.CharField(max_length=64)),
                ('rows', models.PositiveIntegerField()),
                ('columns', models.PositiveIntegerField()),
                ('frames', models.PositiveIntegerField()),
                ('dtype', models.CharField(max_length=8)),
                ('facts', models.TextField()),
                ('renditions', models.JSONField()),
                ('thumbnail', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField()),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='instances', to='accounts.project')),
            ],
            options={
                'ordering': ['series_id', 'order', 'id'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ImportedFile',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('size', models.PositiveBigIntegerField()),
                ('status', models.CharField(choices=[('waiting', 'To come'), ('imported', 'Imported'), ('quarantined', 'Quarantined'), ('duplicate', 'Duplicate'), ('rejected', 'Rejected')], default='waiting', max_length=12)),
                ('reason', models.CharField(blank=True, max_length=400)),
                ('reason_code', models.CharField(blank=True, max_length=60)),
                ('input_digest', models.CharField(blank=True, max_length=64)),
                ('original', models.CharField(blank=True, max_length=64)),
                ('received', models.TextField(blank=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('decision', models.CharField(blank=True, choices=[('', 'Undecided'), ('accepted', 'Accepted'), ('rejected', 'Rejected')], max_length=10)),
                ('decision_reason', models.CharField(blank=True, max_length=500)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='annotations.importbatch')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='accounts.project')),
                ('instance', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='files', to='annotations.instance')),
            ],
            options={
                'ordering': ['batch_id', 'number'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Series',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('study_uid', models.CharField(max_length=64)),
                ('series_uid', models.CharField(max_length=64)),
                ('modality', models.CharField(max_length=16)),
                ('body_part', models.CharField(blank=True, max_length=40)),
                ('sex', models.CharField(blank=True, max_length=10)),
                ('age_band', models.CharField(blank=True, max_length=10)),
                ('title', models.CharField(max_length=200)),
                ('plane', models.CharField(blank=True, choices=[('axial', 'axial'), ('coronal', 'coronal'), ('sagittal', 'sagittal'), ('oblique', 'oblique'), ('', 'no plane')], max_length=10)),
                ('is_volume', models.BooleanField(default=False)),
                ('slice_spacing', models.CharField(blank=True, max_length=32)),
                ('arrangement', models.CharField(blank=True, max_length=400)),
                ('samples', models.PositiveSmallIntegerField(default=1)),
                ('dtype', models.CharField(blank=True, max_length=8)),
                ('version', models.PositiveIntegerField(default=0)),
                ('slices', models.JSONField(default=list)),
                ('frames', models.PositiveIntegerField(default=0)),
                ('thumbnail', models.CharField(blank=True, max_length=64)),
                ('created_at', models.DateTimeField()),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='series', to='accounts.project')),
            ],
            options={
                'verbose_name_plural': 'series',
                'ordering': ['-created_at', 'id'],
                'default_permissions': (),
            },
        ),
        migrations.AddField(
            model_name='instance',
            name='series',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='instances', to='annotations.series'),
        ),
        migrations.CreateModel(
            name='Subject',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('code', models.CharField(max_length=20)),
                ('key_hash', models.CharField(max_length=80)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='subjects', to='accounts.project')),
            ],
            options={
                'ordering': ['number'],
                'default_permissions': (),
            },
        ),
        migrations.AddField(
            model_name='series',
            name='subject',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='series', to='annotations.subject'),
        ),
        migrations.CreateModel(
            name='Viewing',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('ref', models.CharField(max_length=80)),
                ('session', models.CharField(max_length=80)),
                ('at', models.DateTimeField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='viewings', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.AddIndex(
            model_name='importbatch',
            index=models.Index(fields=['project', '-created_at'], name='batch_by_project'),
        ),
        migrations.AddIndex(
            model_name='importedfile',
            index=models.Index(condition=models.Q(('status', 'waiting')), fields=['created_at'], name='files_waiting'),
        ),
        migrations.AddIndex(
            model_name='importedfile',
            index=models.Index(condition=models.Q(('status', 'quarantined')), fields=['project', 'settled_at'], name='files_held'),
        ),
        migrations.AddIndex(
            model_name='importedfile',
            index=models.Index(fields=['project', 'input_digest'], name='file_by_input'),
        ),
        migrations.AddConstraint(
            model_name='importedfile',
            constraint=models.UniqueConstraint(fields=('batch', 'number'), name='number_once_per_batch'),
        ),
        migrations.AddConstraint(
            model_name='importedfile',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['waiting', 'imported', 'quarantined', 'duplicate', 'rejected'])), name='outcome_is_known'),
        ),
        migrations.AddConstraint(
            model_name='importedfile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'imported'), _negated=True), ('instance__isnull', False), _connector='OR'), name='an_image_has_an_instance'),
        ),
        migrations.AddConstraint(
            model_name='importedfile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['quarantined', 'duplicate', 'rejected']), _negated=True), models.Q(('reason_code', ''), _negated=True), _connector='OR'), name='nothing_lost_says_why'),
        ),
        migrations.AddConstraint(
            model_name='importedfile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('decision', '')), models.Q(('decision__in', ['accepted', 'rejected']), ('decided_at__isnull', False), ('decided_by__isnull', False), models.Q(('decision_reason', ''), _negated=True)), _connector='OR'), name='a_decision_has_a_person_and_a_reason'),
        ),
        migrations.AddIndex(
            model_name='instance',
            index=models.Index(fields=['project', 'input_digest'], name='instance_by_input'),
        ),
        migrations.AddConstraint(
            model_name='instance',
            constraint=models.UniqueConstraint(fields=('project', 'sop_uid'), name='sop_uid_once'),
        ),
        migrations.AddConstraint(
            model_name='instance',
            constraint=models.CheckConstraint(condition=models.Q(('columns__gt', 0), ('frames__gt', 0), ('rows__gt', 0)), name='image_has_pixels'),
        ),
        migrations.AddConstraint(
            model_name='subject',
            constraint=models.UniqueConstraint(fields=('project', 'key_hash'), name='subject_once'),
        ),
        migrations.AddConstraint(
            model_name='subject',
            constraint=models.UniqueConstraint(fields=('project', 'code'), name='subject_code_once'),
        ),
        migrations.AddIndex(
            model_name='series',
            index=models.Index(fields=['project', '-created_at'], name='series_by_project'),
        ),
        migrations.AddConstraint(
            model_name='series',
            constraint=models.UniqueConstraint(fields=('subject', 'series_uid', 'samples'), name='series_uid_once'),
        ),
        migrations.AddConstraint(
            model_name='series',
            constraint=models.CheckConstraint(condition=models.Q(('plane__in', ['axial', 'coronal', 'sagittal', 'oblique', ''])), name='plane_is_known'),
        ),
        migrations.AddConstraint(
            model_name='viewing',
            constraint=models.UniqueConstraint(fields=('ref', 'user', 'session'), name='viewed_once'),
        ),
    ]
