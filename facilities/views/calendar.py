"""The staff's calendar: every room of one's regions by day or week, in a fixed number of queries."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from facilities import bookings
from facilities.bookings.checking import DECIDING, ENTERING
from facilities.bookings.touched import MOST, Trouble, in_trouble
from facilities.calendars import importing
from facilities.hours import Timetable, days_between, local
from facilities.models import TAKING, Block, Booking, ExternalCalendar, Facility, Space
from facilities.views import strips, taken
from portal.access import STAFF_ROLES

MOST_ROOMS = 400
STEPS = {"arrive": bookings.check_in, "came": bookings.came_after_all, "cancel": bookings.cancel}
FEW = 12  # rooms whose bookings are told one by one


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
    """Rooms down, days across; `days=1` is the day as a line of time, `room` one room, `facility` one house."""
    length = 1 if request.GET.get("days") == "1" else 7
    day = day_of(request.GET.get("day", ""))
    first = day if length == 1 else day - dt.timedelta(days=day.weekday())
    last = first + dt.timedelta(days=length - 1)
    spaces = _spaces(request)
    table = Timetable.load(spaces, first, last)
    days = days_between(first, last)
    frame = taken.frame_of(table, spaces, days)
    is_full = len(spaces) <= FEW
    rows = _rows(spaces, table, days, frame)
    context = {
        "days": days,
        "frame": frame,
        "rows": rows,
        "is_full": is_full,
        "length": length,
        "day": first,
        "asked_day": day,
        "today": timezone.localdate(),
        "before": first - dt.timedelta(days=length),
        "after": first + dt.timedelta(days=length),
        "facilities": _facilities(request),
        "facility": request.GET.get("facility", ""),
        "room": request.GET.get("room", ""),
        "unknown_years": table.days.unknown_years(first, last),
        "next": request.get_full_path(),
        "has_more": len(spaces) == MOST_ROOMS,
    }
    if is_full:
        _add_bookings(request.user, rows, table, first, last)
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
    spaces: list[Space], table: Timetable, days: list[dt.date], frame: taken.Frame
) -> list[dict[str, Any]]:
    """One row a room, drawn: a strip a day for the week, one line of time for the day."""
    refused = taken.refused_of(spaces, timezone.localdate())
    rows: list[dict[str, Any]] = [
        {
            "space": space,
            "head": taken.head(space, refused.get(space.pk, 0), days[0]),
            "bookable": hasattr(space, "rule"),
            "opening": [table.open_on(space.pk, day) for day in days],
        }
        for space in spaces
    ]
    if len(days) == 1:
        marks = taken.marks_of(spaces, table, days[0], days[0])
        page = reverse("admin:rooms_booking", args=[0])
        for row in rows:
            its = marks.get(row["space"].pk, ())
            row["line"] = taken.line(frame, its, row["opening"][0], days[0], page)
    elif len(spaces) > FEW:
        cells = strips.cells_of(spaces, table, days[0], days[-1])
        for row in rows:
            drawn = [cells.get((row["space"].pk, number)) for number in range(len(days))]
            row["strips"] = strips.strips(frame, drawn, row["opening"])
    return rows


def _add_bookings(
    user: Any, rows: list[dict[str, Any]], table: Timetable, first: dt.date, last: dt.date
) -> None:
    """For a few rooms: what takes them by day, in order, whose it is and what this user may do with it."""
    touching = table.leaves.touching([row["space"].pk for row in rows])
    takers = {row["space"].pk: {row["space"].pk, *touching.get(row["space"].pk, ())} for row in rows}
    items = _items(user, set().union(*takers.values()), first, last)
    for row in rows:
        own = row["space"].pk
        row["cells"] = [
            {
                "day": day,
                "open": bool(row["opening"][number]),
                "items": [
                    {**item, "is_own": item["taker"].pk == own}
                    for item in items[day]
                    if item["taker"].pk in takers[own]
                ],
            }
            for number, day in enumerate(days_between(first, last))
        ]
        row["is_used"] = any(cell["items"] for cell in row["cells"])


def _items(user: Any, spaces: set[int], first: dt.date, last: dt.date) -> dict[dt.date, list[dict[str, Any]]]:
    """Bookings and blocks of these spaces by day, each day the part that lies in it."""
    between = local(first), local(last + dt.timedelta(days=1))
    booked = Booking.objects.filter(space__in=spaces, state__in=TAKING).between(*between)
    blocked = Block.objects.filter(calendar__space__in=spaces).between(*between)
    items: list[dict[str, Any]] = [
        {"booking": one, "taker": one.space, "steps": steps_for(one, user)}
        | {"start": one.starts_at, "end": one.ends_at}
        for one in booked.select_related("booked_by", "space")
    ]
    items += [
        {"block": one, "taker": one.calendar.space, "start": one.starts_at, "end": one.ends_at}
        for one in blocked.select_related("calendar__space")
    ]
    found: dict[dt.date, list[dict[str, Any]]] = defaultdict(list)
    for item in sorted(items, key=lambda item: item["start"]):
        for day in days_between(first, last):
            start, end = max(item["start"], local(day)), min(item["end"], local(day + dt.timedelta(days=1)))
            if start < end:
                found[day].append({**item, "start": start, "end": end})
    return found


@require_GET
def booking(request: HttpRequest, pk: int) -> HttpResponse:
    """One booking of one's region: when, whose, what may be done."""
    rows = Booking.objects.visible_to(request.user, *STAFF_ROLES)
    found = get_object_or_404(rows.select_related("space__facility", "booked_by", "provider"), pk=pk)
    context = {"booking": found, "steps": steps_for(found, request.user), "next": request.get_full_path()}
    return admin_page(request, "facilities/booking.html", _("预约"), **context)


