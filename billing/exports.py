"""Posted months as files: CSV or xlsx, every row of the communities asked for, in export order."""

import csv
import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from django.db.models import Value
from django.db.models.functions import Coalesce
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from billing.export_rows import COLUMNS, FILES
from billing.models import Charge, CloseState, CommunityMonth, Line, Rebate, Share
from billing.models.rollups import Figures
from facilities.models import Region
from portal.months import Month

JOURNAL = "journal"
JOURNAL_COLUMNS = ("entry", "date", "community_code", "account", "provider_ref", "debit", "credit", "source")
FORMATS = ("csv", "xlsx")

POSTED = (CloseState.POSTED,)
PUBLISHED = (CloseState.NOTICE, CloseState.POSTED)

Row = tuple[str, ...]
States = tuple[str, ...]


def export_month(month: str, folder: Path, *, region: str = "", form: str = "csv") -> list[Path]:
    """Write the five files of a month into a folder and return their paths; rows are posted ones only.

    CSV has LF line ends; xlsx is one workbook with a sheet per file, every cell as text.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = str(Month.parse(month))
    prefixes = Region.objects.get(code=region).prefixes_below if region else [""]
    tables = {
        file: (COLUMNS[file], sorted(row for prefix in prefixes for row in rows(file, name, prefix)))
        for file in FILES
    }
    journal = [row for prefix in prefixes for row in journal_rows(name, prefix)]
    tables[JOURNAL] = (JOURNAL_COLUMNS, journal)
    if form == "xlsx":
        return [_write_workbook(folder / f"{name}.xlsx", tables)]
    return [_write_csv(folder / f"{file}.csv", *table) for file, table in tables.items()]


def rows(file: str, month: str, prefix: str = "") -> list[Row]:
    """Return the rows of one of the four files, sorted by their columns from the left by code point."""
    return sorted(_ROWS[file](month, prefix, POSTED))


def community_lines(month: str, code: str) -> dict[str, list[Row]]:
    """Return a community's rows of a published month by file, as the digest takes them."""
    return {file: sorted(_ROWS[file](month, code, PUBLISHED)) for file in FILES}


def _cells(values: Iterable[Any]) -> Row:
    return tuple("" if value is None else str(value) for value in values)


def _share_rows(month: str, prefix: str, states: States) -> Iterator[Row]:
    found = Share.objects.filter(
        sharing__close__month=month,
        sharing__close__state__in=states,
        sharing__close__community__region__code__startswith=prefix,
    ).values_list(
        "sharing__close__month",
        "sharing__bill__ref",
        Coalesce("agreement__ref", Value("")),
        "quantity",
        "gross",
        "subsidy",
        "amount",
        "flags",
    )
    yield from map(_cells, found.iterator(chunk_size=10_000))


def _charge_rows(month: str, prefix: str, states: States) -> Iterator[Row]:
    found = Charge.objects.filter(**_closed(month, prefix, states)).values_list(
        "close__month", "agreement__ref", "kind", "correction__ref", "amount"
    )
    yield from map(_cells, found.iterator(chunk_size=10_000))


def _rebate_rows(month: str, prefix: str, states: States) -> Iterator[Row]:
    found = Rebate.objects.filter(**_closed(month, prefix, states)).values_list(
        "close__month", "month", "agreement__ref", "term_ref", "kind", "base", "amount", "value", "status"
    )
    yield from map(_cells, found.iterator(chunk_size=10_000))


def _close_rows(month: str, prefix: str, states: States) -> Iterator[Row]:
    found = CommunityMonth.objects.filter(**_closed(month, prefix, states)).values_list(
        "month", "community_id", *Figures.FIELDS
    )
    yield from map(_cells, found.iterator(chunk_size=10_000))


def _closed(month: str, prefix: str, states: States) -> dict[str, Any]:
    return {
        "close__month": month,
        "close__state__in": states,
        "close__community__region__code__startswith": prefix,
    }


_ROWS: dict[str, Callable[[str, str, States], Iterator[Row]]] = dict(
    zip(FILES, (_share_rows, _charge_rows, _rebate_rows, _close_rows), strict=True)
)


def journal_rows(month: str, prefix: str = "") -> list[Row]:
    """Return the ledger's lines of a month: by community and entry, debits before credits."""
    found = Line.objects.filter(
        entry__close__month=month, account__community__region__code__startswith=prefix
    ).order_by("account__community_id", "entry__number", "position")
    lines = found.values_list(
        "entry__number",
        "entry__date",
        "account__community_id",
        "account__kind",
        "account__name",
        Coalesce("account__provider__ref", Value("")),
        "amount",
        "entry__source",
    )
    return [_journal_row(*line) for line in lines.iterator(chunk_size=10_000)]


def _journal_row(number: int, date: dt.date, code: str, kind: str, *rest: Any) -> Row:
    name, provider, amount, source = rest
    holder = name or provider
    account = f"{kind}:{holder}" if holder else kind
    debit, credit = (str(amount), "") if amount > 0 else ("", str(-amount))
    return str(number), date.isoformat(), code, account, provider, debit, credit, source


def _write_csv(path: Path, columns: Row, found: Iterable[Row]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(found)
    return path


def _write_workbook(path: Path, tables: dict[str, tuple[Row, list[Row]]]) -> Path:
    book = Workbook(write_only=True)
    for name, (columns, found) in tables.items():
        sheet = book.create_sheet(name)
        for cells in (columns, *found):
            sheet.append([_text_cell(sheet, cell) for cell in cells])
    book.save(path)
    return path


def _text_cell(sheet: Any, value: str) -> WriteOnlyCell:
    """A cell that stays text: a ref that begins with `=` is no formula, a code keeps its zeros."""
    cell = WriteOnlyCell(sheet, value=value)
    cell.data_type = "s"
    return cell
