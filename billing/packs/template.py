"""An empty workbook to fill in: a sheet per file, Chinese headers, the choices of each column offered."""

from pathlib import Path

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from billing.packs.schema import TABLES, Column, Table

LAST_ROW = 1_048_576
TEXT_FORMAT = "@"


def write_template(path: Path) -> None:
    """Write the workbook; filled in, it is a pack."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for table in TABLES.values():
        _sheet(book.create_sheet(table.name), table)
    book.save(path)


def _sheet(sheet: Worksheet, table: Table) -> None:
    sheet.freeze_panes = "A2"
    for position, column in enumerate(table.columns.values(), start=1):
        letter = get_column_letter(position)
        label = column.labels[0]
        head = sheet.cell(1, position, label)
        head.font = Font(bold=column.name in table.needs)
        width = sheet.column_dimensions[letter]
        width.width = max(12, 2 * len(label) + 2)
        width.number_format = TEXT_FORMAT  # codes and months stay as they are typed
        _hint(sheet, column, f"{letter}2:{letter}{LAST_ROW}", needed=column.name in table.needs)


def _hint(sheet: Worksheet, column: Column, cells: str, *, needed: bool) -> None:
    """Offer the choices, and say what belongs here when a cell is entered."""
    choices = "" if column.refers_to else ",".join(str(value) for value, _label in column.field.choices or ())
    rule = DataValidation(
        type="list" if choices else None, formula1=f'"{choices}"' if choices else None, allow_blank=True
    )
    rule.promptTitle = column.name
    rule.prompt = " ".join(filter(None, (_("必填。") if needed else "", str(column.field.help_text)))) or None
    rule.showInputMessage = True
    rule.showErrorMessage = bool(choices)
    rule.add(cells)
    sheet.add_data_validation(rule)
