"""Sheets to print of a day's bookings: for the doors, and to sign."""

import datetime as dt
from collections import defaultdict
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from facilities.hours import local
from facilities.models import TAKING, Booking, Space
from facilities.views.calendar import day_of
from portal.access import STAFF_ROLES

MOST_ROOMS = 200
FEWEST_LINES, MOST_LINES = 10, 60


def rooms_of_the_day(model_admin: Any, request: HttpRequest) -> dict[str, Any]:
    """Every room of one's regions that can be booked, with what is booked on the day."""
    day = day_of(request.GET.get("day", ""))
    spaces = Space.objects.visible_to(request.user, *STAFF_ROLES).bookable()
    for name, path in (("facility", "facility"), ("room", "pk")):
        if (given := request.GET.get(name, "")).isdecimal() and len(given) < 18:
            spaces = spaces.filter(**{path: int(given)})
    rooms = list(
        spaces.select_related("facility").order_by("community", "facility", "floor", "name")[:MOST_ROOMS]
    )
    taken = Booking.objects.filter(space__in=rooms, state__in=TAKING)
    taken = taken.between(local(day), local(day + dt.timedelta(days=1))).select_related("provider")
    found: dict[int, list[Any]] = defaultdict(list)
    for booking in taken.order_by("starts_at", "pk"):
        lines = min(max(booking.people, FEWEST_LINES), MOST_LINES)
        booking.lines = range(1, lines + 1)  # type: ignore[attr-defined]
        found[booking.space_id].append(booking)
    return {
        "day": day,
        "rooms": [{"space": room, "bookings": found[room.pk]} for room in rooms],
        "any": bool(found),
    }


BOOKINGS = {
    "rooms": (_("房间日程"), rooms_of_the_day, "sheets/rooms.html"),
    "attendance": (_("签到表"), rooms_of_the_day, "sheets/attendance.html"),
}
