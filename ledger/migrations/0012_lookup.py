"""Find entries by what begins their subject, and by device, in any collation."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0011_bones'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='indexedentry',
            name='indexed_subject',
        ),
        migrations.AddIndex(
            model_name='indexedentry',
            index=models.Index(fields=['subject'], name='indexed_subject_start', opclasses=['text_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='indexedentry',
            index=models.Index(condition=models.Q(('device__isnull', False)), fields=['stream', 'device'], name='indexed_device'),
        ),
    ]
