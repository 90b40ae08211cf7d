"""Enter the month by hand: readings, bills and revenue of one community, a page each."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing import revenue as revenues
from billing.models import Revenue
from billing.workbench import expected
from billing.workbench.forms import RevenueForm
from billing.workbench.grid import sheet
from billing.workbench.place import DRAFTING, ENTERING, Place, find, page
from portal import audit, inputs


@require_http_methods(["GET", "POST"])
def readings(request: HttpRequest, code: str, month: str) -> HttpResponse:
    place = _place(request, code, month)
    read_on = _day(request.GET.get("on", ""), place)
    rows = sheet(place, read_on, request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        forms = [row.form for row in rows if row.form]
        saved = _save(request, place, forms, "readings.entered")
        if saved is not None:
            messages.success(request, _("已保存 %(count)s 条读数。") % {"count": saved})
            return HttpResponseRedirect(place.url("books_readings"))
        status = 422
    title = _("%(place)s %(month)s 抄表") % {"place": place.community, "month": place.month.words}
    response = page(
        request, "billing/workbench/readings.html", title, place=place, rows=rows, read_on=read_on
    )
    response.status_code = status
    return response


@require_http_methods(["GET", "POST"])
def bills(request: HttpRequest, code: str, month: str) -> HttpResponse:
    place = _place(request, code, month)
    here, missing = expected.bills(place, request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        saved = _save(request, place, [one.form for one in missing if one.form], "bills.entered")
        if saved is not None:
            messages.success(request, _("已保存 %(count)s 张账单。") % {"count": saved})
            return HttpResponseRedirect(place.url("books_bills"))
        status = 422
    title = _("%(place)s %(month)s 水电账单") % {"place": place.community, "month": place.month.words}
    response = page(request, "billing/workbench/bills.html", title, place=place, here=here, missing=missing)
    response.status_code = status
    return response


@require_http_methods(["GET", "POST"])
def revenue(request: HttpRequest, code: str, month: str) -> HttpResponse:
    place = _place(request, code, month)
    if request.method == "POST" and (request.POST.get("verify") or request.POST.get("reject")):
        return _decide(request, place)
    lines = expected.revenue(place, request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        saved = _report(request, lines)
        if saved is not None:
            messages.success(request, _("已保存 %(count)s 条收入，待会计核实。") % {"count": saved})
            return HttpResponseRedirect(place.url("books_revenue"))
        status = 422
    title = _("%(place)s %(month)s 商家收入") % {"place": place.community, "month": place.month.words}
    response = page(request, "billing/workbench/revenue.html", title, place=place, lines=lines)
    response.status_code = status
    return response


def _place(request: HttpRequest, code: str, month: str) -> Place:
    """Everybody of the region may look; only those who enter may send."""
    return find(request, code, month, *(ENTERING if request.method == "POST" else ()))


def _day(text: str, place: Place) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return place.month.last


@transaction.atomic
def _save(request: HttpRequest, place: Place, forms: Iterable[Any], action: str) -> int | None:
    """Save the rows that were filled in, all or none; None when one of them is wrong."""
    filled = [form for form in forms if form.has_changed()]
    if not all([form.is_valid() for form in filled]):
        messages.error(request, _("没有保存：请改正标出的地方。"))
        return None
    inputs.hold([place.code])
    for form in filled:
        form.save()
    if filled:
        audit.record(
            action,
            str(place.community),
            by=request.user,
            region=place.code,
            month=str(place.month),
            rows=len(filled),
        )
        inputs.changed([place.code], by=request.user)
    return len(filled)


def _report(request: HttpRequest, lines: list[expected.RevenueLine]) -> int | None:
    forms: list[tuple[Any, RevenueForm]] = [(line.agreement, line.form) for line in lines if line.form]
    if not all([form.is_valid() for _agreement, form in forms]):
        messages.error(request, _("没有保存：请改正标出的地方。"))
        return None
    saved = 0
    with transaction.atomic():
        for agreement, form in forms:
            amount = form.cleaned_data["amount"]
            if form.has_changed() and amount is not None:
                revenues.submit(agreement, request.resolver_match.kwargs["month"], amount, by=request.user)  # type: ignore[union-attr]
                saved += 1
    return saved


def _decide(request: HttpRequest, place: Place) -> HttpResponse:
    """Verify or send back one figure; whoever reported it cannot."""
    find(request, place.code, str(place.month), *DRAFTING)
    name = "verify" if request.POST.get("verify") else "reject"
    rows = Revenue.objects.filter(community=place.community, month=str(place.month))
    pk = request.POST[name]
    row = get_object_or_404(rows, pk=int(pk) if pk.isdigit() else 0)
    if name == "verify":
        revenues.verify(row, by=request.user)
        messages.success(request, _("已核实。"))
    else:
        revenues.reject(row, by=request.user)
        messages.success(request, _("已退回。"))
    return HttpResponseRedirect(place.url("books_revenue"))
