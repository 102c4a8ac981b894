"""Migration operations that tell the database itself what to refuse."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation


class TriggerOperation(Operation):
    """Makes a trigger, and unmade drops it. Unlike RunPython it needs no models, which are slow."""

    def create(self, editor: BaseDatabaseSchemaEditor) -> None:
        raise NotImplementedError

    def drop(self, editor: BaseDatabaseSchemaEditor) -> None:
        raise NotImplementedError

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models stay as they are."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        self.create(schema_editor)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        self.drop(schema_editor)
