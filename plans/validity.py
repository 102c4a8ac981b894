"""Rules of amendments that the database holds itself: see foundation.validity."""

from __future__ import annotations

from collections.abc import Sequence

from foundation.validity import Rule

_ADOPTED = "(SELECT act.state FROM plans_amendment act WHERE act.id = {id}) = 'adopted'"

#: Nothing is amended before the plan begins or after it ends.
WITHIN_THE_PLAN = Rule(
    name="plans_amendment_within_plan",
    table="plans_amendment",
    broken=(
        "NOT EXISTS (SELECT 1 FROM plans_plan plan WHERE plan.id = NEW.plan_id"
        " AND NEW.effective_on BETWEEN plan.first_day AND plan.last_day)"
    ),
    message="an amendment takes effect during the plan",
    columns=("effective_on", "plan_id"),
)

#: An act that was adopted, and a proposal that was withdrawn, stay as they are.
DECIDED_ONCE = Rule(
    name="plans_amendment_decided_once",
    table="plans_amendment",
    broken="OLD.state <> 'proposed'",
    message="an amendment that was decided on is never changed",
    columns=(
        "plan_id", "authority", "state", "reference", "reason", "effective_on", "adopted_on",
    ),
    only_updates=True,
)  # fmt: skip


def _another(columns: Sequence[str]) -> str:
    return " OR ".join(f"OLD.{each} IS DISTINCT FROM NEW.{each}" for each in columns)


def wordings_stay(table: str, columns: Sequence[str]) -> Rule:
    """What adopted amendments made of something is never another; its translations may come."""
    return Rule(
        name=f"{table}_stays",
        table=table,
        broken=(
            f"OLD.amendment_id IS NOT NULL AND {_ADOPTED.format(id='OLD.amendment_id')}"
            f" AND ({_another(columns)})"
        ),
        message=f"what an amendment made of rows of {table} is never changed",
        only_updates=True,
    )


def parts_stay(table: str, link: str, versions: str, columns: Sequence[str]) -> Rule:
    """Nor are the parts of such a version (its steps), which refer to it by ``link``."""
    amendment = f"(SELECT v.amendment_id FROM {versions} v WHERE v.id = OLD.{link})"  # noqa: S608
    return Rule(
        name=f"{table}_stays",
        table=table,
        broken=f"{_ADOPTED.format(id=amendment)} AND ({_another([link, *columns])})",
        message=f"what an amendment made of rows of {table} is never changed",
        only_updates=True,
    )


def one_a_day(table: str, owner: str) -> list[Rule]:
    """Of one thing, no two wordings that count (the original, adopted ones) begin the same day."""
    counts = f"(other.amendment_id IS NULL OR {_ADOPTED.format(id='other.amendment_id')})"
    message = f"two rows of {table} begin on the same day"
    on_adoption = Rule(
        name=f"{table}_one_a_day",
        table="plans_amendment",
        broken=(
            f"NEW.state = 'adopted' AND EXISTS (SELECT 1 FROM {table} mine"  # noqa: S608
            f" JOIN {table} other ON other.{owner} = mine.{owner}"
            " AND other.valid_from = mine.valid_from AND other.id <> mine.id"
            f" WHERE mine.amendment_id = NEW.id AND {counts})"
        ),
        message=message,
        columns=("state",),
    )
    on_writing = Rule(
        name=f"{table}_own_day",
        table=table,
        broken=(
            f"(NEW.amendment_id IS NULL OR {_ADOPTED.format(id='NEW.amendment_id')})"  # noqa: S608
            f" AND EXISTS (SELECT 1 FROM {table} other WHERE other.{owner} = NEW.{owner}"
            f" AND other.valid_from = NEW.valid_from AND other.id <> NEW.id AND {counts})"
        ),
        message=message,
        columns=("valid_from", owner),
    )
    return [on_adoption, on_writing]
