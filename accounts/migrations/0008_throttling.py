"""What slows guessing: failed tries, and browsers that are known."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_facilities'),
    ]

    operations = [
        migrations.CreateModel(
            name='FailedTry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', models.CharField(max_length=64)),
                ('network', models.CharField(blank=True, max_length=64)),
                ('browser', models.CharField(blank=True, max_length=64)),
                ('at', models.DateTimeField()),
            ],
            options={
                'ordering': ['at'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['account', 'at'], name='tries_of_account'), models.Index(fields=['network', 'at'], name='tries_of_network'), models.Index(fields=['at'], name='tries_by_time')],
            },
        ),
        migrations.CreateModel(
            name='KnownBrowser',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key_hash', models.CharField(max_length=64)),
                ('last_sign_in', models.DateTimeField()),
                ('failures', models.PositiveSmallIntegerField(default=0)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='browsers', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-last_sign_in'],
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('user', 'key_hash'), name='a_browser_is_known_once')],
            },
        ),
    ]
