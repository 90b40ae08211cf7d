"""The provider's desk: what to report, what is owed and why, which rooms are booked."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from billing.models import MonthClose, Revenue
from billing.overview import ZERO
from facilities.models import TAKING, Booking, BookingState
from portal.desk.revenue import RevenueForm, months_to_report, report, reports_of
from portal.desk.statements import agreements_of, balances_of, items_of, totals_of
from portal.months import Month
from services.models import Agreement

SHOWN_MONTHS = 12
SHOWN_BOOKINGS = 6


def _own_agreement(request: HttpRequest, ref: str) -> Agreement:
    _members_only(request)
    return get_object_or_404(agreements_of(request.user), ref=ref)


def _members_only(request: HttpRequest) -> None:
    if not request.user.provider_ids:  # type: ignore[union-attr]
        raise PermissionDenied


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    _members_only(request)
    agreements = list(agreements_of(request.user))
    totals, reports = totals_of(agreements), reports_of(agreements)
    balances = balances_of(request.user.provider_ids)  # type: ignore[union-attr]
    today = timezone.localdate()
    rows = [
        {
            "agreement": agreement,
            "months": [
                (str(month), reports.get((agreement.pk, str(month))))
                for month in months_to_report(agreement, today)
            ],
            "totals": totals[agreement.pk][:SHOWN_MONTHS],
            "balance": balances.get((agreement.provider_id, agreement.community_id)),
        }
        for agreement in agreements
    ]
    coming = list(_coming(request.user)[: SHOWN_BOOKINGS + 1])
    context = {
        "rows": rows,
        "bookings": coming[:SHOWN_BOOKINGS],
        "has_more_bookings": len(coming) > SHOWN_BOOKINGS,
    }
    return render(request, "desk/home.html", context)


def _coming(user: Any) -> QuerySet[Booking]:
    """What is booked in the name of somebody's businesses and not over, the next first."""
    rows = Booking.objects.filter(provider__in=user.provider_ids, ends_at__gt=timezone.now())
    rows = rows.filter(state__in=(*TAKING, BookingState.WAITING))
    return rows.select_related("space__facility__community", "provider").order_by("starts_at", "pk")


@require_GET
def statement(request: HttpRequest, month: str, ref: str) -> HttpResponse:
    agreement = _own_agreement(request, ref)
    closes = MonthClose.objects.published().filter(community=agreement.community_id)
    close = get_object_or_404(closes, month=month)
    items = items_of(agreement, close)
    context = {
        "agreement": agreement,
        "close": close,
        "month": month,
        "items": items,
        "total": sum((item.amount or ZERO for item in items), ZERO),
        "balance": balances_of([agreement.provider_id]).get((agreement.provider_id, agreement.community_id)),
    }
    return render(request, "desk/statement.html", context)


@require_http_methods(["GET", "POST"])
def revenue(request: HttpRequest, month: str, ref: str) -> HttpResponse:
    agreement = _own_agreement(request, ref)
    reported = Month.parse(month)
    if reported not in months_to_report(agreement, timezone.localdate()):
        raise Http404
    row = Revenue.objects.filter(agreement=agreement, month=month).first()
    if request.method == "POST":
        form = RevenueForm(request.POST)
        if form.is_valid():
            report(agreement, reported, form.cleaned_data["amount"], by=request.user)
            messages.success(request, _("收入已提交，等社区核实。核实前可以再改。"))
            return redirect("desk:home")
        return _revenue_page(request, agreement, month, row, form, status=422)
    form = RevenueForm(initial={"amount": row.amount} if row else None)
    return _revenue_page(request, agreement, month, row, form)


def _revenue_page(
    request: HttpRequest,
    agreement: Agreement,
    month: str,
    row: Revenue | None,
    form: RevenueForm,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {"agreement": agreement, "month": month, "row": row, "form": form}
    return render(request, "desk/revenue.html", context, status=status)
