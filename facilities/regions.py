"""Lists of administrative divisions: loaded whole or not at all, however often."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext as _

from facilities.models import Level, Region, UrbanRural
from facilities.models.regions import PREFIX_LENGTHS
from portal import audit
from portal.errors import Refused

SHIPPED_LIST = Path(__file__).resolve().parent / "data" / "xian_divisions_2023.csv"
REQUIRED = ("code", "name", "level", "parent_code")
COLUMNS = (*REQUIRED, "level_name", "urban_rural_code", "urban_rural_year", "org_kind_by_code")
MOST_TOLD = 1000


class RegionProblem(NamedTuple):
    row: int
    code: str
    text: str

    def __str__(self) -> str:
        return _("第 %(row)s 行 %(code)s：%(text)s") % self._asdict()


class RegionsRefused(Refused):
    """A list of regions that was not loaded, with every problem in it."""

    def __init__(self, problems: list[RegionProblem], count: int) -> None:
        self.problems, self.count = problems, count
        told = [str(problem) for problem in problems]
        if count > len(problems):
            told.append(_("……另有 %s 处。") % (count - len(problems)))
        told.append(_("共 %s 处问题，什么都没有写入。请改好后再装入。") % count)
        super().__init__("\n".join(told))


@dataclass(frozen=True, slots=True)
class Loaded:
    total: int
    added: int
    changed: int


def load_regions(path: Path = SHIPPED_LIST, *, by: Any = None) -> Loaded:
    """Add and update the regions of a list; any bad row refuses the whole list."""
    with TemporaryFile("w+", encoding="utf-8") as lines, transaction.atomic():
        _spool(path, lines)
        with connection.cursor() as cursor:
            cursor.execute(CREATE)
            cursor.copy_expert(COPY, lines)
            problems, count = _problems(cursor)
            if count:
                raise RegionsRefused(problems, count)
            loaded = _write(cursor)
            cursor.execute("DROP TABLE listed")
        if loaded.added or loaded.changed:
            audit.record("load_regions", path.name, by=by, added=loaded.added, changed=loaded.changed)
    return loaded


def _spool(path: Path, lines: IO[str]) -> None:
    """Write the list as COPY reads it, row by row: a country's list never lies in memory."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines.writelines(_lines(csv.DictReader(file, strict=True)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(error) from error
    lines.seek(0)


def _unreadable(error: Exception) -> RegionsRefused:
    text = _("读不出来（%s）。请另存为 UTF-8 编码的 CSV。") % error
    return RegionsRefused([RegionProblem(1, "", text)], 1)


def _lines(rows: "csv.DictReader[str]") -> Iterator[str]:
    """Each row of the list as a line of COPY, with its number."""
    missing = [name for name in REQUIRED if name not in (rows.fieldnames or ())]
    unknown = [name for name in rows.fieldnames or () if name not in COLUMNS]
    if missing or unknown:
        text = _("表头不对：缺少 %(missing)s；不认识 %(unknown)s。要的列是 %(columns)s。")
        names = {"missing": missing, "unknown": unknown, "columns": COLUMNS}
        told = {key: _("、").join(value) or _("（无）") for key, value in names.items()}
        raise RegionsRefused([RegionProblem(1, "", text % told)], 1)
    for row in rows:
        wide = "wide" if None in row else ""
        values = ((row.get(name) or "").strip() for name in (*REQUIRED, "urban_rural_code"))
        yield "\t".join(map(_escaped, (str(rows.line_num), *values, wide))) + "\n"


def _escaped(cell: str) -> str:
    """A cell as COPY reads it; what no name may hold becomes a control character that is told later."""
    cell = cell.replace("\0", "\x01").replace("\\", "\\\\")
    return cell.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _problems(cursor: Any) -> tuple[list[RegionProblem], int]:
    cursor.execute("ANALYZE listed")
    texts = {
        "wide": _("这一行的列比表头多。"),
        "code": _("代码不是 12 位数字。"),
        "name": _("名称为空、超过 60 个字或含有控制字符。"),
        "level": _("没有这个级别；级别是 1 省、2 市、3 区县、4 街道乡镇、5 社区（村）、9 开发区。"),
        "urban_rural": _("没有这个城乡分类代码。"),
        "twice": _("代码重复：前面已经有同样的代码。"),
        "no_parent": _("没有填上级；只有省级可以没有上级。"),
        "parent_of_province": _("省级没有上级，请留空。"),
        "orphan": _("上级不在这张表里，系统里也没有。"),
        "prefix": _("代码不在上级代码之下。"),
        "deeper": _("级别要比上级低。"),
    }
    settings = {
        "levels": [str(level.value) for level in Level],
        "urban_rural": ["", *UrbanRural.values],
        "most": MOST_TOLD,
    }
    cursor.execute(CHECK, settings)
    found = cursor.fetchall()
    problems = [RegionProblem(row, code, texts[what]) for row, code, what, _count in found]
    return problems, found[0][3] if found else 0


