"""What takes the rooms of a calendar, as marks on a line of minutes; the same few queries for any number."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Sum
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from facilities.hours import Interval, Timetable, local
from facilities.models import TAKING, Block, Booking, BookingState, RefusedWish, Space

DAY = 24 * 60
QUARTER = 15
DEMAND = dt.timedelta(days=28)


class Mark(NamedTuple):
    """Minutes since the first midnight, what takes the room, and the booking where there is one of its own."""

    start: int
    end: int
    kind: str  # booked, asked, block, part
    booking: int


@dataclass(frozen=True, slots=True)
class Frame:
    """The hours that a calendar draws: whole hours around everything open or taken."""

    opens: int
    closes: int

    @property
    def length(self) -> int:
        return self.closes - self.opens

    def at(self, minute: int) -> float:
        return round(100 * (min(max(minute, self.opens), self.closes) - self.opens) / self.length, 2)

    @property
    def hours(self) -> list[tuple[float, int]]:
        return [(self.at(minute), minute // 60) for minute in range(self.opens, self.closes, 120)]


def minute(first: dt.datetime, at: dt.datetime) -> int:
    return int((at - first).total_seconds()) // 60


def marks_of(
    spaces: Sequence[Space], table: Timetable, first: dt.date, last: dt.date
) -> dict[int, list[Mark]]:
    """Marks by space: its own bookings, other calendars, and what parts of it are taken by."""
    touching = table.leaves.touching([space.pk for space in spaces])
    shown = {space.pk for space in spaces}
    reverse: dict[int, list[int]] = defaultdict(list)
    for space, others in touching.items():
        for other in others:
            reverse[other].append(space)
    start, end = local(first), local(last + dt.timedelta(days=1))
    found: dict[int, list[Mark]] = defaultdict(list)
    bookings = Booking.objects.filter(space__in=shown | set(reverse), state__in=TAKING).between(start, end)
    for space, begin, finish, state, pk in bookings.values_list(
        "space_id", "starts_at", "ends_at", "state", "pk"
    ):
        kind = "asked" if state == BookingState.REQUESTED else "booked"
        _add(found, shown, reverse, space, Mark(minute(start, begin), minute(start, finish), kind, pk))
    blocks = Block.objects.filter(calendar__space__in=shown | set(reverse)).between(start, end)
    for space, begin, finish in blocks.values_list("calendar__space_id", "starts_at", "ends_at"):
        _add(found, shown, reverse, space, Mark(minute(start, begin), minute(start, finish), "block", 0))
    return found


def _add(
    found: dict[int, list[Mark]], shown: set[int], reverse: dict[int, list[int]], space: int, mark: Mark
) -> None:
    if space in shown:
        found[space].append(mark)
    for whole in reverse.get(space, ()):
        found[whole].append(mark._replace(kind="part", booking=0))


def frame_of(table: Timetable, spaces: Sequence[Space], days: Sequence[dt.date]) -> Frame:
    """The earliest opening and the latest closing of the days, eight to ten where nothing opens."""
    opening = [
        (minute(local(day), start), minute(local(day), end))
        for space in spaces
        for day in days
        for start, end in table.open_on(space.pk, day)
    ]
    first = min((start for start, _end in opening), default=8 * 60)
    last = max((end for _start, end in opening), default=22 * 60)
    return Frame(first // 60 * 60, -(-last // 60) * 60)


def cell(frame: Frame, marks: Sequence[Mark], opening: Sequence[Interval], midnight: int) -> SafeString:
    """One room on one day in a few bytes: what is taken as a strip, and how many bookings."""
    if not opening and not marks:
        return SafeString('<td class="shut">–</td>')
    paths: dict[str, str] = defaultdict(str)
    for mark in marks:
        left = (max(mark.start - midnight, frame.opens) - frame.opens) // QUARTER
        right = -(-(min(mark.end - midnight, frame.closes) - frame.opens) // QUARTER)
        if right > left:
            paths[mark.kind[0]] += f"M{left} 0h{right - left}v8h-{right - left}z"
    drawn = "".join(f'<path class="{kind}" d="{path}"/>' for kind, path in paths.items())
    number = sum(bool(mark.booking) for mark in marks)
    strip = f'<svg viewBox="0 0 {frame.length // QUARTER} 8" preserveAspectRatio="none">{drawn}</svg>'
    return SafeString(f"<td>{strip}{number or ''}</td>")


def line(
    frame: Frame, marks: Sequence[Mark], opening: Sequence[Interval], day: dt.date, page: str
) -> SafeString:
    """One room on one day as a line of time: open hours light, every mark where it is."""
    words = {
        "booked": _("已约"),
        "asked": _("待审批"),
        "block": _("外部日历占用"),
        "part": _("随其他空间占用"),
    }
    midnight = local(day)
    drawn = [_open(frame, minute(midnight, start), minute(midnight, end)) for start, end in opening]
    for mark in marks:
        left, right = frame.at(mark.start), frame.at(mark.end)
        if right <= left:
            continue
        place = f'style="left:{left}%;width:{round(right - left, 2)}%"'
        title = escape(f"{_clock(mark.start)}–{_clock(mark.end)} {words[mark.kind]}")
        if mark.booking:
            address = page.replace("/0/", f"/{mark.booking}/")
            drawn.append(f'<a class="m {mark.kind[0]}" {place} href="{address}" title="{title}"></a>')
        else:
            drawn.append(f'<i class="m {mark.kind[0]}" {place} title="{title}"></i>')
    return SafeString("".join(drawn))


def _open(frame: Frame, start: int, end: int) -> str:
    left = frame.at(start)
    return f'<i class="o" style="left:{left}%;width:{round(frame.at(end) - left, 2)}%"></i>'


def _clock(at: int) -> str:
    return f"{at // 60 % 24:02}:{at % 60:02}"


def refused_of(spaces: Sequence[Space], today: dt.date) -> dict[int, int]:
    """How many wishes for each of these rooms could not be met in four weeks."""
    rows = RefusedWish.objects.filter(space__in=[space.pk for space in spaces], day__gt=today - DEMAND)
    return dict(rows.values_list("space").annotate(Sum("count")).order_by())
