from django.db import migrations

from foundation.validity import Refuse, no_overlap
from plans import validity

VERSIONS = "indicators_indicatorversion"
#: What a definition means. Its end is set by the next one; what explains it may be told better.
DEFINITION = (
    "indicator_id", "number", "valid_from", "amendment_id", "name_fr", "definition_fr", "unit_fr",
    "numerator_label_fr", "denominator_label_fr", "breakdown_label_fr", "kind", "direction",
    "temporal", "frequency", "decimals", "scale", "is_part", "threshold_level", "minimum_coverage",
    "materiality", "addressed", "reporter_id", "breakdown_is_exhaustive",
)  # fmt: skip
STEP = ("number", "text_fr", "due_on", "originally_due_on")
PATH = (
    "indicator_id", "area_id", "valid_from", "amendment_id", "baseline", "baseline_end",
    "baseline_source", "target", "band_low", "band_high",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0003_plan_as_a_document"),
        ("plans", "0003_amendments_hold"),
    ]
    operations = [
        Refuse(no_overlap("indicators_version_overlap", VERSIONS, "indicator_id")),
        Refuse(validity.wordings_stay(VERSIONS, DEFINITION)),
        Refuse(validity.parts_stay("indicators_milestonestep", "version_id", VERSIONS, STEP)),
        Refuse(
            validity.parts_stay(
                "indicators_scalelevel", "version_id", VERSIONS, ["level", "text_fr"]
            )
        ),
        Refuse(validity.wordings_stay("indicators_targetpath", PATH)),
        Refuse(
            validity.parts_stay(
                "indicators_pathpoint", "path_id", "indicators_targetpath", ["year", "value"]
            )
        ),
    ]
