"""How much the rooms of one's regions are used, and which stand empty and when."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from facilities import utilisation
from facilities.admin.filters import chosen_region, regions_offered
from facilities.hours import Timetable
from facilities.models import Facility, Space, scope_prefix
from facilities.utilisation import IDLE_AHEAD, SpaceUse
from facilities.views.calendar import MOST_ROOMS, admin_page, day_of
from portal.access import STAFF_ROLES

MOST_DAYS = 92
MOST_LOW = 40


@require_GET
def use(request: HttpRequest) -> HttpResponse:
    """Four weeks until yesterday unless asked otherwise, for one's regions or a part of them."""
    first, last = _period(request)
    low = _percent(request.GET.get("low", ""))
    spaces = list(_spaces(request)[: MOST_ROOMS + 1])
    today = timezone.localdate()
    table = Timetable.load(spaces, min(first, today), max(last, today + IDLE_AHEAD))
    rows = utilisation.use_of(spaces[:MOST_ROOMS], first, last, table)
    low_rows = utilisation.low_of(rows, today, low)
    are_low = {row.space.pk for row in low_rows}
    idle = utilisation.idle_of([row.space for row in low_rows[:MOST_LOW]], table)
    context = {
        "first": first,
        "last": last,
        "low": low,
        "total": utilisation.total_of("", [row.use for row in rows]),
        "rows": [(row, row.space.pk in are_low) for row in rows],
        "groups": _groups(rows),
        "low_rows": [(row, idle[row.space.pk]) for row in low_rows[:MOST_LOW]],
        "low_count": len(low_rows),
        "is_cut": len(spaces) > MOST_ROOMS,
        "most": MOST_ROOMS,
        "regions": regions_offered(request.user, request.GET.get("region", "")),
        "region": chosen_region(request),
        "facility": request.GET.get("facility", ""),
        "facilities": _facilities(request),
    }
    return admin_page(request, "facilities/use.html", _("空间利用率"), **context)


def _period(request: HttpRequest) -> tuple[dt.date, dt.date]:
    today = timezone.localdate()
    last = day_of(request.GET["until"]) if request.GET.get("until") else today - dt.timedelta(days=1)
    first = day_of(request.GET["from"]) if request.GET.get("from") else last - dt.timedelta(days=27)
    return min(max(first, last - dt.timedelta(days=MOST_DAYS)), last), last


def _percent(text: str) -> Decimal | None:
    """What is to count as low, if the reader says so; else each community's own limit."""
    return Decimal(min(int(text), 100)) if text.isascii() and text.isdigit() and len(text) < 4 else None


def _spaces(request: HttpRequest) -> Any:
    rows = Space.objects.visible_to(request.user, *STAFF_ROLES)
    if region := chosen_region(request):
        rows = rows.filter(community__region__code__startswith=scope_prefix(region))
    if (facility := request.GET.get("facility", "")).isdecimal() and len(facility) < 18:
        rows = rows.filter(facility=int(facility))
    rows = rows.select_related("facility", "zone", "category", "rule")
    return rows.order_by("community", "facility", "floor", "name")


def _facilities(request: HttpRequest) -> list[Facility]:
    rows = Facility.objects.visible_to(request.user, *STAFF_ROLES).filter(spaces__isnull=False)
    if region := chosen_region(request):
        rows = rows.filter(community__region__code__startswith=scope_prefix(region))
    return list(rows.distinct().only("pk", "name")[:MOST_ROOMS])


def _groups(rows: list[SpaceUse]) -> list[tuple[str, list[utilisation.Use]]]:
    """By function, floor and zone; the house is named where there are several."""
    is_one = len({row.space.facility_id for row in rows}) == 1

    def placed(space: Space, name: Any) -> str:
        return str(name) if is_one else f"{space.facility} · {name}"

    return [
        (_("按功能"), utilisation.by(rows, lambda space: space.category)),
        (_("按楼层"), utilisation.by(rows, lambda space: placed(space, space.floor_name))),
        (_("按分区"), utilisation.by(rows, lambda space: space.zone and placed(space, space.zone))),
    ]
