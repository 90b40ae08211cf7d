"""Close several houses or rooms for a time, or let them open at the same hours, in one act."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from facilities.bookings.making import lock_spaces
from facilities.bookings.touched import Troubles, in_trouble
from facilities.models import Booking, Closure, Facility, OpeningHours, Space
from portal import audit
from portal.access import Role
from portal.errors import Refused

PLACE_ROLES = (Role.CLERK, Role.REGION_ADMIN)
WHEN = ("kind", "weekday", "opens_at", "closes_at", "season_from", "season_until")
Place = Facility | Space
When = tuple[Any, ...]  # the values of WHEN
Key = tuple[int, int | None]  # the house, and the room if it is one


def bookings_of(places: Sequence[Place]) -> QuerySet[Booking]:
    """Bookings in the houses of these places: a room may take others along."""
    return Booking.objects.filter(space__facility__in={_house(one) for one in places})


@transaction.atomic
def close(
    places: Sequence[Place], start: dt.datetime, end: dt.datetime, reason: str, *, by: Any
) -> list[Closure]:
    """Close places for the same time, for one reason; what is closed like this already stays as it is."""
    _hold(places, by=by)
    same = Closure.objects.filter(facility__in=map(_house, places), starts_at=start, ends_at=end)
    there = set(same.values_list("facility_id", "space_id"))
    made = Closure.objects.bulk_create(
        Closure(facility_id=house, space_id=room, starts_at=start, ends_at=end, reason=reason)
        for house, room in map(_key, places)
        if (house, room) not in there
    )
    _record(made, places, by=by)
    return made


@transaction.atomic
def open_at(places: Sequence[Place], hours: Iterable[OpeningHours], *, by: Any) -> list[OpeningHours]:
    """Add the same hours to places; a room without hours of its own first takes over those of its house."""
    _hold(places, by=by)
    asked, there = [_when(row) for row in hours], _times_there(places)
    rows = []
    for house, room in map(_key, places):
        own = there.get((house, room), [])
        taken_over = there.get((house, None), []) if room and not own else []
        wanted = dict.fromkeys([*taken_over, *asked])
        rows += [
            OpeningHours(facility_id=house, space_id=room, **dict(zip(WHEN, when, strict=True)))
            for when in wanted
            if when not in own
        ]
    made = OpeningHours.objects.bulk_create(rows)
    _record(made, places, by=by)
    return made


def would_touch(places: Sequence[Place], act: Callable[[], object]) -> Troubles:
    """Bookings that an act would leave outside the hours and that are not yet; the act is taken back."""
    rows = bookings_of(places)
    before = {one.booking.pk for one in in_trouble(rows) if "closed" in one.why}
    with transaction.atomic():
        act()
        after = in_trouble(rows)
        transaction.set_rollback(True)
    touched = Troubles(one for one in after if "closed" in one.why and one.booking.pk not in before)
    touched.is_cut = after.is_cut
    return touched


def _times_there(places: Sequence[Place]) -> dict[Key, list[When]]:
    """The hours there are in the houses of these places, by the place that declares them."""
    found: dict[Key, list[When]] = defaultdict(list)
    for row in OpeningHours.objects.filter(facility__in=map(_house, places)).order_by("pk"):
        found[row.facility_id, row.space_id].append(_when(row))
    return found


def _when(row: OpeningHours) -> When:
    return tuple(getattr(row, name) for name in WHEN)


def _hold(places: Sequence[Place], *, by: Any) -> None:
    """Lock what booking locks, so that nobody books a room here while its time changes."""
    if not all(by.holds(one.community_id, *PLACE_ROLES) for one in places):
        raise Refused(_("只有本社区的工作人员可以改。"))
    houses = [one.pk for one in places if isinstance(one, Facility)]
    rooms = [one for one in places if isinstance(one, Space)]
    lock_spaces([*rooms, *Space.objects.filter(facility__in=houses)])


def _house(place: Place) -> int:
    return place.pk if isinstance(place, Facility) else place.facility_id


def _key(place: Place) -> Key:
    """The house, and the room where it is one."""
    return _house(place), None if isinstance(place, Facility) else place.pk


def _record(made: Sequence[Closure | OpeningHours], places: Sequence[Place], *, by: Any) -> None:
    communities = {_key(one): one.community_id for one in places}
    rows = (
        (f"{row._meta.model_name}.added", row, communities[row.facility_id, row.space_id]) for row in made
    )
    audit.record_all(rows, by=by, together=True)
