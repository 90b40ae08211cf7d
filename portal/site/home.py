"""The first page: for a guest what this is, for everybody else where their work is."""

from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from billing.models import MonthClose
from facilities.models import Level, Region
from facilities.models.regions import short_name
from portal.access import STAFF_ROLES
from portal.site import living
from portal.site.chooser import chosen_page

LATEST = 12


class Door(NamedTuple):
    """A way from the first page to somebody's work."""

    href: str
    icon: str
    title: str
    text: str


@login_not_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return render(request, "site/welcome.html", {"page": chosen_page(request), "q": ""})
    if living.lives_here(request.user):
        return living.page(request)
    doors = doors_of(request.user)
    if len(doors) == 1:
        return redirect(doors[0].href)
    months = MonthClose.objects.visible_to(request.user).select_related("community__region", "figures")
    context = {"doors": doors, "months": months.order_by("-month", "community")[:LATEST]}
    return render(request, "site/home.html", context)


def doors_of(user: Any) -> list[Door]:
    """Every place where this person has something to do, the most used first."""
    doors = []
    if user.is_staff and user.has_role(*STAFF_ROLES):
        doors.append(
            Door(
                reverse("admin:index"), "list-check", _("工作台"), _("抄表、账单、收入、月结，今天要做的事。")
            )
        )
    if user.provider_ids:
        doors.append(
            Door(reverse("desk:home"), "building-store", _("商家账务"), _("申报收入，看对账单和预约。"))
        )
    return [*doors, *(_region_door(region) for region in regions_of(user))]


def regions_of(user: Any) -> list[Region]:
    """The regions of the role in use; an administrator of everything has the cities."""
    if user.is_superuser:
        return list(Region.objects.filter(level=Level.CITY)[:LATEST])
    used = {user.role_in_use}.intersection(STAFF_ROLES)
    held = user.access_roles.in_force(timezone.localdate()).filter(role__in=used)
    return list(Region.objects.filter(code__in=held.values("region"))[:LATEST])


def _region_door(region: Region) -> Door:
    if region.level == Level.COMMUNITY:
        href = reverse("community", args=[region.code])
        return Door(href, "building-community", short_name(region.name), _("这个月的钱从哪里来，到哪里去。"))
    return Door(
        reverse("region", args=[region.code]),
        "map",
        region.name,
        _("各社区收了多少、盖住多少水电、还差多少。"),
    )
