"""Write many rows with COPY: text rows made by the caller, one statement a table."""

import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def escaped(value: str) -> str:
    """Return a text as a cell of COPY's text format."""
    return value.translate(_ESCAPES)


def json_cell(value: Any) -> str:
    """Return data as a JSON cell, with no space wasted."""
    return _JSON(value).replace("\\", "\\\\")  # JSON has no other character to escape


def copy(table: str, columns: Sequence[str], lines: Iterable[str]) -> None:
    """Write rows, each a text line of tab-separated cells in the order of the columns."""
    body = "\n".join(lines)
    if not body:
        return
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", io.StringIO(body + "\n"))


def reserve_keys(table: str, count: int) -> list[int]:
    """Take that many primary keys from a table's sequence, for rows that others will refer to."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
        )
        return [key for (key,) in cursor.fetchall()]
