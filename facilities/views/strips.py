"""The strips of a week: what takes each room on each day, added up by the database in one query."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from facilities.hours import Interval, Timetable, local
from facilities.models import TAKING, Space
from facilities.views.taken import QUARTER, Frame

# Quarters of an hour since the first midnight; what touches is one part, so that a full day is one.
PARTS = """
WITH pair AS (SELECT * FROM unnest(%(shown)s::bigint[], %(other)s::bigint[]) AS pair(shown, other)),
taken AS (
    SELECT shown, starts_at, ends_at,
        CASE WHEN shown <> other THEN 'p' WHEN state = 'requested' THEN 'a' ELSE 'b' END AS kind
    FROM facilities_booking JOIN pair ON other = space_id
    WHERE state = ANY(%(taking)s) AND starts_at < %(end)s AND ends_at > %(start)s
    UNION ALL
    SELECT shown, starts_at, ends_at, CASE WHEN shown <> other THEN 'p' ELSE 'k' END
    FROM facilities_block
    JOIN facilities_externalcalendar AS calendar ON calendar.id = calendar_id
    JOIN pair ON other = calendar.space_id
    WHERE starts_at < %(end)s AND ends_at > %(start)s
),
quarters AS (
    SELECT shown, kind,
        floor(date_part('epoch', greatest(starts_at, %(start)s) - %(start)s) / 900)::int AS first,
        ceil(date_part('epoch', ends_at - %(start)s) / 900)::int AS last
    FROM taken
)
SELECT shown, first / 96, kind, count(*), range_agg(int4range(first %% 96, last - first / 96 * 96))::text
FROM quarters GROUP BY 1, 2, 3
"""
PART = re.compile(r"\[(\d+),(\d+)\),?")


@dataclass(slots=True)
class Cell:
    """One room on one day: the drawn parts by kind, how many bookings of its own, and their times."""

    drawn: str = ""
    bookings: int = 0
    times: str = ""


def cells_of(
    spaces: Sequence[Space], table: Timetable, first: dt.date, last: dt.date
) -> Mapping[tuple[int, int], Cell]:
    """Cells by space and number of the day."""
    shown = [space.pk for space in spaces]
    pairs = [(key, key) for key in shown]
    pairs += [(key, other) for key, others in table.leaves.touching(shown).items() for other in others]
    asked: dict[str, Any] = {
        "shown": [key for key, _other in pairs],
        "other": [other for _key, other in pairs],
        "taking": [str(state) for state in TAKING],
        "start": local(first),
        "end": local(last + dt.timedelta(days=1)),
    }
    found: dict[tuple[int, int], Cell] = defaultdict(Cell)
    with connection.cursor() as cursor:
        cursor.execute(PARTS, asked)
        for space, day, kind, number, parts in cursor.fetchall():
            cell = found[space, day]
            path = PART.sub(r"M\1 0H\2V8H\1z", parts[1:-1])
            cell.drawn += f'<path class="{kind}" d="{path}"/>'
            if kind in "ab":
                cell.bookings += number
                cell.times += (" " if cell.times else "") + PART.sub(_times, parts[1:-1]).strip()
    return found


def _times(part: re.Match) -> str:
    start, end = (int(text) * QUARTER for text in part.groups())
    return f"{start // 60}:{start % 60:02}–{end // 60}:{end % 60:02} "


def strips(frame: Frame, cells: Sequence[Cell | None], opening: Sequence[Sequence[Interval]]) -> SafeString:
    """One room's week in a few bytes: a strip a day, how many bookings, and when as its title."""
    box = f"{frame.opens // QUARTER} 0 {frame.length // QUARTER} 8"
    words = escape(_("%d 场"))
    drawn = []
    for cell, hours in zip(cells, opening, strict=True):
        if not hours and not cell:
            drawn.append('<td class="shut">–</td>')
            continue
        cell = cell or Cell()
        title = f' title="{cell.times}"' if cell.times else ""
        number = words % cell.bookings if cell.bookings else ""
        strip = f'<svg viewBox="{box}" preserveAspectRatio="none">{cell.drawn}</svg>'
        drawn.append(f"<td{title}>{strip}{number}</td>")
    return SafeString("".join(drawn))
