"""Measure the close of a city's month: one table, month.json and reads.json in VAR_DIR/bench, all from one run."""

import json
import os
import platform
import subprocess
import sys
import time
from statistics import median
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from rich.console import Console
from rich.table import Table

from billing.bench import closes, country, databases, floor, reads, rowwise
from billing.management.numbers import at_least
from billing.models import Line
from facilities.models import Community
from services.models import Agreement

ROUNDS = 5
FEWEST = 4  # communities of which a quarter is one
INSIDE = "LIREN_BENCH"  # set in the process that works on the bench's own database
WHOLE, QUARTER = f"{databases.NAME}_whole", f"{databases.NAME}_quarter"

GOALS = {
    "ratio_to_floor": ("≤", 1.6),
    "ratio_2_workers": ("≤", 1.0),
    "times_per_row": ("≥", 20),
    "growth": ("≤", 1.1),
    "worker_mb": ("≤", 400),
    "balance_ms": ("≤", 5),
    "first_page_ms": ("≤", 50),
    "last_page_ms": ("≤", 50),
    "page_before_last_ms": ("≤", 50),
    "page_back_ms": ("≤", 50),
    "page_of_month_ms": ("≤", 50),
    "open_account_ms": ("≤", 20),
}


class Command(BaseCommand):
    help = "全市月结的速度：成表，并写入 VAR_DIR/bench 的 month.json、reads.json。用自己的数据库和队列，不动现有数据。"
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rounds", type=at_least(1), default=ROUNDS, help="每个数取几次的中位数")
        parser.add_argument("--communities", type=at_least(FEWEST), help="只要前几个社区，至少 4 个")
        parser.add_argument("--country", action="store_true", help="118,000 个社区结一次，写入 country.json")

    def handle(self, *args: Any, **options: Any) -> None:
        if INSIDE not in os.environ:
            databases.create(databases.NAME)
            environment = {**databases.environment(), INSIDE: "1"}
            sys.exit(subprocess.run([sys.executable, *sys.argv], env=environment, check=False).returncode)
        try:
            if options["country"]:
                figures = [measure_country(options["communities"])]
            else:
                figures = measure(options["rounds"], options["communities"], Console(stderr=True))
        finally:
            databases.drop(WHOLE, QUARTER, databases.NAME)
        names = ["country"] if options["country"] else ["month", "reads"]
        files = dict(zip(names, figures, strict=True))
        for name, found in files.items():
            path = settings.VAR_DIR / "bench" / f"{name}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(found, indent=2) + "\n")
        Console().print(table({name: value for found in files.values() for name, value in found.items()}))


def measure(rounds: int, communities: int | None, console: Console) -> list[dict[str, float]]:
    """Take every figure in turn, round by round, so that a busy moment strikes all alike."""
    with console.status("load_city"):
        databases.load_city(WHOLE, communities)
        count = Agreement.objects.count()
        databases.load_city(QUARTER, _communities() // 4)
        quarter = Agreement.objects.count()
    taken: dict[str, list[float]] = {}
    with closes.workers() as (first, _second):
        batches = _first_close()
        lines = Line.objects.count()
        for number in range(1, rounds + 1):
            for name, seconds in _round(batches).items():
                taken.setdefault(name, []).append(seconds)
                console.print(f"{number}/{rounds} {name} {seconds:.2f} s", highlight=False)
        peak = closes.peak_mb(first)
    found_reads = _reads()
    middle = {name: median(found) for name, found in taken.items()}
    month = {
        "agreements": count,
        "lines": lines,
        "close_s": round(middle["close_s"], 2),
        "close_2_workers_s": round(middle["close_2_workers_s"], 2),
        "floor_s": round(middle["floor_s"], 2),
        "per_row_s": round(middle["per_row_s"], 1),
        "ratio_to_floor": round(middle["close_s"] / middle["floor_s"], 2),
        "ratio_2_workers": round(middle["close_2_workers_s"] / middle["floor_s"], 2),
        "times_per_row": round(middle["per_row_s"] / middle["close_s"], 1),
        "worker_mb": round(peak),
        "growth": round(middle["close_s"] / count / (middle["quarter_s"] / quarter), 2),
    }
    return [month, found_reads]


def measure_country(communities: int | None) -> dict[str, float]:
    """Close the month of every community of a country once, with two workers."""
    databases.load_city(WHOLE, communities)
    country.multiply()
    databases.vacuum()
    before = _size_gb()
    with closes.workers() as working:
        seconds = closes.close(closes.TWO)
        peak = max(map(closes.peak_mb, working))
    agreements = Agreement.objects.count()
    return {
        "communities": _communities(),
        "agreements": agreements,
        "lines": Line.objects.count(),
        "close_2_workers_s": round(seconds, 1),
        "ms_per_agreement": round(1000 * seconds / agreements, 2),
        "worker_mb": round(peak),
        "inputs_gb": before,
        "with_month_gb": _size_gb(),
    }


def _size_gb() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        (size,) = cursor.fetchone()
    return round(size / 1e9, 2)


def _communities() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM facilities_community")
        (count,) = cursor.fetchone()
    return count


def _first_close() -> list[floor.Batch]:
    """Warm both workers and take the rows that the floor writes."""
    for queue in closes.QUEUES:
        databases.fresh(WHOLE)
        closes.close(queue)
    return floor.take()


def _reads() -> dict[str, float]:
    """Accounts in a city whose month is not closed, so that one of them can have a history of its own."""
    databases.fresh(WHOLE)
    reads.many_accounts()
    opening = reads.opening_time()
    empty = Community.objects.filter(accounts=None).first()
    assert empty is not None
    return {**reads.read_times(reads.long_account(empty)), "open_account_ms": opening}


def _round(batches: list[floor.Batch]) -> dict[str, float]:
    found = {}
    databases.fresh(WHOLE)
    found["floor_s"] = floor.write(batches)
    databases.fresh(WHOLE)
    found["close_s"] = closes.close(closes.ONE)
    databases.fresh(WHOLE)
    found["close_2_workers_s"] = closes.close(closes.TWO)
    databases.fresh(WHOLE)
    found["per_row_s"] = rowwise.close_by_rows() * _communities()
    databases.fresh(QUARTER)
    found["quarter_s"] = closes.close(closes.ONE)
    return found


def table(figures: dict[str, float]) -> Table:
    shown = Table(title=f"{time.strftime('%Y-%m-%d')} · {platform.machine()} · {os.cpu_count()} × CPU")
    for heading in ("figure", "value", "goal", ""):
        shown.add_column(heading, justify="right" if heading == "value" else "left")
    for name, value in figures.items():
        sign, goal = GOALS.get(name, ("", None))
        met = (
            "" if goal is None else "met" if (value <= goal if sign == "≤" else value >= goal) else "not met"
        )
        shown.add_row(name, f"{value:,}", f"{sign} {goal}" if goal is not None else "", met)
    return shown
