"""Rules between rows that no check constraint can say: triggers of SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from foundation.triggers import TriggerOperation

_POSTGRESQL = """
CREATE FUNCTION {name}() RETURNS trigger AS $$
BEGIN
    IF {broken} THEN
        RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$ LANGUAGE plpgsql;
CREATE CONSTRAINT TRIGGER {name} AFTER {event} ON {table}
    FOR EACH ROW EXECUTE FUNCTION {name}();
"""
_SQLITE = """
CREATE TRIGGER {name}_{number} AFTER {event} ON {table} WHEN {broken}
BEGIN SELECT RAISE(ABORT, '{message}'); END;
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """What the database refuses in ``table``.

    ``broken`` is an SQL condition on NEW (and OLD, if only updates are looked at), ``columns`` are
    those whose update is looked at; all, where none are named. Inserts are looked at unless
    ``only_updates``.
    """

    name: str
    table: str
    broken: str
    message: str
    columns: Sequence[str] = ()
    only_updates: bool = False

    @property
    def events(self) -> list[str]:
        of = f" OF {', '.join(self.columns)}" if self.columns else ""
        return [f"UPDATE{of}"] if self.only_updates else ["INSERT", f"UPDATE{of}"]


class Refuse(TriggerOperation):
    """Migration operation: the database refuses, row by row, what a rule calls broken."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    def create(self, editor: BaseDatabaseSchemaEditor) -> None:
        rule = self.rule
        if editor.connection.vendor == "sqlite":
            for number, event in enumerate(rule.events):
                self._run(editor, _SQLITE, event, number)
        else:
            self._run(editor, _POSTGRESQL, " OR ".join(rule.events))

    def _run(
        self, editor: BaseDatabaseSchemaEditor, statement: str, event: str, number: int = 0
    ) -> None:
        rule = self.rule
        text = statement.format(
            name=rule.name,
            number=number,
            event=event,
            table=rule.table,
            broken=rule.broken,
            message=rule.message,
        )
        editor.execute(text, params=None)

    def drop(self, editor: BaseDatabaseSchemaEditor) -> None:
        rule = self.rule
        if editor.connection.vendor == "sqlite":
            for number, _event in enumerate(rule.events):
                editor.execute(f"DROP TRIGGER {rule.name}_{number}", params=None)
        else:
            editor.execute(f"DROP FUNCTION {rule.name}() CASCADE", params=None)


class Release(Refuse):
    """Migration operation: a rule is taken back before its table changes; ``Refuse`` it after.

    SQLite makes tables anew, which loses their triggers and breaks those that look at them.
    """

    def create(self, editor: BaseDatabaseSchemaEditor) -> None:
        super().drop(editor)

    def drop(self, editor: BaseDatabaseSchemaEditor) -> None:
        super().create(editor)


def no_overlap(name: str, table: str, owner: str) -> Rule:
    """Half-open validities (``valid_from``, ``valid_to`` or none) of one owner never overlap."""
    return Rule(
        name=name,
        table=table,
        broken=(
            f"EXISTS (SELECT 1 FROM {table} other"  # noqa: S608 (names from the migration)
            f" WHERE other.{owner} = NEW.{owner} AND other.id <> NEW.id"
            " AND (other.valid_to IS NULL OR other.valid_to > NEW.valid_from)"
            " AND (NEW.valid_to IS NULL OR NEW.valid_to > other.valid_from))"
        ),
        message=f"validities in {table} overlap",
        columns=(owner, "valid_from", "valid_to"),
    )
