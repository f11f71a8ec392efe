
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('annotations', '0001_image'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Item',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('submitted', 'Submitted'), ('in_review', 'In review'), ('accepted', 'Accepted'), ('corrected_and_accepted', 'Corrected and accepted'), ('rejected', 'Rejected'), ('discarded', 'Discarded'), ('in_adjudication', 'In adjudication'), ('reference_standard', 'Reference standard')], default='draft', max_length=24)),
                ('version', models.PositiveIntegerField(default=1)),
                ('nothing_to_mark', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('annotator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='accounts.project')),
                ('reviewer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reviewed_items', to=settings.AUTH_USER_MODEL)),
                ('series', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='annotations.series')),
            ],
            options={
                'ordering': ['created_at', 'id'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Annotation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='annotations', to='annotations.item')),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Protocol',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField()),
                ('name', models.CharField(max_length=200)),
                ('content', models.BinaryField()),
                ('content_hash', models.CharField(max_length=64)),
                ('published_at', models.DateTimeField()),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='protocols', to='accounts.project')),
            ],
            options={
                'ordering': ['-version'],
                'default_permissions': (),
            },
        ),
        migrations.AddField(
            model_name='item',
            name='protocol',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='annotations.protocol'),
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('decision', models.CharField(choices=[('accept', 'Accepted'), ('correct', 'Corrected'), ('reject', 'Rejected')], max_length=8)),
                ('reason', models.TextField(blank=True)),
                ('content', models.BinaryField()),
                ('content_hash', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField()),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='annotations.item')),
                ('reviewer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['created_at'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Revision',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('retired', models.BooleanField(default=False)),
                ('parent_hash', models.CharField(blank=True, max_length=64)),
                ('content', models.BinaryField()),
                ('content_hash', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField()),
                ('annotation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='revisions', to='annotations.annotation')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='revisions', to=settings.AUTH_USER_MODEL)),
                ('instance', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='revisions', to='annotations.instance')),
            ],
            options={
                'ordering': ['annotation_id', 'number'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Signature',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('printed_name', models.CharField(max_length=200)),
                ('time_zone', models.CharField(max_length=64)),
                ('meaning', models.CharField(max_length=20)),
                ('manifest', models.TextField()),
                ('manifest_hash', models.CharField(max_length=64, unique=True)),
                ('components', models.JSONField()),
                ('signed_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(blank=True, null=True)),
                ('superseded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('cause', models.TextField(blank=True)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='annotations.item')),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='annotations.review')),
                ('signer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['signed_at'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Snapshot',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120)),
                ('root', models.CharField(max_length=64)),
                ('content', models.BinaryField()),
                ('content_hash', models.CharField(max_length=64)),
                ('frozen_by', models.CharField(max_length=120)),
                ('frozen_at', models.DateTimeField()),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='snapshots', to='accounts.project')),
            ],
            options={
                'ordering': ['-frozen_at'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='SnapshotMember',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('position', models.PositiveIntegerField()),
                ('subset', models.CharField(choices=[('train', 'Training'), ('validation', 'Validation'), ('test', 'Test')], max_length=10)),
                ('subject_code', models.CharField(max_length=40)),
                ('content', models.BinaryField()),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='annotations.item')),
                ('snapshot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='annotations.snapshot')),
            ],
            options={
                'ordering': ['snapshot_id', 'position'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('sealed_box', models.BinaryField()),
                ('saved_at', models.DateTimeField()),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='drafts', to=settings.AUTH_USER_MODEL)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='drafts', to='annotations.item')),
            ],
            options={
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('item', 'author'), name='one_draft_per_person')],
            },
        ),
        migrations.AddConstraint(
            model_name='protocol',
            constraint=models.UniqueConstraint(fields=('project', 'version'), name='protocol_version_is_unique'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(fields=['annotator', 'state'], name='item_by_annotator'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(fields=['project', 'state', 'changed_at'], name='item_by_project'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.UniqueConstraint(fields=('series', 'annotator'), name='one_reading_per_person'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.CheckConstraint(condition=models.Q(('reviewer__isnull', True), models.Q(('reviewer', models.F('annotator')), _negated=True), _connector='OR'), name='author_is_not_reviewer'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['in_review', 'accepted', 'corrected_and_accepted']), _negated=True), ('reviewer__isnull', False), _connector='OR'), name='reviewed_has_a_reviewer'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'submitted', 'in_review', 'accepted', 'corrected_and_accepted', 'rejected', 'discarded', 'in_adjudication', 'reference_standard'])), name='item_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(('decision', 'accept'), models.Q(('reason', ''), _negated=True), _connector='OR'), name='only_acceptance_goes_without_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='revision',
            constraint=models.UniqueConstraint(fields=('annotation', 'number'), name='revision_number_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='revision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('number', 1), ('parent_hash', '')), models.Q(('number__gt', 1), models.Q(('parent_hash', ''), _negated=True)), _connector='OR'), name='later_revision_has_a_parent'),
        ),
        migrations.AddConstraint(
            model_name='signature',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('cause', ''), ('superseded_at__isnull', True), ('superseded_by__isnull', True)), models.Q(('superseded_at__isnull', False), ('superseded_by__isnull', False), models.Q(('cause', ''), _negated=True)), _connector='OR'), name='superseded_names_its_cause'),
        ),
        migrations.AddConstraint(
            model_name='snapshot',
            constraint=models.UniqueConstraint(fields=('project', 'name'), name='snapshot_name_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='snapshotmember',
            constraint=models.UniqueConstraint(fields=('snapshot', 'position'), name='member_position_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='snapshotmember',
            constraint=models.UniqueConstraint(fields=('snapshot', 'item'), name='item_is_member_once'),
        ),
    ]
