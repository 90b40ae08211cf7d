"""Packs of the made-up city: one folder a month, the first with all that stands."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from billing.city import months, standing
from billing.city.communities import MadeCommunity
from billing.city.standing import Row
from portal.months import Month


def write_packs(folder: Path, city: list[MadeCommunity], run: list[Month]) -> Iterator[Path]:
    """Write the packs of a run of months in their order; faults are in the last one."""
    for month in run:
        rows = chain.from_iterable(_month(made, month, run) for made in city)
        if month == run[0]:
            rows = chain(standing.of_the_city(), rows)
        yield _write(folder / str(month), rows)


def _month(made: MadeCommunity, month: Month, run: list[Month]) -> Iterator[Row]:
    if month == run[0]:
        yield from standing.of_community(made, month)
    yield from months.of_community(made, month, made.fault if month == run[-1] else "")


def _write(folder: Path, rows: Iterable[Row]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.csv"):
        old.unlink()
    files: dict[str, list[dict[str, str]]] = defaultdict(list)
    for name, row in rows:
        files[name].append(row)
    for name, of_file in files.items():
        columns = list(dict.fromkeys(chain.from_iterable(of_file)))
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(of_file)
    return folder
