"""The first page of a resident: what can be used today, what is booked next, where the money went."""

import datetime as dt
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from billing.models import MonthClose
from facilities.bookings import Availability, Wish
from facilities.bookings.changing import MAY_CANCEL
from facilities.models import Booking, Community, Space
from portal.access import Role
from portal.site.months import lies_in
from residents.models import Resident

MOST_ROOMS = 60  # looked at
FEW = 4  # shown
USUAL = 60  # minutes


class Free(NamedTuple):
    """A room and the first time at which it can be booked."""

    space: Space
    start: dt.datetime
    minutes: int


def lives_here(user: Any) -> bool:
    """Tell whether somebody comes as a resident: in that role, or with no role and no provider at all."""
    return user.role_in_use == Role.RESIDENT or not (
        user.role_in_use or user.is_superuser or user.provider_ids
    )


def community_of(user: Any) -> Community | None:
    """Where somebody registered, else where they hold the role of a resident."""
    rows = Community.objects.select_related("region__parent__parent")
    registered = Resident.objects.known().filter(account=user.pk).values("community")
    if found := rows.filter(pk__in=registered).first():
        return found
    held = user.access_roles.in_force(timezone.localdate()).filter(role=Role.RESIDENT)
    return rows.filter(pk__in=held.values("region")).first()


def page(request: HttpRequest) -> HttpResponse:
    community = community_of(request.user)
    if community is None:
        return redirect("me")
    today = timezone.localdate()
    tomorrow = today + dt.timedelta(days=1)
    found = free_rooms(community, (today, tomorrow), by=request.user)
    mine = Booking.objects.of(request.user).filter(state__in=MAY_CANCEL, ends_at__gt=timezone.now())
    closes = MonthClose.objects.published().filter(community=community).select_related("figures")
    context = {
        "community": community,
        "lies_in": lies_in(community),
        "free": found[today] or found[tomorrow],
        "is_today": bool(found[today]),
        "booking": mine.select_related("space__facility").order_by("starts_at", "pk").first(),
        "close": closes.order_by("-month").first(),
    }
    return render(request, "site/living.html", context)


def free_rooms(community: Community, days: tuple[dt.date, ...], *, by: Any) -> dict[dt.date, list[Free]]:
    """A few rooms of each day, those that can be used soonest first."""
    rooms = Space.objects.filter(community=community, is_public=True).bookable()
    spaces = list(rooms.select_related("facility", "rule", "category").order_by("pk")[:MOST_ROOMS])
    hours = Availability.load(spaces, days[0], days[-1])
    found = {day: [one for space in spaces if (one := _first(hours, space, day, by=by))] for day in days}
    return {day: sorted(ones, key=lambda one: (one.start, one.space.pk))[:FEW] for day, ones in found.items()}


def _first(hours: Availability, space: Space, day: dt.date, *, by: Any) -> Free | None:
    rule = space.rule
    length = max(rule.shortest_minutes, min(USUAL, rule.longest_minutes))
    length = -(-length // rule.step_minutes) * rule.step_minutes
    for start in hours.grid(space, day):
        if hours.why_not(Wish(space, start, start + dt.timedelta(minutes=length)), by=by) is None:
            return Free(space, start, length)
    return None
