"""Where figures come from is told in every language, as the rest of a definition is."""

from django.db import migrations, models
from django.db.models import F


def said_in_french(apps, schema_editor):
    versions = apps.get_model("indicators", "IndicatorVersion")
    versions.objects.update(source_system_fr=F("source_system"))


class Migration(migrations.Migration):
    dependencies = [("indicators", "0005_names_of_parts")]

    operations = [
        *(
            migrations.AddField(
                model_name="indicatorversion",
                name=f"source_system_{language}",
                field=models.CharField(max_length=200, null=True),
            )
            for language in ("de", "en", "fr", "nl")
        ),
        migrations.RunPython(said_in_french, migrations.RunPython.noop),
    ]
