"""What the review looks at: the books of the close, and what stands beside them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from billing.blocks import Block
from billing.books import AgreementBooks, Books, FacilityBooks, Prices
from billing.columns import units
from billing.computing import MonthResult, compute, share_facility_bill
from billing.loading import load
from billing.loading_chains import load_chains
from billing.metering import KINDS, Meter, Reading, in_order
from billing.models import Meter as MeterRow
from billing.models import MeterRole, Revenue, UtilityBill
from billing.models import Reading as ReadingRow
from billing.money import MONEY, PRICE, QUANTITY, WEIGHT
from billing.sharing_values import Bill, BillSharing
from facilities.models import Facility
from portal.months import Month

# A facility's ref and a utility: what has one master meter.
Connection = tuple[str, str]


class LastBill(NamedTuple):
    """A bill of the month before."""

    ref: str
    period_end: date


class Reported(NamedTuple):
    """Revenue of the month, in whatever state."""

    status: str
    amount: int


@dataclass(slots=True)
class Facts:
    """One community's month as the review sees it; `sharings` of the bills that are not blocked."""

    month: Month
    books: Books
    prices: Prices
    blocks: list[Block] = field(default_factory=list)
    sharings: dict[str, BillSharing] = field(default_factory=dict)
    masters: dict[Connection, list[Meter]] = field(default_factory=lambda: defaultdict(list))
    last_bills: dict[Connection, LastBill] = field(default_factory=dict)
    revenue: dict[str, Reported] = field(default_factory=dict)
    property_rates: dict[str, int | None] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return self.books.code

    @property
    def bills(self) -> Iterator[tuple[FacilityBooks, Bill]]:
        for facility in self.books.facilities.values():
            for bill in facility.bills:
                yield facility, bill

    @property
    def agreements(self) -> dict[str, AgreementBooks]:
        return {agreement.ref: agreement for agreement in self.books.agreements}


def gather(month: Month, codes: Sequence[str]) -> list[Facts]:
    """Return the facts of the communities whose month is not posted, by code."""
    books, prices = load(month, load_chains(month, codes))
    open_ones = [one for one in books if one.chain.posted < str(month)]
    facts = {one.code: Facts(month, one, prices) for one in open_ones}
    for one in facts.values():
        _compute(one)
    _masters(facts)
    _last_bills(month, facts)
    _revenue(month, facts)
    _property_rates(facts)
    return list(facts.values())


def _compute(facts: Facts) -> None:
    """The month as its close would compute it; of a blocked one the bills that are not."""
    result = compute(facts.month, facts.books, facts.prices)
    if isinstance(result, MonthResult):
        sharings = result.computed.sharings
    else:
        facts.blocks = result
        shared = (
            share_facility_bill(bill, facility, facts.code, facts.prices) for facility, bill in facts.bills
        )
        sharings = tuple(one for one in shared if isinstance(one, BillSharing))
    facts.sharings = {sharing.bill_ref: sharing for sharing in sharings}


def _masters(facts: dict[str, Facts]) -> None:
    of_masters = {"meter__community__in": facts.keys(), "meter__role": MeterRole.MASTER}
    readings: dict[int, list[Reading]] = defaultdict(list)
    for pk, read_on, kind, value in (
        ReadingRow.objects.filter(**of_masters)
        .order_by()
        .values_list("meter_id", "read_on", "kind", units("value", QUANTITY))
    ):
        readings[pk].append(Reading(read_on, KINDS[kind], value))
    rows = MeterRow.objects.filter(community__in=facts.keys(), role=MeterRole.MASTER)
    for code, facility_ref, utility, pk, ref, multiplier, digits in rows.values_list(
        "community_id", "facility__ref", "utility", "id", "ref", units("multiplier", WEIGHT), "digits"
    ):
        meter = Meter(ref, in_order(readings[pk]), "", multiplier, digits)
        facts[code].masters[facility_ref, utility].append(meter)


def _last_bills(month: Month, facts: dict[str, Facts]) -> None:
    rows = UtilityBill.objects.filter(
        community__in=facts.keys(), period_end__range=month.previous().bounds
    ).order_by("period_end", "ref")
    for code, facility_ref, utility, *values in rows.values_list(
        "community_id", "facility__ref", "utility", "ref", "period_end"
    ):
        facts[code].last_bills[facility_ref, utility] = LastBill(*values)


def _revenue(month: Month, facts: dict[str, Facts]) -> None:
    rows = Revenue.objects.filter(community__in=facts.keys(), month=str(month))
    for code, agreement_ref, *values in rows.values_list(
        "community_id", "agreement__ref", "status", units("amount", MONEY)
    ):
        facts[code].revenue[agreement_ref] = Reported(*values)


def _property_rates(facts: dict[str, Facts]) -> None:
    rows = Facility.objects.filter(community__in=facts.keys())
    for code, ref, rate in rows.values_list("community_id", "ref", units("residential_property_rate", PRICE)):
        facts[code].property_rates[ref] = rate
