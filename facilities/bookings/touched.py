"""Bookings to come that could not be made any more: hours, closures, rules, rooms or other calendars changed."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from facilities.bookings.checking import COUNTING, Availability, Wish, against_rule, span
from facilities.hours import Interval
from facilities.models import Booking, ExternalCalendar, Space

MOST = 500
RULE = ("rule", "near", "shut")  # what a change of a room or of its rule can bring about


@dataclass(slots=True)
class Trouble:
    """A booking that stands in somebody's way, and why, in words by kind."""

    booking: Booking
    why: dict[str, str] = field(default_factory=dict)


class Troubles(list[Trouble]):
    """Bookings in trouble, and whether there are later ones that nobody looked at."""

    is_cut = False

    @property
    def note(self) -> str:
        """What a number or a list of them must say beside it."""
        return _("只看了最近的 %d 个预约，更晚的没有看。") % MOST if self.is_cut else ""


def in_trouble(rows: QuerySet[Booking]) -> Troubles:
    """Those of the next bookings that today's hours, rules, buffers and other calendars would refuse."""
    coming = rows.filter(ends_at__gt=timezone.now(), state__in=COUNTING)
    coming = coming.select_related("space__facility__community", "booked_by").order_by("starts_at", "pk")
    bookings = list(coming[: MOST + 1])
    is_cut = len(bookings) > MOST
    bookings = bookings[:MOST]
    if not bookings:
        return Troubles()
    spaces = {one.space_id: one.space for one in bookings}
    first, last = (timezone.localtime(at).date() for at in (bookings[0].starts_at, bookings[-1].starts_at))
    found = Availability.load(list(spaces.values()), first, last)
    clashes = _clashes(spaces.values(), found)
    troubles = [Trouble(one, _why(one, found, clashes)) for one in bookings]
    result = Troubles(one for one in troubles if one.why)
    result.is_cut = is_cut
    return result


def _why(
    booking: Booking, found: Availability, clashes: dict[int, list[tuple[Interval, str]]]
) -> dict[str, str]:
    """Why a booking would be refused now; its own occupancy is not in its way."""
    rule, space = found.rules.get(booking.space_id), booking.space
    wish = Wish(space, booking.starts_at, booking.ends_at, booking.people)
    why = {}
    if rule is None:
        why["rule"] = _("这个空间不再开放预约。")
    elif refusal := against_rule(rule, wish):
        why["rule"] = str(refusal)
    if not space.is_public and booking.booked_by and not booking.booked_by.is_staff:
        why["shut"] = _("这个空间不再对居民开放。")
    if not found.is_open(wish):
        why["closed"] = _("不在开放时间里。")
    if rule and not found.is_free(space.pk, wish.start, wish.end, own=booking.pk):
        why["near"] = _("和前后的占用之间留空不够。")
    times = span(rule, wish.start, wish.end) if rule else (wish.start, wish.end)
    names = {name for during, name in clashes[space.pk] if during[0] < times[1] and times[0] < during[1]}
    if names:
        why["clash"] = _("外部日历“%s”也要用这段时间。") % "、".join(sorted(names))
    return why


def _clashes(spaces: Iterable[Space], found: Availability) -> dict[int, list[tuple[Interval, str]]]:
    """By space: times that other calendars of its own parts wanted and did not get, with their names."""
    houses = {space.pk: space.facility_id for space in spaces}
    calendars = ExternalCalendar.objects.in_use().filter(space__facility__in=set(houses.values()))
    by_space: dict[int, list[tuple[Interval, str]]] = {space: [] for space in houses}
    by_leaf = found.timetable.leaves.by_leaf(houses)
    for calendar in calendars.exclude(clashes=[]):
        touching = {
            one for leaf in found.timetable.leaves.of(calendar.space_id) for one in by_leaf.get(leaf, ())
        }
        for space in touching:
            by_space[space] += [(during, calendar.name) for during in calendar.clash_times]
    return by_space
