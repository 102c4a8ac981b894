from django.db import migrations

from foundation.validity import Refuse, Rule
from plans import validity

TWO_FLOORS = Rule(
    name="themes_theme_two_floors",
    table="themes_theme",
    broken=(
        "NEW.parent_id IS NOT NULL AND (NEW.parent_id = NEW.id"
        " OR EXISTS (SELECT 1 FROM themes_theme up"
        " WHERE up.id = NEW.parent_id AND up.parent_id IS NOT NULL)"
        " OR EXISTS (SELECT 1 FROM themes_theme down WHERE down.parent_id = NEW.id))"
    ),
    message="a sub-theme has no sub-themes",
    columns=("parent_id",),
)


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0003_amendments_hold"),
        ("themes", "0002_plan_as_a_document"),
    ]
    operations = [
        Refuse(TWO_FLOORS),
        Refuse(
            validity.wordings_stay(
                "themes_objectiveversion",
                [
                    "objective_id",
                    "number",
                    "valid_from",
                    "amendment_id",
                    "title_fr",
                    "statement_fr",
                ],
            )
        ),
        Refuse(
            validity.parts_stay(
                "themes_objectivestep",
                "version_id",
                "themes_objectiveversion",
                ["number", "place", "text_fr"],
            )
        ),
        *map(Refuse, validity.one_a_day("themes_objectiveversion", "objective_id")),
    ]
