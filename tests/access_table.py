"""docs/access.md read as the table it is."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "access.md"


class Row(NamedTuple):
    """One line of a table: its first cell without backticks, and the others by the table's head."""

    name: str
    cells: dict[str, str]


def tables() -> list[list[Row]]:
    """Every table of the document, in order."""
    found: list[list[Row]] = []
    head: list[str] = []
    for cells in _lines():
        if not cells:
            head = []
        elif not head:
            head = cells
            found.append([])
        elif set(cells[0]) != {"-"}:
            found[-1].append(Row(cells[0].strip("`"), dict(zip(head[1:], cells[1:], strict=True))))
    return found


def _lines() -> Iterator[list[str]]:
    for line in DOCUMENT.read_text().splitlines():
        yield [cell.strip() for cell in line.strip("| ").split("|")] if line.startswith("|") else []


def pages() -> list[Row]:
    return tables()[0]


def admin_rows() -> list[Row]:
    return tables()[1]
