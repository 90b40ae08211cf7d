"""A community's published month: where the money came from and where it went."""

from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from billing import reasons
from billing.blocks import Block
from billing.models import Fund, MonthClose, TopUp, Transfer
from billing.overview import ZERO
from billing.statements import charges_of, rebates_of, shares_of
from facilities.models import Community, Facility, Project
from portal.access import STAFF_ROLES
from portal.months import Month
from portal.site.places import crumbs_to

CHART_MONTHS = 12


@dataclass(frozen=True, slots=True)
class OpenMonth:
    """One month of one community as this reader may open it, and what was left in each month."""

    community: Community
    close: MonthClose
    surplus: dict[str, Decimal | None]

    @property
    def months(self) -> list[str]:
        return list(self.surplus)

    @property
    def last_surplus(self) -> list[tuple[str, Decimal]]:
        """What was left of the utility fund in each of the last months, the oldest first."""
        known = [(month, left) for month, left in self.surplus.items() if left is not None]
        return known[:CHART_MONTHS][::-1]

    @property
    def earlier(self) -> str:
        """The month before this one, if it may be opened."""
        before = str(Month.parse(self.close.month).previous())
        return before if before in self.months else ""


def find_community(code: str) -> Community:
    return get_object_or_404(Community.objects.select_related("region__parent__parent"), pk=code)


def lies_in(community: Community) -> str:
    """District and street of a community, as far as they are known."""
    street = community.region.parent
    return " ".join(str(place) for place in (street and street.parent, street) if place)


def open_month(request: HttpRequest, code: str, month: str) -> OpenMonth:
    """The month asked for: published, or of a community where the reader works; else not found."""
    return _month_in(request, find_community(code), month)


def _month_in(request: HttpRequest, community: Community, month: str = "") -> OpenMonth:
    """A month of this community, the latest one where none is named."""
    closes = MonthClose.objects.open_to(request.user).filter(community=community)
    surplus = dict(closes.order_by("-month").values_list("month", "figures__closing"))
    wanted = closes.select_related("figures").annotate(objection_count=Count("objections"))
    close = get_object_or_404(wanted, month=month or next(iter(surplus), ""))
    return OpenMonth(community, close, surplus)


def frame_of(request: HttpRequest, found: OpenMonth) -> dict[str, Any]:
    """What every page of a month shows around its content."""
    return {
        "community": found.community,
        "close": found.close,
        "month": found.close.month,
        "months": found.months,
        "place": found.community.name,
        "place_in": lies_in(found.community),
        "works_here": request.user.is_authenticated
        and request.user.holds(found.community.code, *STAFF_ROLES),
        "crumbs": crumbs_to(found.community.region, request.user),
    }


@login_not_required
@require_GET
def community(request: HttpRequest, code: str) -> HttpResponse:
    """The latest month of a community, or what is still missing."""
    place = find_community(code)
    with suppress(Http404):
        return _page(request, _month_in(request, place))
    context = {
        "community": place,
        "place": place.name,
        "crumbs": crumbs_to(place.region, request.user),
        "projects": Project.objects.published().filter(community=place),
        "facilities": Facility.objects.filter(community=place),
    }
    return render(request, "site/no_month.html", context)


@login_not_required
@require_GET
def community_month(request: HttpRequest, code: str, month: str) -> HttpResponse:
    return _page(request, open_month(request, code, month))


def _page(request: HttpRequest, found: OpenMonth) -> HttpResponse:
    context = frame_of(request, found) | {"earlier": found.earlier}
    figures = getattr(found.close, "figures", None)
    if figures is None:
        blocks = [Block.from_data(block) for block in found.close.blocks]
        return render(request, "site/blocked.html", context | {"blocks": blocks})
    context |= {
        "figures": figures,
        "bill_paid": -figures.bill_out,
        "funds": [(fund, getattr(figures, f"{fund}_closing")) for fund in Fund if fund != Fund.UTILITY],
        "surplus": found.last_surplus,
        "objections": found.close.objection_count,  # type: ignore[attr-defined]
        "projects": Project.objects.published().filter(community=found.community),
        "facilities": Facility.objects.filter(community=found.community),
        **rows_of(found.close),
    }
    return render(request, "site/month.html", context)


def rows_of(close: MonthClose) -> dict[str, Any]:
    """Every row that the month's figures are made of."""
    shares, charges = shares_of(close), charges_of(close)
    return {
        "bills": bills_of(close),
        "shares": [share for share in shares if share.agreement_id],
        "charges": [(charge, reasons.of_charge(charge)) for charge in charges],
        "rebates": rebates_of(close),
        "topups": taken_by(close, TopUp.objects.all()),
        "transfers": taken_by(close, Transfer.objects.all()),
        "subsidies": [share for share in shares if share.subsidy],
    }


def bills_of(close: MonthClose) -> list[dict[str, Any]]:
    """The bills of the month with what each cost: the sum of its shares, also of one taken back."""
    sharings = close.sharings.annotate(cost=Sum("shares__gross"))
    rows = sharings.select_related("bill__facility", "bill__corrects").order_by("bill__ref")
    return [{"bill": sharing.bill, "amount": sharing.cost or ZERO} for sharing in rows]


def taken_by(close: MonthClose, movements: QuerySet) -> QuerySet:
    """Movements that went into a posted month, or would go into one that is not posted yet."""
    own = Q(close=close)
    if not close.is_posted:
        own = Q(close=None, date__lte=Month.parse(close.month).last)
    return movements.filter(own, community=close.community_id).order_by("date", "ref")
