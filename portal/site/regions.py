"""The month of a region, from the city down to one community."""

import re
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, F, Q, QuerySet, Value
from django.db.models.functions import Substr
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from billing.models import CommunityMonth, MonthClose
from billing.overview import Overview, months_below, overviews, roll_up_check, total
from facilities.models import Community, Level, Region
from portal.access import STAFF_ROLES, role_required
from portal.htmx import render_page
from portal.months import PATTERN
from portal.site.places import crumbs_to

PER_PAGE = 50
WORST = 10
LENGTH_BELOW = {Level.PROVINCE: 4, Level.CITY: 6, Level.DISTRICT: 9, Level.STREET: 12, Level.ZONE: 9}


@role_required(*STAFF_ROLES)
@require_GET
def region(request: HttpRequest, code: str) -> HttpResponse:
    place = get_object_or_404(Region.objects.visible_to(request.user), code=code)
    prefixes = place.prefixes_below
    month, months = _month_asked(request, months_below(prefixes))
    context = {
        "region": place,
        "crumbs": crumbs_to(place, request.user),
        "months": months,
        "month": month,
        "check": roll_up_check(prefixes),
        **month_of(place, prefixes, month, request.GET.get("page")),
    }
    return render_page(request, "site/region.html", "site/_region_month.html", context)


def _month_asked(request: HttpRequest, found: dict[str, int]) -> tuple[str, list[str]]:
    """The month asked for or the newest that has figures, and the months to choose from.

    One may come down from a region whose month has begun to one where it has not: that is no error.
    """
    months = list(found)
    newest = next((month for month, posted in found.items() if posted), None)
    month = request.GET.get("month") or newest or (months[0] if months else "")
    if not months or month in months:
        return month, months
    if not re.fullmatch(PATTERN, month):
        raise Http404
    return month, sorted([*months, month], reverse=True)


def month_of(place: Region, prefixes: list[str], month: str, page: str | None) -> dict[str, Any]:
    """The figures of the region and of each region or community below it, in a fixed number of queries."""
    if place.level in (Level.STREET, Level.COMMUNITY):
        return _communities(prefixes, month, page)
    length = LENGTH_BELOW[Level(place.level)]
    found = overviews(month, prefixes, length)
    sizes = _communities_per(prefixes, length)
    rows = [
        (child, found.get(child.prefix, Overview()), sizes.get(child.prefix, 0)) for child in _below(place)
    ]
    return {
        "whole": total(found.values()),
        "size": sum(sizes.values()),
        "page": None,
        "rows": [row for row in rows if row[2]],
        "worst": _worst(prefixes, month),
    }


def _below(place: Region) -> QuerySet[Region]:
    return (place.manages if place.level == Level.ZONE else place.children).order_by("code")


def _communities_per(prefixes: list[str], length: int) -> dict[str, int]:
    """How many communities each region below has."""
    rows = _within(Community.objects.order_by(), "region__code", prefixes)
    keyed = rows.annotate(key=Substr(F("region_id"), 1, Value(length))).values_list("key")
    return dict(keyed.annotate(number=Count("pk")))


def _within(rows: QuerySet, path: str, prefixes: list[str]) -> QuerySet:
    within = Q(pk__in=[])
    for prefix in prefixes:
        within |= Q(**{f"{path}__startswith": prefix})
    return rows.filter(within)


def _communities(prefixes: list[str], month: str, page: str | None) -> dict[str, Any]:
    """The communities of a street, each with the state and the figures of its month."""
    communities = _within(Community.objects.order_by("region"), "region__code", prefixes)
    shown = Paginator(communities, PER_PAGE).get_page(page)
    closes = MonthClose.objects.filter(community__in=[one.pk for one in shown], month=month)
    by_code = {close.community_id: close for close in closes.select_related("figures")}
    found = overviews(month, prefixes, 12)
    return {
        "whole": total(found.values()),
        "size": shown.paginator.count,
        "page": shown,
        "worst": [],
        "communities": [(one, by_code.get(one.pk)) for one in shown],
    }


def _worst(prefixes: list[str], month: str) -> QuerySet[CommunityMonth]:
    """The communities that lack most."""
    posted = CommunityMonth.objects.posted().filter(month=month, closing__lt=0)
    rows = _within(posted, "community__region__code", prefixes)
    return rows.select_related("community__region__parent").order_by("closing")[:WORST]
