"""Triggers of many models in one step of a migration.

One operation a trigger makes Django render every historical model again each time, a quarter of a second
apiece; for the history's triggers that was half a minute of each fresh database.
"""

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from pgtrigger import compiler

Triggers = Sequence[tuple[str, compiler.Trigger]]


class AddTriggers(Operation):
    """Install triggers, each with the name of its model, also in place of former ones of their names; reversible."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, triggers: Triggers) -> None:
        self.triggers = triggers

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        for model_name, trigger in self.triggers:
            options = state.models[app_label, model_name.lower()].options
            others = [one for one in options.get("triggers", []) if one.name != trigger.name]
            options["triggers"] = [*others, trigger]
        if "apps" in state.__dict__:
            del state.__dict__["apps"]  # rendered once more when an operation asks for it, not once a trigger

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for _model_name, trigger in self.triggers:
            schema_editor.execute(trigger.install_sql, params=None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for model_name, trigger in reversed(self.triggers):
            before = to_state.models[app_label, model_name.lower()].options.get("triggers", [])
            former = next((one for one in before if one.name == trigger.name), None)
            schema_editor.execute(former.install_sql if former else trigger.uninstall_sql, params=None)

    def describe(self) -> str:
        return f"Install {len(self.triggers)} triggers"

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        return self.__class__.__qualname__, [], {"triggers": self.triggers}
