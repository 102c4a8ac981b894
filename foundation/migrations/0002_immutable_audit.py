from django.db import migrations

from foundation.immutable import RefuseUpdates


class Migration(migrations.Migration):
    dependencies = [("foundation", "0001_initial")]
    operations = [RefuseUpdates("foundation_auditentry")]
