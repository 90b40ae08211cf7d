"""A facility for everybody: its floors and rooms, when it is open, what it still lacks, what stands empty."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from facilities import utilisation
from facilities.hours import Interval, Timetable, merged
from facilities.models import Closure, Facility, OpeningHours, Photo, Project, Space
from facilities.norms import Check, checks_of
from facilities.opening import lines_of
from portal.site.places import crumbs_to

LOOK_BACK = dt.timedelta(days=28)
MOST_ROOMS, MOST_IDLE = 120, 6


@dataclass(frozen=True, slots=True)
class Card:
    """A room as it stands on the page of its house."""

    space: Space
    photo: Photo | None
    bookable: bool


@login_not_required
@require_GET
def facility(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Facility.objects.select_related("community__region"), pk=pk)
    spaces = _spaces(found)
    today = timezone.localdate()
    hours = list(OpeningHours.objects.filter(facility=found, space=None))
    closures = Closure.objects.filter(facility=found, ends_at__gt=timezone.now()).select_related("space")
    checks = checks_of(found)
    context = {
        "facility": found,
        "community": found.community,
        "place": found.community.name,
        "crumbs": crumbs_to(found.community.region, request.user, is_here=False),
        "photos": found.photos.all()[:6],
        "floors": _floors(spaces),
        "rooms": len(spaces),
        "hours": lines_of(hours),
        "today": _today(spaces, today),
        "closures": closures.order_by("starts_at")[:5],
        "idle": _idle(spaces, today),
        "checks": sorted(checks, key=_unmet_first),
        "met": sum(one.is_met is True for one in checks),
        "projects": Project.objects.published().filter(facility=found),
    }
    return render(request, "site/facility.html", context)


def _spaces(facility: Facility) -> list[Space]:
    rows = facility.spaces.filter(is_public=True).select_related("facility", "zone", "category", "rule")
    return list(rows.prefetch_related("photos").order_by("floor", "zone__name", "pk")[:MOST_ROOMS])


def _floors(spaces: Sequence[Space]) -> list[tuple[str, list[tuple[str, list[Card]]]]]:
    """Floor by floor, zone by zone."""
    floors: dict[int, dict[str, list[Card]]] = defaultdict(lambda: defaultdict(list))
    for space in spaces:
        photo = next(iter(space.photos.all()), None)
        zone = space.zone.name if space.zone else ""
        floors[space.floor][zone].append(Card(space, photo, hasattr(space, "rule")))
    return [
        (next(iter(zones.values()))[0].space.floor_name, list(zones.items()))
        for _floor, zones in sorted(floors.items())
    ]


def _today(spaces: Sequence[Space], today: dt.date) -> list[Interval]:
    """When the house is open today: whenever any of its rooms is."""
    table = Timetable.load(spaces, today, today)
    opens = [part for space in spaces for part in table.open_on(space.pk, today)]
    return merged(opens)


def _idle(spaces: Sequence[Space], today: dt.date) -> list[tuple[Space, list[Interval]]]:
    """Rooms that are little used, with their next free times."""
    day = dt.timedelta(days=1)
    rows = utilisation.use_of(spaces, today - LOOK_BACK, today - day)
    low = [row.space for row in utilisation.low_of(rows, today) if hasattr(row.space, "rule")]
    free = utilisation.idle_of(low[:MOST_IDLE])
    return [(space, free[space.pk]) for space in low[:MOST_IDLE] if free[space.pk]]


def _unmet_first(check: Check) -> tuple[int, bool]:
    return {False: 0, None: 1, True: 2}[check.is_met], not check.norm.is_required
