"""Every community of the user in one month: how far it is, and what is next."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from billing.models import CloseState, MonthClose
from billing.overview import roll_up_check
from billing.timely import has_begun
from billing.workbench.place import DRAFTING, page, parse_month, usual_month
from billing.workbench.progress import progress
from facilities.models import Community, Level, Region
from portal.access import STAFF_ROLES

PER_PAGE = 30


@require_GET
def books(request: HttpRequest) -> HttpResponse:
    asked, state = request.GET.get("q", "").strip(), request.GET.get("state", "")
    communities = Community.objects.visible_to(request.user, *STAFF_ROLES).select_related("region__parent")
    chosen = request.GET.get("month")
    month = parse_month(chosen) if chosen else usual_month(communities)
    if asked:
        communities = communities.filter(
            Q(name__icontains=asked)
            | Q(region__code__startswith=asked)
            | Q(region__parent__name__icontains=asked)
        )
    if state in CloseState.values:
        communities = communities.filter(closes__month=str(month), closes__state=state)
    rows = Paginator(communities.order_by("region"), PER_PAGE).get_page(request.GET.get("page"))
    codes = [community.code for community in rows]
    closes = {
        close.community_id: close
        for close in MonthClose.objects.filter(month=str(month), community__in=codes)
    }
    steps = progress(month, codes)
    return page(
        request,
        "billing/workbench/books.html",
        _("每月账"),
        month=month,
        states=CloseState.choices,
        asked=asked,
        chosen=state,
        rows=rows,
        check=roll_up_check(_prefixes(request.user)),
        regions=_regions_to_draft(request.user) if has_begun(month) else [],
        lines=[(one, closes.get(one.code), steps[one.code]) for one in rows],
    )


def _prefixes(user: Any) -> list[str]:
    return [""] if user.is_superuser else user.region_prefixes(*STAFF_ROLES)


def _regions_to_draft(user: Any) -> list[Region]:
    """Return the regions whose drafts the user may order in one go: those of more than one community."""
    prefixes = user.region_prefixes(*DRAFTING)
    tops = Region.objects.exclude(level=Level.COMMUNITY)
    if user.is_superuser:
        return list(tops.filter(level=Level.CITY))
    return list(tops.filter(prefix__in=prefixes)) if prefixes else []
