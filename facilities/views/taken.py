"""What takes the rooms of a calendar, as marks on a line of minutes; the same few queries for any number."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Sum
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.http import urlencode
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
    kind: str  # b booked, a asked, k another calendar, p part of something taken
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
        kind = "a" if state == BookingState.REQUESTED else "b"
        _add(found, shown, reverse, space, Mark(minute(start, begin), minute(start, finish), kind, pk))
    blocks = Block.objects.filter(calendar__space__in=shown | set(reverse)).between(start, end)
    for space, begin, finish in blocks.values_list("calendar__space_id", "starts_at", "ends_at"):
        _add(found, shown, reverse, space, Mark(minute(start, begin), minute(start, finish), "k", 0))
    return found


def _add(
    found: dict[int, list[Mark]], shown: set[int], reverse: dict[int, list[int]], space: int, mark: Mark
) -> None:
    if space in shown:
        found[space].append(mark)
    for whole in reverse.get(space, ()):
        found[whole].append(mark._replace(kind="p", booking=0))


def frame_of(table: Timetable, spaces: Sequence[Space], days: Sequence[dt.date]) -> Frame:
    """The earliest opening and the latest closing of the days, eight to ten where nothing opens."""
    opening = []
    for day in days:
        midnight = local(day)
        alike = {part for space in spaces for part in table.open_on(space.pk, day)}
        opening += [(minute(midnight, start), minute(midnight, end)) for start, end in alike]
    first = min((start for start, _end in opening), default=8 * 60)
    last = max((end for _start, end in opening), default=22 * 60)
    return Frame(first // 60 * 60, -(-last // 60) * 60)


def line(
    frame: Frame, marks: Sequence[Mark], opening: Sequence[Interval], day: dt.date, page: str
) -> SafeString:
    """One room on one day as a line of time: open hours light, every mark where it is."""
    midnight = local(day)
    before, after = (escape(part) for part in page.split("/0/"))
    words = {kind: escape(text) for kind, text in _words().items()}
    drawn = [_open(frame, minute(midnight, start), minute(midnight, end)) for start, end in opening]
    for start, end, kind, booking in marks:
        left, right = frame.at(start), frame.at(end)
        if right <= left:
            continue
        tag = f'a href="{before}/{booking}/{after}"' if booking else "i"
        drawn.append(
            f'<{tag} class="m {kind}" style="left:{left}%;width:{right - left:.2f}%"'
            f' title="{_clock(start)}–{_clock(end)} {words[kind]}"></{tag[0]}>'
        )
    return SafeString("".join(drawn))


def _words() -> dict[str, str]:
    return {
        "b": _("已约"),
        "a": _("待审批"),
        "k": _("外部日历占用"),
        "p": _("随其他空间占用"),
    }


def head(space: Space, refused: int, day: dt.date) -> SafeString:
    """A room's name in the calendar and what is known of it."""
    want = ""
    if refused:
        listed = f"{reverse('admin:facilities_refusedwish_changelist')}?{urlencode({'q': space.name})}"
        text = _("四周里 %d 次没约上") % refused
        want = format_html(' · <a class="want" href="{}">{}</a>', listed, text)
    place = escape(f"{space.facility} {space.floor_name}")
    address = f"?room={space.pk}&amp;day={day:%Y-%m-%d}"
    return SafeString(f'<a href="{address}">{escape(str(space))}</a> <small>{place}{want}</small>')


def _open(frame: Frame, start: int, end: int) -> str:
    left = frame.at(start)
    return f'<i class="o" style="left:{left}%;width:{round(frame.at(end) - left, 2)}%"></i>'


def _clock(at: int) -> str:
    return f"{at // 60 % 24:02}:{at % 60:02}"


def refused_of(spaces: Sequence[Space], today: dt.date) -> dict[int, int]:
    """How many wishes for each of these rooms could not be met in four weeks."""
    rows = RefusedWish.objects.filter(space__in=[space.pk for space in spaces], day__gt=today - DEMAND)
    return dict(rows.values_list("space").annotate(Sum("count")).order_by())
