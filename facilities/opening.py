"""Opening hours as people say them: 周一至周五 9:00–18:00."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

from facilities.models import OpeningHours, Space

Weekday = OpeningHours.Weekday


class Line(NamedTuple):
    """On which days, from when until when, and what is special about it."""

    days: str
    times: str
    note: str


def lines_of(rows: Iterable[OpeningHours]) -> list[Line]:
    """The hours of one place, those of one time of the year and one kind together."""
    days: dict[tuple[str, str, str, str], set[int]] = defaultdict(set)
    for row in rows:
        times = f"{row.opens_at:%H:%M}–{row.closes_at:%H:%M}"
        days[row.kind, row.season_from, row.season_until, times].add(row.weekday)
    return [
        Line(days_in_words(found), times, _note(kind, since, until))
        for (kind, since, until, times), found in sorted(days.items(), key=lambda one: min(one[1]))
    ]


def days_in_words(days: Iterable[int]) -> str:
    """Runs of days by their ends: 周一至周五、周日."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and day == runs[-1][-1] + 1 and day != Weekday.HOLIDAY:
            runs[-1].append(day)
        else:
            runs.append([day])
    return "、".join(_run(run) for run in runs)


def _run(run: list[int]) -> str:
    first, last = str(Weekday(run[0]).label), str(Weekday(run[-1]).label)
    if len(run) == 7:
        return _("每天")
    if len(run) < 3:
        return "、".join(str(Weekday(day).label) for day in run)
    return _("%(first)s至%(last)s") % {"first": first, "last": last}


def _note(kind: str, since: str, until: str) -> str:
    notes = [_("夜校")] if kind == OpeningHours.Kind.NIGHT else []
    if since:
        notes.append(_("%(since)s 至 %(until)s") % {"since": since, "until": until})
    return "，".join(notes)


def lines_for(space: Space) -> list[Line]:
    """The hours that hold for a room: its own, else those of its facility."""
    rows = list(OpeningHours.objects.filter(facility=space.facility_id))
    own = [row for row in rows if row.space_id == space.pk]
    return lines_of(own or [row for row in rows if row.space_id is None])
