"""A pack as one workbook, a sheet per file; cells as they were typed, never as a formula shows them."""

import datetime as dt
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from numbers import Real
from pathlib import Path
from typing import Any

import openpyxl
from django.utils.translation import gettext as _

from billing.packs.problems import refuse
from billing.packs.values import Cell, CellError, Formula
from portal.spreadsheets.archives import BROKEN, may_define_entities

MAX_BYTES = 200 * 2**20
MAX_SHARED_STRINGS = 32 * 2**20
MAX_PARTS = 1000
MAX_COLUMNS = 100


def read_workbook(path: Path, stack: ExitStack) -> Iterator[tuple[str, Iterator[list[Cell]]]]:
    """Yield the sheets of a workbook with their rows; it stays open until the stack closes."""
    try:
        _harmless(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
    except BROKEN as error:
        raise _unreadable(path.name, error) from error
    stack.callback(book.close)
    for name in book.sheetnames:
        yield name, _rows(name, book[name])


def _unreadable(file: str, error: Exception) -> Exception:
    return refuse(file, _("不是能读的 .xlsx 文件（%s）；请在 Excel 里另存为 .xlsx。") % error)


def _harmless(path: Path) -> None:
    """Refuse a workbook that would unpack into more than a pack can hold."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        beside = [part.file_size for part in parts if not part.filename.startswith("xl/worksheets/")]
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_BYTES:
            raise refuse(
                path.name, _("数据太大：解开后最多 %s MB，请分几个数据包导入。") % (MAX_BYTES // 2**20)
            )
        if sum(beside) > MAX_SHARED_STRINGS:
            limit = MAX_SHARED_STRINGS // 2**20
            raise refuse(path.name, _("文字太多：共享文字表最多 %s MB，请分几个数据包导入。") % limit)
        if may_define_entities(archive):
            raise refuse(path.name, _("含有 DOCTYPE 声明，不是正常的 .xlsx 文件。"))


def _rows(name: str, sheet: Any) -> Iterator[list[Cell]]:
    """Rows as far as their last filled cell; what the file says of its own size is not believed."""
    if not hasattr(sheet, "reset_dimensions"):
        raise refuse(name, _("不是普通的工作表。"))
    sheet.reset_dimensions()
    number = 0
    try:
        for number, row in enumerate(sheet.iter_rows(max_col=None), start=1):
            cells = [_cell(cell) for cell in row]
            while cells and cells[-1] == "":
                cells.pop()
            if len(cells) > MAX_COLUMNS:
                raise refuse(name, _("列太多：最多 %s 列。") % MAX_COLUMNS, row=number)
            yield cells
    except BROKEN as error:
        raise _unreadable(f"{name} {number + 1}", error) from error


def _cell(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return Formula(value if isinstance(value, str) else "=…")
    if cell.data_type == "e":
        return CellError(value)
    if isinstance(value, dt.datetime):
        return value.date() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, str | dt.date):
        return value
    return _number(value)


def _number(value: Any) -> str:
    """A number as it was typed: 0.1 is 0.1, and 2410.0 is 2410."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return str(value)
    exact = Decimal(repr(value))
    if not exact.is_finite():
        return str(value)
    return str(int(exact)) if exact == exact.to_integral_value() else f"{exact:f}"
