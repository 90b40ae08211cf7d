"""Sheets as rows of values: headers matched, cells parsed, keys found; references are not asked yet."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from billing.packs.files import Sheet
from billing.packs.problems import PackRefused, Problem, problem, refuse
from billing.packs.schema import FROM_THE_START, TABLES, Column, Table
from billing.packs.values import BadValue, Cell, Parser, is_blank, parser_of

MAX_ROWS = 500_000
Key = tuple[Any, ...]
Values = dict[str, Any]


@dataclass(slots=True)
class Row:
    """One row of a pack with a value for every column of its table."""

    number: int
    values: Values


@dataclass
class Pack:
    """What a pack says, by table and key; keys of rows that cannot be read are kept, so that
    what refers to them is not told as a second problem."""

    rows: dict[str, dict[Key, Row]] = field(default_factory=dict)
    unreadable: dict[str, set[Key]] = field(default_factory=dict)
    unreadable_tables: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)


def read_pack(sheets: Iterable[Sheet]) -> Pack:
    """Read every sheet to its end, so that all problems are told in one go."""
    pack = Pack()
    rest = MAX_ROWS
    for sheet in sheets:
        try:
            rest = _read_sheet(pack, sheet, rest)
        except PackRefused as refused:
            pack.problems += refused.problems
            pack.unreadable_tables.add(sheet.name)
        if rest < 0:
            text = _("行数太多：一个数据包最多 %s 行，请分几个数据包导入。") % f"{MAX_ROWS:,}"
            raise refuse(sheet.name, text)
    return pack


def _read_sheet(pack: Pack, sheet: Sheet, rest: int) -> int:
    """Read one sheet; returns how many rows the pack may still have."""
    rows = iter(sheet.rows)
    header = next(rows, [])
    table = TABLES[sheet.name]
    reader = SheetReader(table, pack, header)
    for number, cells in enumerate(rows, start=2):
        if all(map(is_blank, cells)):
            continue
        rest -= 1
        if rest < 0:
            break
        reader.read(number, cells)
    return rest


class SheetReader:
    """Reads the rows of one sheet into the pack."""

    def __init__(self, table: Table, pack: Pack, header: list[Cell]) -> None:
        self.table, self.pack = table, pack
        self.rows = pack.rows.setdefault(table.name, {})
        self.unreadable = pack.unreadable.setdefault(table.name, set())
        self.columns = list(self._columns(header))
        given = {column.name for column, _parse in filter(None, self.columns)}
        self.blanks = {
            name: None if name in table.needs else column.blank_value
            for name, column in table.columns.items()
        }
        missing = [name for name in table.key if name not in given and name != FROM_THE_START]
        if missing:
            self._tell(1, "", _("、").join(missing), _("表头缺少这些必填的列（也可以写中文列名）。"))
            raise PackRefused([])

    def _tell(self, row: int, column: str, value: Any, text: str) -> None:
        self.pack.problems.append(problem(self.table.name, row, column, value, text))

    def _columns(self, header: list[Cell]) -> Iterator[tuple[Column, Parser] | None]:
        """The column each cell of the header names; a blank one names none."""
        seen: set[str] = set()
        for cell in header:
            label = "" if is_blank(cell) else str(cell).strip()
            name = self.table.headers.get(label)
            if label and name is None:
                columns = _("、").join(self.table.columns)
                self._tell(1, label, None, _("没有这一列；这张表的列是：%s。") % columns)
            elif name in seen:
                self._tell(1, label, None, _("这一列出现了两次。"))
            if name is None or name in seen:
                yield None
                continue
            seen.add(name)
            column = self.table.columns[name]
            yield column, parser_of(column)

    def read(self, number: int, cells: list[Cell]) -> None:
        before = len(self.pack.problems)
        values = self._values(number, cells)
        told = {one.column for one in self.pack.problems[before:]}
        for name in self.table.columns:
            if name in self.table.needs and values[name] is None and name not in told:
                self._tell(number, name, None, _("这一格必须填。"))
        key = tuple(values.get(name) for name in self.table.key)
        if len(self.pack.problems) > before:
            self.unreadable.add(key)
        elif key in self.rows:
            first = self.rows[key].number
            self._tell(
                number,
                _("、").join(self.table.key),
                _shown(key),
                _("和第 %s 行是同一个，只能有一行。") % first,
            )
        else:
            self.rows[key] = Row(number, values)

    def _values(self, number: int, cells: list[Cell]) -> Values:
        values = dict(self.blanks)
        wrong = set()
        for position, cell in enumerate(cells):
            if is_blank(cell):
                continue
            if position >= len(self.columns):
                self._tell(number, "", cell, _("这一格在表头最后一列之外。"))
                continue
            found = self.columns[position]
            if found is None:
                continue
            column, parse = found
            try:
                values[column.name] = parse(cell)
            except BadValue as error:
                self._tell(number, column.name, cell, str(error))
                wrong.add(column.name)
        source = self.table.named_after_key
        if source and not values[source] and source not in wrong:
            values[source] = values[self.table.key[0]]
        return values


def _shown(key: Key) -> str:
    return " ".join(str(part) for part in key if part not in (None, ""))
