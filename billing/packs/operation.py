"""Import a pack: read, lock, look, check, write, in one transaction; all of it or nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction

from billing import closing
from billing.models import CloseState, MonthClose
from billing.packs.checking import check
from billing.packs.files import Sheet, read_sheets
from billing.packs.loading import write
from billing.packs.problems import PackRefused, Problem
from billing.packs.reading import Pack, read_pack
from billing.packs.refusals import told
from billing.packs.schema import TABLES
from billing.packs.scope import Scope
from billing.packs.world import State, World, load_world
from facilities.models import Community, scope_prefix
from portal import audit

ONE_AT_A_TIME = 0x5041434B


@dataclass(frozen=True, slots=True)
class FileCount:
    """How many rows of one file were new, changed something, or said what was there already."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or with `dry_run` would do, by file in the order of the rules."""

    files: dict[str, FileCount]
    dry_run: bool = False
    communities: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def added(self) -> int:
        return sum(one.added for one in self.files.values())

    @property
    def changed(self) -> int:
        return sum(one.changed for one in self.files.values())

    @property
    def unchanged(self) -> int:
        return sum(one.unchanged for one in self.files.values())


def import_pack(path: Path | str, *, by: Any = None, dry_run: bool = False) -> ImportReport:
    """Import a folder, .zip or .xlsx; raises PackRefused with every problem, and then writes nothing."""
    path = Path(path)
    return import_sheets(read_sheets(path), name=path.name, by=by, dry_run=dry_run)


def import_sheets(
    sheets: Iterable[Sheet], *, name: str, by: Any = None, dry_run: bool = False
) -> ImportReport:
    """Import the sheets of a pack, whatever they were read from."""
    pack = read_pack(sheets)
    try:
        with transaction.atomic():
            report = _import(pack, Scope(by), name, dry_run=dry_run)
            if dry_run:
                transaction.set_rollback(True)
    except DatabaseError as error:
        problems = told(error)
        if problems is None:
            raise
        raise PackRefused(problems) from error
    return report


def _import(pack: Pack, scope: Scope, name: str, *, dry_run: bool) -> ImportReport:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    world = load_world(pack, scope)
    codes = _touched(world)
    Community.objects.hold(codes)
    problems = check(world)
    if problems:
        raise PackRefused(problems)
    report = ImportReport(_counts(world), dry_run, codes)
    if report.added or report.changed:
        write(world)
    if not dry_run:
        closing.recheck(codes, by=scope.by)
        _record(report, name, scope.by)
    return report


def _touched(world: World) -> list[str]:
    """The communities, before and after, of every row that is new or changes something."""
    codes: set[str | None] = set()
    prices: set[str] = set()
    for table in TABLES:
        for _key, row, known, state in world.states(table):
            if state is State.UNCHANGED or table == "providers":
                continue
            if table == "tariffs":
                prices.add(row.values["region_code"])
            else:
                codes |= {world.code_of(table, row.values), known.code if known else None}
    for region in prices:
        waiting = MonthClose.objects.filter(community__region__code__startswith=scope_prefix(region))
        codes |= set(waiting.exclude(state=CloseState.POSTED).values_list("community_id", flat=True))
    return sorted(code for code in codes if code)


def _counts(world: World) -> dict[str, FileCount]:
    counts = {}
    for table in TABLES:
        if table in world.pack.rows:
            states = [state for _key, _row, _known, state in world.states(table)]
            counts[table] = FileCount(*(states.count(state) for state in State))
    return counts


def _record(report: ImportReport, name: str, by: Any) -> None:
    files = {table: [one.added, one.changed, one.unchanged] for table, one in report.files.items()}
    region = report.communities[0] if len(report.communities) == 1 else None
    audit.record("pack.imported", name, by=by, region=region, files=files)
