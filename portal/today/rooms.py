"""Today's bookings as a line of time for each room."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Value
from django.urls import reverse
from django.utils import timezone

from facilities.hours import local
from facilities.models import TAKING, Booking
from portal.access import STAFF_ROLES
from portal.today import waiting

FROM, UNTIL = 7, 22  # the hours a line shows; what lies outside stands at its edge
MOST_ROOMS = 10


@dataclass(frozen=True, slots=True)
class Bar:
    """A booking on the line: where it begins and how long it is, in parts of a hundred."""

    booking: Booking
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Lines:
    """Rooms with something on today, the hours above them, and how many bookings there are in all."""

    rows: list[tuple[str, str, list[Bar]]]
    hours: list[tuple[int, int]]
    count: int
    left_out: int
    now: int | None


def bookings_for(user: Any, most: int) -> tuple[list[Booking], list[Booking]]:
    """What waits for this user's approval, up to a number, and what is booked today; in one query."""
    day = timezone.localdate()
    taken = Booking.objects.visible_to(user, *STAFF_ROLES).filter(state__in=TAKING)
    taken = taken.between(local(day), local(day + dt.timedelta(days=1)))
    asked, taken = (
        rows.annotate(waits=Value(waits)).select_related("space", "community")
        for rows, waits in ((waiting.bookings(user), True), (taken, False))
    )
    found = list(asked.order_by("starts_at", "pk")[:most].union(taken.order_by(), all=True))
    found.sort(key=lambda one: (one.starts_at, one.pk))
    return [one for one in found if one.waits], [one for one in found if not one.waits]


def rooms_today(bookings: list[Booking]) -> Lines:
    day = timezone.localdate()
    rows: dict[int, tuple[str, str, list[Bar]]] = {}
    for one in bookings:
        href = f"{reverse('admin:rooms_calendar')}?days=1&day={day}&room={one.space_id}"
        row = rows.setdefault(one.space_id, (f"{one.space} · {one.community}", href, []))
        row[2].append(_bar(one))
    shown = list(rows.values())[:MOST_ROOMS]
    hours = [(hour, _part(hour)) for hour in range(8, UNTIL, 3)]
    now = timezone.localtime()
    inside = FROM <= now.hour < UNTIL
    return Lines(
        shown,
        hours,
        len(bookings),
        max(0, len(rows) - MOST_ROOMS),
        _part(now.hour + now.minute / 60) if inside else None,
    )


def _bar(booking: Booking) -> Bar:
    start, end = (_part(_hour(at)) for at in (booking.starts_at, booking.ends_at))
    return Bar(booking, min(start, 98), max(2, end - start))


def _hour(at: dt.datetime) -> float:
    """The hour of today; what began yesterday or ends tomorrow reaches the edge."""
    at, day = timezone.localtime(at), timezone.localdate()
    if at.date() != day:
        return FROM if at.date() < day else UNTIL
    return at.hour + at.minute / 60


def _part(hour: float) -> int:
    return round(100 * (min(max(hour, FROM), UNTIL) - FROM) / (UNTIL - FROM))