@require_GET
def touched(request: HttpRequest) -> HttpResponse:
    """Bookings that could not be made any more, each with why; for the opening page only how many there are."""
    rows = Booking.objects.visible_to(request.user, *STAFF_ROLES)
    troubles = in_trouble(rows)
    if getattr(request, "htmx", False):
        return render(request, "facilities/_touched_task.html", {"troubles": troubles})
    calendars = ExternalCalendar.objects.in_use().visible_to(request.user, *STAFF_ROLES).exclude(clashes=[])
    context = {
        "items": [
            {"booking": one.booking, "why": one.why.values(), "steps": steps_for(one.booking, request.user)}
            for one in troubles
        ],
        "calendars": _not_by_bookings(calendars.select_related("space__facility"), troubles),
        "most": MOST,
        "next": request.get_full_path(),
    }
    return admin_page(request, "facilities/touched.html", _("要处理的预约"), **context)


def _not_by_bookings(
    calendars: Iterable[ExternalCalendar], troubles: list[Trouble]
) -> list[tuple[ExternalCalendar, list[str]]]:
    """Calendars with times they did not get for another reason than a booking that is listed."""
    named = [one.booking for one in troubles if "clash" in one.why]
    houses = {(one.space.facility_id, one.starts_at, one.ends_at) for one in named}
    found = []
    for calendar in calendars:
        its = [
            time
            for time in calendar.clash_times
            if time[1] > timezone.now()
            and not any(
                house == calendar.space.facility_id and start < time[1] and time[0] < end
                for house, start, end in houses
            )
        ]
        if its:
            found.append((calendar, importing.in_words(its)))
    return found


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
        if booking.state == "no_show" and now - bookings.CORRECTED_WITHIN <= booking.ends_at:
            steps.append(("came", _("更正为已到")))
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
    elif what in STEPS:
        STEPS[what](booking, by=user)
    messages.success(request, _("已办好。"))
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return redirect(back if safe else reverse("admin:rooms_calendar"))
