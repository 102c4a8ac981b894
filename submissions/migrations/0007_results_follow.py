from django.db import migrations, models

PLAN_START = "2026-01-01"
CLASSES_FROM = (35_000, 60_000, 100_000)


def classify(apps, schema_editor):
    """Rounds opened before classes were kept: by the population known when the plan began."""
    populations = apps.get_model("organisations", "Population").objects.order_by("on")
    known = {}
    for unit, on, inhabitants in populations.values_list("unit_id", "on", "inhabitants"):
        if unit not in known or on.isoformat() <= PLAN_START:
            known[unit] = inhabitants
    subjects = apps.get_model("submissions", "RoundSubject").objects
    for unit, inhabitants in known.items():
        number = 1 + sum(inhabitants >= beginning for beginning in CLASSES_FROM)
        subjects.filter(unit_id=unit).update(population_class=number)


class Migration(migrations.Migration):

    dependencies = [
        ('submissions', '0006_begun'),
        ('organisations', '0006_results_follow'),
    ]

    operations = [
        migrations.AddField(
            model_name='roundsubject',
            name='population_class',
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.RunPython(classify, migrations.RunPython.noop),
    ]
