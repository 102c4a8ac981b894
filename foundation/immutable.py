"""Tables whose rows the database itself refuses to change."""

from __future__ import annotations

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from foundation.triggers import TriggerOperation

_POSTGRESQL = """
CREATE OR REPLACE FUNCTION jalon_refuse_change() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation'; END
$$ LANGUAGE plpgsql;
CREATE TRIGGER {table}_immutable BEFORE UPDATE ON {table}
    FOR EACH ROW EXECUTE FUNCTION jalon_refuse_change();
"""
_SQLITE = """
CREATE TRIGGER {table}_immutable BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END;
"""


class RefuseUpdates(TriggerOperation):
    """Migration operation: no statement changes a row of ``table`` any more.

    Repeat it after each migration that changes the table: SQLite makes tables anew, and the trigger
    stays with the old one.
    """

    def __init__(self, table: str) -> None:
        self.table = table

    def create(self, editor: BaseDatabaseSchemaEditor) -> None:
        self.drop(editor)
        statement = _SQLITE if editor.connection.vendor == "sqlite" else _POSTGRESQL
        editor.execute(statement.format(table=self.table), params=None)

    def drop(self, editor: BaseDatabaseSchemaEditor) -> None:
        on = "" if editor.connection.vendor == "sqlite" else f" ON {self.table}"
        editor.execute(f"DROP TRIGGER IF EXISTS {self.table}_immutable{on}", params=None)


_POSTGRESQL_SEALED = """
CREATE OR REPLACE FUNCTION jalon_refuse_removal() RETURNS trigger AS $$
BEGIN
    IF OLD.id <= (SELECT max(last_id) FROM foundation_auditseal) THEN
        RAISE EXCEPTION 'sealed audit entries are not deleted'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END
$$ LANGUAGE plpgsql;
CREATE TRIGGER foundation_auditentry_sealed BEFORE DELETE ON foundation_auditentry
    FOR EACH ROW EXECUTE FUNCTION jalon_refuse_removal();
"""
_SQLITE_SEALED = """
CREATE TRIGGER foundation_auditentry_sealed BEFORE DELETE ON foundation_auditentry
WHEN OLD.id <= (SELECT max(last_id) FROM foundation_auditseal)
BEGIN SELECT RAISE(ABORT, 'sealed audit entries are not deleted'); END;
"""


class RefuseRemovalOfSealed(TriggerOperation):
    """Migration operation: no statement deletes an audit entry that a seal covers.

    Repeat it after each migration that changes the table of audit entries, as RefuseUpdates.
    """

    def create(self, editor: BaseDatabaseSchemaEditor) -> None:
        self.drop(editor)
        is_sqlite = editor.connection.vendor == "sqlite"
        editor.execute(_SQLITE_SEALED if is_sqlite else _POSTGRESQL_SEALED, params=None)

    def drop(self, editor: BaseDatabaseSchemaEditor) -> None:
        on = "" if editor.connection.vendor == "sqlite" else " ON foundation_auditentry"
        editor.execute(f"DROP TRIGGER IF EXISTS foundation_auditentry_sealed{on}", params=None)
