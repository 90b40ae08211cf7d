"""A facility for everybody: its floors and rooms, when it is open, what it still lacks, what stands empty."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from facilities import utilisation
from facilities.hours import Interval, Timetable, merged
from facilities.models import Closure, Facility, Norm, Photo, Project, Space
from facilities.norms import Check, checks_of, norms_for
from facilities.opening import lines_of
from facilities.utilisation import IDLE_AHEAD
from portal.htmx import render_page
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
    found = _found(pk)
    today = timezone.localdate()
    spaces, photos = _spaces(found), _photos(found)
    # The rooms for everybody, or a facility without any: its hours are told all the same.
    table = Timetable.load(spaces or [Space(facility=found)], today, today)
    closures = Closure.objects.filter(facility=found, ends_at__gt=timezone.now()).select_related("space")
    context = {
        **_place(request, found),
        "photos": photos[None][:6],
        "floors": _floors(spaces, photos),
        "rooms": len(spaces),
        "hours": lines_of(table.of_house(found.pk)),
        "today": _today(spaces, today, table),
        "closures": closures.order_by("starts_at")[:5],
        "projects": Project.objects.published().filter(facility=found),
    }
    return render(request, "site/facility.html", context)


@login_not_required
@require_GET
def idle(request: HttpRequest, pk: int) -> HttpResponse:
    """Rooms that are little used, with their next free times: a page, or the part of the facility's."""
    found = _found(pk)
    today = timezone.localdate()
    spaces = _spaces(found)
    table = Timetable.load(spaces, today - LOOK_BACK, today + IDLE_AHEAD)
    context = {
        **_place(request, found),
        "idle": _idle(spaces, today, table, norms_for(found.community_id, today)),
    }
    return render_page(request, "site/facility_idle.html", "site/_facility_idle.html", context)


@login_not_required
@require_GET
def norms(request: HttpRequest, pk: int) -> HttpResponse:
    """What a facility has to have, and how it stands to that."""
    found = _found(pk)
    checks = checks_of(found, norms=norms_for(found.community_id, timezone.localdate()))
    context = {
        **_place(request, found),
        "checks": sorted(checks, key=_unmet_first),
        "met": sum(one.is_met is True for one in checks),
    }
    return render(request, "site/facility_norms.html", context)


def _found(pk: int) -> Facility:
    return get_object_or_404(Facility.objects.select_related("community__region"), pk=pk)


def _place(request: HttpRequest, found: Facility) -> dict[str, Any]:
    community = found.community
    crumbs = crumbs_to(community.region, request.user, is_here=False)
    return {"facility": found, "community": community, "place": community.name, "crumbs": crumbs}


def _spaces(facility: Facility) -> list[Space]:
    rows = facility.spaces.filter(is_public=True).select_related("facility", "zone", "category", "rule")
    return list(rows.order_by("floor", "zone__name", "pk")[:MOST_ROOMS])


def _photos(facility: Facility) -> dict[int | None, list[Photo]]:
    """Photos of the house (None) and of its rooms for everybody, by room."""
    rooms = Q(space__facility=facility, space__is_public=True)
    found: dict[int | None, list[Photo]] = defaultdict(list)
    for photo in Photo.objects.filter(Q(facility=facility) | rooms).order_by("pk"):
        found[photo.space_id].append(photo)
    return found


def _floors(
    spaces: Sequence[Space], photos: Mapping[int | None, list[Photo]]
) -> list[tuple[str, list[tuple[str, list[Card]]]]]:
    """Floor by floor, zone by zone."""
    floors: dict[int, dict[str, list[Card]]] = defaultdict(lambda: defaultdict(list))
    for space in spaces:
        photo = next(iter(photos.get(space.pk, ())), None)
        zone = space.zone.name if space.zone else ""
        floors[space.floor][zone].append(Card(space, photo, hasattr(space, "rule")))
    return [
        (next(iter(zones.values()))[0].space.floor_name, list(zones.items()))
        for _floor, zones in sorted(floors.items())
    ]


def _today(spaces: Sequence[Space], today: dt.date, table: Timetable) -> list[Interval]:
    """When the house is open today: whenever any of its rooms is."""
    opens = [part for space in spaces for part in table.open_on(space.pk, today)]
    return merged(opens)


def _idle(
    spaces: Sequence[Space], today: dt.date, table: Timetable, norms: Sequence[Norm]
) -> list[tuple[Space, list[Interval]]]:
    """Rooms that are little used, with their next free times."""
    day = dt.timedelta(days=1)
    rows = utilisation.use_of(spaces, today - LOOK_BACK, today - day, table)
    limit = next((one.value for one in norms if one.measure == Norm.Measure.USE_SHARE), utilisation.LOW)
    low = [row.space for row in utilisation.low_of(rows, today, limit) if hasattr(row.space, "rule")]
    free = utilisation.idle_of(low[:MOST_IDLE], table)
    return [(space, free[space.pk]) for space in low[:MOST_IDLE] if free[space.pk]]


def _unmet_first(check: Check) -> tuple[int, bool]:
    return {False: 0, None: 1, True: 2}[check.is_met], not check.norm.is_required
