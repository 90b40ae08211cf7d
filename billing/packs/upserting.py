"""One table's rows at once: COPY into a table beside it, then one INSERT that replaces what is there."""

from collections.abc import Iterable
from typing import Any

from django.db import connection, models

from billing.copying import NULL, copy, escaped
from billing.packs.schema import Table

# Columns that no pack gives: those that follow from each row, in the order they are written.
FOLLOWING = {
    "communities": ("name",),
    "providers": ("region",),
    "agreements": ("community",),
    "meters": ("community",),
    "bills": ("community",),
    "revenue": ("community", "submitted_by", "verified_by"),
    "corrections": ("community",),
    "payments": ("community",),
}
# … and those of them that stay as they are when a row is replaced.
KEPT = {"communities": {"name"}, "providers": {"region_id"}}


def cell(value: Any) -> str:
    """Return a value as a cell of COPY's text format."""
    if value is None:
        return NULL
    return escaped(value) if isinstance(value, str) else str(value)


class Shape:
    """How rows of one file lie in the database: the columns given, those that follow, and defaults."""

    def __init__(self, table: Table) -> None:
        self.table = table
        meta = table.model._meta
        self.given = [(name, column.refers_to) for name, column in table.columns.items()]
        fields: list[Any] = [column.field for column in table.columns.values()]
        fields += [meta.get_field(name) for name in FOLLOWING.get(table.name, ())]
        rest = [one for one in meta.concrete_fields if one not in fields and _needs_default(one)]
        self.defaults = [cell(one.get_default()) for one in rest]
        self.columns: list[str] = [one.column for one in (*fields, *rest)]
        self.key: list[str] = [str(table.columns[name].field.column) for name in table.key]
        kept = {*self.key, *(one.column for one in rest), *KEPT.get(table.name, ())}
        self.replaced = [column for column in self.columns if column not in kept]


def _needs_default(field: models.Field) -> bool:
    return not (field.primary_key or field.null or field.has_db_default())


def upsert(shape: Shape, lines: Iterable[str]) -> list[tuple[int, str]]:
    """Write rows; for a table with refs, return the key and ref of each."""
    name = shape.table.model._meta.db_table
    columns, key = ", ".join(shape.columns), ", ".join(shape.key)
    replaced = ", ".join(f"{column} = EXCLUDED.{column}" for column in shape.replaced)
    returning = "RETURNING id, ref" if shape.table.key == ("ref",) else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE incoming ON COMMIT DROP AS SELECT {columns} FROM {name} WITH NO DATA"
        )
        copy("incoming", shape.columns, lines)
        cursor.execute(
            f"INSERT INTO {name} ({columns}) SELECT {columns} FROM incoming"
            f" ON CONFLICT ({key}) DO UPDATE SET {replaced} {returning}"
        )
        found = cursor.fetchall() if returning else []
        cursor.execute("DROP TABLE incoming")
    return found
