import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0004_amendments_hold"),
        ("progress", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="result",
            name="path",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="indicators.targetpath",
            ),
        ),
    ]
