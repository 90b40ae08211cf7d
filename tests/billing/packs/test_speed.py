"""Ten times the rows take about ten times as long, and 100,000 rows come in within a minute."""

import datetime as dt
import random
import threading
import time

import pytest
from django.db import connection

from billing.packs import PackRefused, import_pack
from tests.billing.packs.making import STANDING, cells, folder, workbook

START = dt.date(2020, 1, 1)


def readings(count):
    """Readings of ten meters, in no order."""
    rows = [
        {
            "meter_ref": f"M{number % 10}",
            "read_on": START + dt.timedelta(number // 10),
            "kind": "regular",
            "value": number,
        }
        for number in range(count)
    ]
    random.Random(1).shuffle(rows)
    return rows


def a_pack(count):
    meters = [STANDING["meters"][0] | {"ref": f"M{number}"} for number in range(10)]
    return STANDING | {"meters": meters, "readings": readings(count)}


def seconds(path, **options):
    started = time.monotonic()
    import_pack(path, **options)
    return time.monotonic() - started


def test_time_grows_with_the_rows_and_no_faster(tmp_path):
    seconds(folder(tmp_path, a_pack(100)))
    few = seconds(folder(tmp_path, a_pack(1_000)), dry_run=True)

    many = seconds(folder(tmp_path, a_pack(10_000)), dry_run=True)

    assert many < 25 * max(few, 0.1)


@pytest.mark.prove
def test_100_000_rows_come_in_within_a_minute(tmp_path):
    tables = a_pack(80_000) | {
        "agreements": STANDING["agreements"]
        + [
            STANDING["agreements"][0] | {"ref": f"A-{number}", "space": f"{number} 号"}
            for number in range(10_000)
        ],
        "utility_terms": [
            {"agreement_ref": f"A-{number}", "utility": "electricity", "method": "shared", "weight": number}
            for number in range(10_000)
        ],
    }
    path = folder(tmp_path, tables)

    took = {"new": seconds(path), "again": seconds(path)}
    for row in tables["readings"]:
        row["value"] += 1
    took["changed"] = seconds(folder(tmp_path, tables))
    took["workbook"] = seconds(workbook(tmp_path, {name: cells(rows) for name, rows in tables.items()}))

    print("100,000 rows:", ", ".join(f"{name} {value:.1f} s" for name, value in took.items()))  # noqa: T201
    assert max(took.values()) < 60


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_end_as_one_after_the_other(tmp_path):
    path = folder(tmp_path, a_pack(500))
    outcomes: list[int | str] = []

    def bring_in():
        try:
            outcomes.append(import_pack(path).added)
        except PackRefused as refused:
            outcomes.append(str(refused))
        finally:
            connection.close()

    threads = [threading.Thread(target=bring_in) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(map(str, outcomes)) == ["0", "0", "515"]