def _write(cursor: Any) -> Loaded:
    cursor.execute(UPSERT)
    added, changed, total = cursor.fetchone()
    return Loaded(total, added, changed)


def _prefix(code: str) -> str:
    """`scope_prefix` in SQL, from the same lengths."""
    cases = " ".join(
        f"WHEN substr({code}, {length + 1}) ~ '^0*$' THEN left({code}, {length})" for length in PREFIX_LENGTHS
    )
    return f"CASE {cases} ELSE {code} END"


TABLE = Region._meta.db_table
CREATE = """
    CREATE TEMP TABLE listed (
        row integer, code text COLLATE "C", name text, level text, parent text COLLATE "C", urban_rural text, wide text
    ) ON COMMIT DROP
"""
COPY = "COPY listed (row, code, name, level, parent, urban_rural, wide) FROM STDIN"
CHECK = f"""
    WITH numbered AS (
        SELECT *, row_number() OVER (PARTITION BY code ORDER BY row) AS nth FROM listed
    ), known AS (
        SELECT code, level FROM numbered WHERE nth = 1
        UNION ALL
        SELECT code, level::text FROM {TABLE} r WHERE NOT EXISTS (SELECT 1 FROM listed l WHERE l.code = r.code)
    ), checked AS (
        SELECT l.row, l.code, CASE
            WHEN l.wide <> '' THEN 'wide'
            WHEN l.code !~ '^[0-9]{{12}}$' THEN 'code'
            WHEN l.name !~ '^[^[:cntrl:]]{{1,60}}$' THEN 'name'
            WHEN l.level <> ALL(%(levels)s) THEN 'level'
            WHEN l.urban_rural <> ALL(%(urban_rural)s) THEN 'urban_rural'
            WHEN l.nth > 1 THEN 'twice'
            WHEN l.level = '1' AND l.parent <> '' THEN 'parent_of_province'
            WHEN l.level <> '1' AND l.parent = '' THEN 'no_parent'
            WHEN l.level <> '1' AND p.code IS NULL THEN 'orphan'
            WHEN l.level <> '1' AND (p.code = l.code OR NOT starts_with(l.code, {_prefix("p.code")})) THEN 'prefix'
            WHEN l.level <> '1' AND p.level = ANY(%(levels)s) AND p.level::integer >= l.level::integer THEN 'deeper'
        END AS what
        FROM numbered l LEFT JOIN known p ON p.code = l.parent
    )
    SELECT row, code, what, count(*) OVER () FROM checked WHERE what IS NOT NULL ORDER BY row LIMIT %(most)s
"""
UPSERT = f"""
    WITH written AS (
        INSERT INTO {TABLE} AS r (code, name, level, parent_id, prefix, urban_rural)
        SELECT code, name, level::smallint, NULLIF(parent, ''), {_prefix("code")}, urban_rural
        FROM listed ORDER BY listed.level, listed.code
        ON CONFLICT (code) DO UPDATE SET
            name = EXCLUDED.name, level = EXCLUDED.level, parent_id = EXCLUDED.parent_id,
            prefix = EXCLUDED.prefix, urban_rural = EXCLUDED.urban_rural
        WHERE (r.name, r.level, r.parent_id, r.prefix, r.urban_rural) IS DISTINCT FROM
            (EXCLUDED.name, EXCLUDED.level, EXCLUDED.parent_id, EXCLUDED.prefix, EXCLUDED.urban_rural)
        RETURNING xmax = 0 AS is_new
    )
    SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new), (SELECT count(*) FROM listed)
    FROM written
"""
