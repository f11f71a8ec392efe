"""Links between people and their accounts at the organisation."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0010_devices'),
    ]

    operations = [
        migrations.CreateModel(
            name='IdentityLink',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('issuer', models.CharField(max_length=300)),
                ('subject_hash', models.CharField(max_length=64)),
                ('linked_at', models.DateTimeField(auto_now_add=True)),
                ('reason', models.CharField(max_length=500)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('end_reason', models.CharField(blank=True, max_length=500)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='identity_links', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-linked_at', 'id'],
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('issuer', 'subject_hash'), name='a_subject_is_one_person'), models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('user', 'issuer'), name='one_subject_at_an_issuer')],
            },
        ),
    ]
