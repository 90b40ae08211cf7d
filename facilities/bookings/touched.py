"""Bookings that a change of hours, a closure or a day off has left outside the opening hours."""

from collections.abc import Iterable

from django.utils import timezone

from facilities.bookings.checking import Wish, against_rule
from facilities.hours import Timetable, without
from facilities.models import TAKING, Booking, BookingRule, Space

MOST = 500


def against_rules(space: Space) -> list[Booking]:
    """Bookings to come of a space that its rule and capacity, as they are now, would refuse."""
    rule = BookingRule.objects.filter(space=space).first()
    coming = Booking.objects.taking().filter(space=space, ends_at__gt=timezone.now())
    return [
        one
        for one in coming.order_by("starts_at", "pk")[:MOST]
        if rule is None or against_rule(rule, Wish(space, one.starts_at, one.ends_at, one.people))
    ]


def outside_hours(spaces: Iterable[Space]) -> list[Booking]:
    """Bookings to come of these spaces that do not lie within the hours as they are now."""
    spaces = list(spaces)
    rows = Booking.objects.filter(space__in=spaces, state__in=TAKING, ends_at__gt=timezone.now())
    coming = list(rows.select_related("space__facility", "booked_by").order_by("starts_at", "pk")[:MOST])
    if not coming:
        return []
    first, last = (timezone.localtime(one.starts_at).date() for one in (coming[0], coming[-1]))
    table = Timetable.load(spaces, first, last)
    return [
        one
        for one in coming
        if without(
            [(one.starts_at, one.ends_at)],
            table.open_on(one.space_id, timezone.localtime(one.starts_at).date()),
        )
    ]
