"""Packs for tests: a small one that is right, variants of it, and what must stay as it was."""

import csv
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import connection

from billing import closing
from billing.packs import ImportReport, PackRefused, import_pack
from billing.packs.schema import TABLES

HUANGHE, LIYUAN = "610102002006", "610104004019"
Tables = dict[str, list[dict[str, Any]]]

STANDING: Tables = {
    "communities": [{"code": HUANGHE, "households": "2410"}],
    "facilities": [
        {"ref": "F1", "community_code": HUANGHE, "name": "营造中心", "residential_property_rate": "1.90"}
    ],
    "providers": [{"ref": "P1", "name": "示例食堂", "kind": "enterprise"}],
    "agreements": [
        {
            "ref": "A1",
            "provider_ref": "P1",
            "facility_ref": "F1",
            "space": "共享食堂",
            "area_m2": "90",
            "category": "meal",
            "starts_on": "2026-01-01",
        }
    ],
    "meters": [
        {
            "ref": "M1",
            "facility_ref": "F1",
            "utility": "electricity",
            "role": "submeter",
            "agreement_ref": "A1",
        }
    ],
    "readings": [{"meter_ref": "M1", "read_on": "2026-09-30", "kind": "regular", "value": "520"}],
    "tariffs": [
        {
            "region_code": "610100000000",
            "utility": "electricity",
            "price_class": "residential",
            "valid_from": "2023-07-25",
            "unit_price": "0.5183",
        }
    ],
}
BILL = {
    "ref": "B1",
    "facility_ref": "F1",
    "utility": "electricity",
    "period_start": "2026-09-01",
    "period_end": "2026-09-30",
    "quantity": "1286",
    "amount": "640.81",
}
MOVEMENTS: Tables = {
    "bills": [BILL],
    "opening_balances": [{"community_code": HUANGHE, "fund": "grant", "amount": "1000"}],
    "topups": [
        {"ref": "T1", "community_code": HUANGHE, "fund": "utility", "date": "2026-09-15", "amount": "500"}
    ],
    "transfers": [
        {
            "ref": "X1",
            "community_code": HUANGHE,
            "from_fund": "grant",
            "to_fund": "utility",
            "date": "2026-09-20",
            "amount": "100",
        }
    ],
    "corrections": [
        {"ref": "K1", "agreement_ref": "A1", "date": "2026-09-08", "amount": "-30", "fund": "utility"}
    ],
    "receipts": [
        {"ref": "R1", "community_code": HUANGHE, "provider_ref": "P1", "date": "2026-09-28", "amount": "50"}
    ],
    "payments": [{"ref": "Y1", "bill_ref": "B1", "date": "2026-09-29", "amount": "640.81"}],
}


def with_row(table: str, **values: Any) -> Tables:
    """The small pack with the first row of one table changed."""
    return STANDING | {table: [STANDING[table][0] | values]}


def cells(rows: list[dict[str, Any]]) -> list[list[Any]]:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return [columns, *([row.get(name, "") for name in columns] for row in rows)]


def text(rows: list[list[Any]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def folder(at: Path, tables: Tables) -> Path:
    path = at / "pack"
    path.mkdir(exist_ok=True)
    for old in path.iterdir():
        old.unlink()
    for name, rows in tables.items():
        (path / f"{name}.csv").write_text(text(cells(rows)), "utf-8")
    return path


def zipped(at: Path, members: Mapping[str, str | bytes]) -> Path:
    path = at / "pack.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def workbook(at: Path, sheets: Mapping[str, list[list[Any]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    path = at / "pack.xlsx"
    book.save(path)
    return path


def bring_in(at: Path, tables: Tables, **options: Any) -> ImportReport:
    return import_pack(folder(at, tables), **options)


def everything() -> dict[str, list[Any]]:
    """Every row that a pack can write, as it stands in the database."""
    found = {}
    with connection.cursor() as cursor:
        for name, table in TABLES.items():
            cursor.execute(f"SELECT * FROM {table.model._meta.db_table} ORDER BY 1")
            found[name] = cursor.fetchall()
    return found


def refused(path: Path, **options: Any) -> list[tuple[str, int | None, str, str, str]]:
    """The problems of a pack that must be refused and leave no trace."""
    before = everything()
    with pytest.raises(PackRefused) as told:
        import_pack(path, **options)
    assert everything() == before
    return [(one.file, one.row, one.column, one.value, one.text) for one in told.value.problems]


def refused_tables(at: Path, tables: Tables, **options: Any) -> list[tuple[str, int | None, str, str, str]]:
    return refused(folder(at, tables), **options)


def post_month(month: str = "2026-09") -> None:
    [outcome] = closing.close_batch(month, [HUANGHE])
    assert (outcome.state, outcome.blocks) == ("posted", [])
