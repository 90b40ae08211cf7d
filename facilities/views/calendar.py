"""The staff's calendar: every room of one's regions by day or week, in a fixed number of queries."""

import datetime as dt
from collections import defaultdict
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from facilities import bookings
from facilities.bookings.checking import DECIDING, ENTERING
from facilities.hours import Timetable, days_between, local
from facilities.models import TAKING, Booking, Facility, Space
from portal.access import STAFF_ROLES

MOST_ROOMS = 400


def admin_page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    """Answer with a page inside the admin."""
    request.current_app = admin.site.name
    return TemplateResponse(
        request, template, {**admin.site.each_context(request), "title": title, **context}
    )


def day_of(text: str) -> dt.date:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    today = timezone.localdate()
    return day if day and abs(day - today) < dt.timedelta(days=3650) else today


@require_GET
def week(request: HttpRequest) -> HttpResponse:
    """Rooms down, days across; `days=1` is the day, `room` one room, `facility` one house."""
    length = 1 if request.GET.get("days") == "1" else 7
    day = day_of(request.GET.get("day", ""))
    first = day if length == 1 else day - dt.timedelta(days=day.weekday())
    last = first + dt.timedelta(days=length - 1)
    spaces = _spaces(request)
    table = Timetable.load(spaces, first, last)
    context = {
        "days": days_between(first, last),
        "rows": _rows(request.user, spaces, table, first, last),
        "length": length,
        "day": first,
        "before": first - dt.timedelta(days=length),
        "after": first + dt.timedelta(days=length),
        "facilities": _facilities(request),
        "facility": request.GET.get("facility", ""),
        "room": request.GET.get("room", ""),
        "unknown_years": table.days.unknown_years(first, last),
        "next": request.get_full_path(),
    }
    return admin_page(request, "facilities/calendar.html", _("预约日历"), **context)


def _facilities(request: HttpRequest) -> list[Facility]:
    rows = Facility.objects.visible_to(request.user, *STAFF_ROLES).filter(spaces__isnull=False)
    return list(rows.distinct().only("pk", "name")[:MOST_ROOMS])


def _spaces(request: HttpRequest) -> list[Space]:
    rows = Space.objects.visible_to(request.user, *STAFF_ROLES).select_related("facility", "rule")
    for name, path in (("facility", "facility"), ("room", "pk")):
        if request.GET.get(name, "").isdecimal() and len(request.GET[name]) < 18:
            rows = rows.filter(**{path: int(request.GET[name])})
    return list(rows.order_by("community", "facility", "floor", "name")[:MOST_ROOMS])


def _rows(
    user: Any, spaces: list[Space], table: Timetable, first: dt.date, last: dt.date
) -> list[dict[str, Any]]:
    """One row a room: per day whether it is open, and its bookings with what this user may do."""
    taken = Booking.objects.filter(space__in=spaces, state__in=TAKING)
    taken = taken.between(local(first), local(last + dt.timedelta(days=1))).select_related("booked_by")
    found: dict[tuple[int, dt.date], list[dict[str, Any]]] = defaultdict(list)
    for booking in taken.order_by("starts_at", "pk"):
        day = timezone.localtime(booking.starts_at).date()
        found[booking.space_id, day].append({"booking": booking, "steps": steps_for(booking, user)})
    days = days_between(first, last)
    return [
        {
            "space": space,
            "bookable": hasattr(space, "rule"),
            "cells": [
                {"day": day, "open": bool(table.open_on(space.pk, day)), "bookings": found[space.pk, day]}
                for day in days
            ],
        }
        for space in spaces
    ]


def steps_for(booking: Booking, user: Any) -> list[tuple[str, str]]:
    """What this user may do with a booking now."""
    code, steps = booking.community_id, []
    if booking.state == "requested" and booking.booked_by_id != user.pk and user.holds(code, *DECIDING):
        steps += [("approve", _("同意")), ("reject", _("不同意"))]
    if user.holds(code, *ENTERING):
        now = timezone.now()
        if (
            booking.state == "confirmed"
            and booking.starts_at - dt.timedelta(minutes=30) <= now < booking.ends_at
        ):
            steps.append(("arrive", _("签到")))
        if booking.state in ("held", "requested", "confirmed") and now < booking.ends_at:
            steps.append(("cancel", _("取消")))
    return steps


@require_POST
def step(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve, reject, check in or cancel a booking of one's region."""
    rows = Booking.objects.visible_to(request.user, *STAFF_ROLES).select_related("space")
    booking, what = get_object_or_404(rows, pk=pk), request.POST.get("do", "")
    user: Any = request.user
    if not user.holds(booking.community_id, *(DECIDING if what in ("approve", "reject") else ENTERING)):
        raise PermissionDenied
    if what in ("approve", "reject"):
        bookings.decide(booking, approve=what == "approve", by=user)
    elif what == "arrive":
        bookings.check_in(booking, by=user)
    elif what == "cancel":
        bookings.cancel(booking, by=user)
    messages.success(request, _("已办好。"))
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return redirect(back if safe else reverse("admin:rooms_calendar"))
