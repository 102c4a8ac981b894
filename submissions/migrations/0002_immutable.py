from django.db import migrations

from foundation.immutable import RefuseUpdates


class Migration(migrations.Migration):
    dependencies = [("submissions", "0001_initial")]
    operations = [
        RefuseUpdates("submissions_measurement"),
        RefuseUpdates("submissions_transition"),
    ]
