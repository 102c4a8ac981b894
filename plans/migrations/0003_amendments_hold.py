from django.db import migrations

from foundation.validity import Refuse
from plans import validity


class Migration(migrations.Migration):
    dependencies = [("plans", "0002_plan_as_a_document")]
    operations = [
        Refuse(validity.WITHIN_THE_PLAN),
        Refuse(validity.DECIDED_ONCE),
        Refuse(
            validity.wordings_stay(
                "plans_conditionversion",
                ["condition_id", "number", "valid_from", "amendment_id", "title_fr", "text_fr"],
            )
        ),
        *map(Refuse, validity.one_a_day("plans_conditionversion", "condition_id")),
    ]
