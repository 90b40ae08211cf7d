"""Files as they arrive: what one is follows from its bytes; what could hurt is refused before it is read."""

import csv
import datetime as dt
import io
import warnings
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.cell.read_only import EMPTY_CELL

from portal.errors import Refused
from portal.spreadsheets.archives import BROKEN, has_merged_cells, may_define_entities

MAX_BYTES = 5 * 2**20
MAX_UNPACKED = 100 * 2**20
MAX_PARTS = 500
MAX_ROWS = 10_000
MAX_LINES = 100_000  # of a workbook, the empty ones between the filled included
MAX_COLUMNS = 100


class BadFile(Refused):
    """A file that is not a spreadsheet one can read, or more than one should."""

    status = 422


class Formula(str):
    """A formula in a workbook: what it shows is not what it holds."""

    __slots__ = ()


class Table(NamedTuple):
    """A sheet: its head, its filled rows with their numbers as the person sees them, and what to know."""

    headers: list[str]
    rows: list[tuple[int, list[Any]]]
    notice: str


def read(data: bytes) -> Table:
    """Read a CSV or xlsx file whole, within its limits."""
    if len(data) > MAX_BYTES:
        raise BadFile(_("文件超过 %s MB，请分成几个文件。") % (MAX_BYTES // 2**20))
    if data.startswith(b"PK\x03\x04"):
        table = _table(_workbook(data), "")
        text = _("表里有合并的单元格：合并后只有第一格有内容，其余算空着。请取消合并，每行都填上。")
        return table._replace(notice=text) if _is_merged(data) else table
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadFile(_("这是旧版 .xls 或加密的文件，请在 Excel 或 WPS 里另存为 .xlsx（不加密码）。"))
    text, notice = _decoded(data)
    return _table(_csv(text), notice)


def _decoded(data: bytes) -> tuple[str, str]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadFile(_("编码是 UTF-16，请在 Excel 里另存为“CSV UTF-8”。"))
    if b"\0" in data:
        raise BadFile(_("这不是 CSV 或 .xlsx 文件（看内容，不看文件名）。"))
    try:
        return data.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("gb18030"), _("文件编码是 GBK，已按 GBK 读取；请看一眼汉字对不对。")
    except UnicodeDecodeError as error:
        raise BadFile(_("读不出文字：请在 Excel 里另存为“CSV UTF-8”。")) from error


def _csv(text: str) -> Iterator[list[Any]]:
    """Rows of a text; what stands between the columns is what its head has most of."""
    comma = max(",\t;", key=text.partition("\n")[0].count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=comma)
    except csv.Error as error:
        raise BadFile(_("引号不成对，或者不是 CSV 文件。")) from error


def _workbook(data: bytes) -> Iterator[list[Any]]:
    """Rows of the first sheet; what the file says of its own size is not believed."""
    try:
        _harmless(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for number, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS + 1), start=1):
            if number > MAX_LINES:
                raise _too_many()
            yield [] if all(cell is EMPTY_CELL for cell in row) else [_cell(cell) for cell in row]
    except BROKEN as error:
        raise BadFile(_("这个 .xlsx 文件打不开，请在 Excel 或 WPS 里重新另存为 .xlsx。")) from error


def _harmless(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise BadFile(_("文件解开后太大，不像一张普通的表；请只留要导入的那一张表。"))
        if not any(part.filename == "xl/workbook.xml" for part in parts):
            raise BadFile(_("这不是 CSV 或 .xlsx 文件（看内容，不看文件名）。"))
        if may_define_entities(archive):
            raise BadFile(_("文件里有不该有的内容（DOCTYPE），请重新另存为 .xlsx。"))


def _is_merged(data: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return has_merged_cells(archive)


def _cell(cell: Any) -> Any:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return Formula(value if isinstance(value, str) else "=…")
    if isinstance(value, bool | dt.date | dt.time):
        return value
    if isinstance(value, int | float):
        return Decimal(repr(value))
    return str(value)


def _too_many() -> BadFile:
    return BadFile(_("行太多：一次最多 %s 行，请分成几个文件。") % MAX_ROWS)


def _table(lines: Iterator[list[Any]], notice: str) -> Table:
    headers: list[str] = []
    rows: list[tuple[int, list[Any]]] = []
    for number, cells in enumerate(lines, start=1):
        while cells and cells[-1] == "":
            cells.pop()
        if len(cells) > MAX_COLUMNS:
            raise BadFile(_("列太多：最多 %s 列。请从“下载模板”开始填。") % MAX_COLUMNS)
        if not any(str(cell).strip() for cell in cells):
            continue
        if not headers:
            headers = [str(cell).strip() for cell in cells]
        elif len(rows) >= MAX_ROWS:
            raise _too_many()
        else:
            rows.append((number, cells))
    if not rows:
        raise BadFile(_("文件里没有数据：第一行是列名，从第二行起每行一条。"))
    return Table(headers, rows, notice)
