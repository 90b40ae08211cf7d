"""Close several houses or rooms for a time, or let them open at the same hours, in one act."""

import datetime as dt
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
Place = Facility | Space


def bookings_of(places: Sequence[Place]) -> QuerySet[Booking]:
    """Bookings in the houses of these places: a room may take others along."""
    return Booking.objects.filter(space__facility__in={_house(one) for one in places})


@transaction.atomic
def close(
    places: Sequence[Place], start: dt.datetime, end: dt.datetime, reason: str, *, by: Any
) -> list[Closure]:
    """Close places for the same time, for one reason; what is closed like this already stays as it is."""
    _hold(places, by=by)
    made = []
    for place in places:
        row, is_new = Closure.objects.get_or_create(
            facility_id=_house(place),
            space=_room(place),
            starts_at=start,
            ends_at=end,
            defaults={"reason": reason},
        )
        if is_new:
            made.append(row)
            _record(row, place, by=by)
    return made


@transaction.atomic
def open_at(places: Sequence[Place], hours: Iterable[OpeningHours], *, by: Any) -> list[OpeningHours]:
    """Add the same hours to places; a room without hours of its own first takes over those of its house."""
    _hold(places, by=by)
    hours, made = list(hours), []
    for place in places:
        for row in [*_taken_over(place), *hours]:
            row, is_new = OpeningHours.objects.get_or_create(
                facility_id=_house(place),
                space=_room(place),
                **{name: getattr(row, name) for name in WHEN},
            )
            if is_new:
                made.append(row)
                _record(row, place, by=by)
    return made


WHEN = ("kind", "weekday", "opens_at", "closes_at", "season_from", "season_until")


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


def _taken_over(place: Place) -> list[OpeningHours]:
    if isinstance(place, Facility) or OpeningHours.objects.filter(space=place).exists():
        return []
    return list(OpeningHours.objects.filter(facility=place.facility_id, space=None))


def _hold(places: Sequence[Place], *, by: Any) -> None:
    """Lock what booking locks, so that nobody books a room here while its time changes."""
    if not all(by.holds(one.community_id, *PLACE_ROLES) for one in places):
        raise Refused(_("只有本社区的工作人员可以改。"))
    houses = [one.pk for one in places if isinstance(one, Facility)]
    rooms = [one for one in places if isinstance(one, Space)]
    lock_spaces([*rooms, *Space.objects.filter(facility__in=houses)])


def _house(place: Place) -> int:
    return place.pk if isinstance(place, Facility) else place.facility_id


def _room(place: Place) -> Space | None:
    return None if isinstance(place, Facility) else place


def _record(row: Any, place: Place, *, by: Any) -> None:
    action = f"{row._meta.model_name}.added"
    audit.record(action, row, by=by, region=place.community_id, pk=row.pk, together=True)
