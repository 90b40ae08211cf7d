"""What to offer when a wish cannot be met: a little earlier or later, shorter, a similar room, the next."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.utils import timezone

from facilities.bookings.checking import Availability, Wish, slot_of
from facilities.bookings.refusals import Slot
from facilities.models import Space

NEAR = 20  # minutes
DAYS = 7
MOST = 6


def suggest(wish: Wish, *, by: Any, most: int = MOST) -> list[Slot]:
    """Times that can be booked instead, the nearest to the wish first."""
    similar = similar_rooms(wish)
    today = timezone.localdate()
    first = max(timezone.localtime(wish.start).date(), today)
    found = Availability.load([wish.space, *similar], first, first + dt.timedelta(days=DAYS))
    slots: list[Slot] = []
    for one, how in _ideas(wish, similar, found, first):
        slot = slot_of(one, how)
        if slot not in slots and found.why_not(one, by=by) is None:
            slots.append(slot)
            if how == "next" and sum(other.how == "next" for other in slots) >= 3:
                break
        if len(slots) >= most:
            break
    return slots


def _ideas(
    wish: Wish, similar: list[Space], found: Availability, first: dt.date
) -> Iterator[tuple[Wish, str]]:
    rule = found.rules.get(wish.space.pk)
    if rule is None:
        return
    step = rule.step_minutes
    for offset in range(step, NEAR + 1, step):
        for sign in (1, -1):
            by = dt.timedelta(minutes=sign * offset)
            yield wish.at(wish.start + by, wish.end + by), "moved"
    length = int((wish.end - wish.start).total_seconds()) // 60
    for shorter in range(length - step, max(rule.shortest_minutes, length // 2) - 1, -step):
        yield wish.at(wish.start, wish.start + dt.timedelta(minutes=shorter)), "shorter"
        yield wish.at(wish.end - dt.timedelta(minutes=shorter), wish.end), "shorter"
    for room in similar:
        yield replace(wish, space=room), "similar"
    yield from _later(wish, found, first)


def _later(wish: Wish, found: Availability, first: dt.date) -> Iterator[tuple[Wish, str]]:
    """The first fitting time of each of the next days, beginning with the day of the wish."""
    length = wish.end - wish.start
    for number in range(DAYS + 1):
        for at in found.grid(wish.space, first + dt.timedelta(days=number)):
            if at >= timezone.now() and found.is_free(wish.space.pk, at, at + length):
                yield wish.at(at, at + length), "next"


def similar_rooms(wish: Wish) -> list[Space]:
    """Rooms of the same community for the same function that hold as many."""
    space = wish.space
    rooms = Space.objects.bookable().filter(community=space.community_id, capacity__gte=wish.people)
    rooms = rooms.filter(category=space.category_id).exclude(pk=space.pk)
    if space.is_public:
        rooms = rooms.filter(is_public=True)
    return list(rooms.order_by("capacity", "pk")[:5])
