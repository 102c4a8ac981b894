"""What is noted of a unit or a merger, per language; the names of languages, translated."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('organisations', '0006_results_follow'),
    ]

    operations = [
        migrations.RenameField('unit', 'source', 'source_fr'),
        migrations.RenameField('unit', 'note', 'note_fr'),
        migrations.RenameField('unitsuccession', 'source', 'source_fr'),
        migrations.AddField('unit', 'source_nl', models.TextField(blank=True, default=''), preserve_default=False),
        migrations.AddField('unit', 'note_nl', models.TextField(blank=True, default=''), preserve_default=False),
        migrations.AddField('unitsuccession', 'source_nl', models.TextField(blank=True, default=''), preserve_default=False),
        migrations.AlterField(
            model_name='unit',
            name='language',
            field=models.CharField(choices=[('fr', 'Français'), ('nl', 'Nederlands'), ('de', 'Deutsch'), ('en', 'English'), ('fr/nl', 'Français and Nederlands')], max_length=5),
        ),
    ]
