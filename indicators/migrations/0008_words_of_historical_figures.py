"""The words around published figures are told in every language, as a definition's are."""

from django.db import migrations, models
from django.db.models import F

SHORT = {"label": 200, "unit": 60, "dating": 200, "source": 300, "source_date": 100}
LANGUAGES = ("de", "en", "fr", "nl")


def said_in_french(apps, schema_editor):
    figures = apps.get_model("indicators", "HistoricalFigure")
    figures.objects.update(**{f"{name}_fr": F(name) for name in (*SHORT, "note")})


class Migration(migrations.Migration):
    dependencies = [("indicators", "0007_baselines_of_subjects")]

    operations = [
        *(
            migrations.AddField(
                model_name="historicalfigure",
                name=f"{name}_{language}",
                field=models.CharField(max_length=length, null=True),
            )
            for name, length in SHORT.items()
            for language in LANGUAGES
        ),
        *(
            migrations.AddField(
                model_name="historicalfigure",
                name=f"note_{language}",
                field=models.TextField(blank=True, null=True),
            )
            for language in LANGUAGES
        ),
        migrations.RunPython(said_in_french, migrations.RunPython.noop),
    ]
