"""What a month should bring: a bill for each master meter, a figure for each who gives back by revenue."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from billing.models import Meter, MeterRole, Revenue, Utility, UtilityBill
from billing.workbench.forms import BillForm, RevenueForm
from billing.workbench.place import Place
from billing.workbench.progress import reporting_agreements
from facilities.models import Facility

LETTERS = {Utility.WATER: "W", Utility.ELECTRICITY: "E", Utility.GAS: "G", Utility.HEATING: "H"}


@dataclass(slots=True)
class BillLine:
    """A bill that came, beside the one before it; `form` where it has not come yet."""

    facility: Facility
    utility: str
    bill: UtilityBill | None
    before: UtilityBill | None
    form: BillForm | None = None

    @property
    def utility_name(self) -> Any:
        return Utility(self.utility).label

    @property
    def unit_cost(self) -> Decimal | None:
        """What one unit cost on this bill."""
        if self.bill is None or not self.bill.quantity or self.bill.amount is None:
            return None
        return (self.bill.amount / self.bill.quantity).quantize(Decimal("0.0001"))


def bills(place: Place, data: Mapping[str, Any] | None = None) -> tuple[list[BillLine], list[BillLine]]:
    """Return the bills of the month and those that are missing, with a form each; two queries."""
    masters = Meter.objects.filter(community=place.community, role=MeterRole.MASTER).select_related(
        "facility"
    )
    since = place.month.previous().previous().first
    known = UtilityBill.objects.filter(
        community=place.community, corrects=None, period_end__range=(since, place.month.last)
    ).select_related("facility", "close")
    wanted: dict[tuple[int, str], Facility] = {
        (one.facility_id, one.utility): one.facility for one in masters
    }
    here: list[BillLine] = []
    before: dict[tuple[int, str], UtilityBill] = {}
    for bill in known.order_by("period_end", "ref"):
        key = (bill.facility_id, bill.utility)
        if bill.period_end >= place.month.first:  # type: ignore[operator]
            here.append(BillLine(bill.facility, bill.utility, bill, before.get(key)))
        else:
            wanted[key], before[key] = bill.facility, bill
    came = {(line.facility.pk, line.utility) for line in here}
    missing = [
        BillLine(facility, utility, None, before.get((pk, utility)))
        for (pk, utility), facility in sorted(wanted.items(), key=lambda item: (item[1].ref, item[0][1]))
        if (pk, utility) not in came
    ]
    if place.may_enter:
        for line in missing:
            line.form = _form(place, line, data)
    return here, missing


def _form(place: Place, line: BillLine, data: Mapping[str, Any] | None) -> BillForm:
    """Return a form that already knows the period and proposes a number."""
    start = line.before.period_end + dt.timedelta(days=1) if line.before else place.month.first  # type: ignore[operator]
    bill = UtilityBill(facility=line.facility, utility=line.utility, community=place.community)
    initial = {
        "ref": f"{line.facility.ref}-{LETTERS[Utility(line.utility)]}-{place.month}",
        "period_start": min(start, place.month.last),
        "period_end": place.month.last,
    }
    prefix = f"b{line.facility.pk}{line.utility}"
    return BillForm(data, instance=bill, initial=initial, prefix=prefix, use_required_attribute=False)


@dataclass(slots=True)
class RevenueLine:
    """An agreement that gives back by revenue, with what was reported."""

    agreement: Any
    row: Revenue | None
    before: Revenue | None
    form: RevenueForm | None = None

    @property
    def status(self) -> str:
        return self.row.status if self.row else "missing"


def revenue(place: Place, data: Mapping[str, Any] | None = None) -> list[RevenueLine]:
    """Return a line per agreement that reports, and per figure that came anyway; two queries."""
    month, last = str(place.month), str(place.month.previous())
    reporting = reporting_agreements(place.month).filter(community=place.community)
    wanted = {one.pk: one for one in reporting.select_related("provider", "facility")}
    rows = Revenue.objects.filter(community=place.community, month__in=[month, last])
    now: dict[int, Revenue] = {}
    before: dict[int, Revenue] = {}
    for row in rows.select_related(
        "agreement__provider", "agreement__facility", "submitted_by", "verified_by"
    ):
        (now if row.month == month else before)[row.agreement_id] = row
        if row.month == month:
            wanted.setdefault(row.agreement_id, row.agreement)
    lines = [
        RevenueLine(one, now.get(pk), before.get(pk))
        for pk, one in sorted(wanted.items(), key=lambda item: item[1].ref)
    ]
    if place.may_enter:
        for line in lines:
            initial = {"amount": line.row.amount if line.row else None}
            line.form = RevenueForm(
                data, initial=initial, prefix=f"a{line.agreement.pk}", use_required_attribute=False
            )
    return lines
