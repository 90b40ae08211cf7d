"""How far the inputs of a month are, for many communities in three queries."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import DateField, Exists, OuterRef, Value

from billing.metering import LATENESS
from billing.models import (
    Meter,
    MeterRole,
    Reading,
    ReadingKind,
    RebateKind,
    RebateTerm,
    Revenue,
    RevenueStatus,
    UtilityBill,
)
from portal.months import Month
from services.models import Agreement

BY_REVENUE = (RebateKind.PERCENT, RebateKind.TIERED)


@dataclass(slots=True)
class Step:
    """So many of so many."""

    done: int = 0
    wanted: int = 0
    waiting: int = 0  # there, but not yet verified

    @property
    def is_done(self) -> bool:
        return self.done >= self.wanted

    @property
    def is_empty(self) -> bool:
        return not self.wanted and not self.done

    @property
    def missing(self) -> int:
        return max(0, self.wanted - self.done)


@dataclass(slots=True)
class Progress:
    """What was entered for a community's month, and what is still expected."""

    readings: Step = field(default_factory=Step)
    bills: Step = field(default_factory=Step)
    revenue: Step = field(default_factory=Step)


def read_window(month: Month) -> tuple[dt.date, dt.date]:
    """Dates of readings that count for the month: readers come a little late (1.1)."""
    return month.first + LATENESS, month.last + LATENESS


def progress(month: Month, codes: Iterable[str]) -> dict[str, Progress]:
    """Return the progress of each community."""
    found = {code: Progress() for code in codes}
    _count_readings(month, found)
    _count_bills(month, found)
    _count_revenue(month, found)
    return found


def meters_in_use(month: Month) -> Any:
    """Sub-meters that were not handed over before the month, and whether they were read in it."""
    start, end = read_window(month)
    readings = Reading.objects.filter(meter=OuterRef("pk"))
    closed = readings.filter(kind=ReadingKind.FINAL, read_on__lt=start)
    return (
        Meter.objects.filter(role=MeterRole.SUBMETER)
        .exclude(Exists(closed))
        .annotate(
            is_read=Exists(readings.filter(read_on__range=(start, end)).exclude(kind=ReadingKind.INITIAL))
        )
    )


def _count_readings(month: Month, found: dict[str, Progress]) -> None:
    meters = meters_in_use(month).filter(community__in=list(found))
    for code, is_read in meters.values_list("community_id", "is_read"):
        step = found[code].readings
        step.wanted += 1
        step.done += is_read


def _count_bills(month: Month, found: dict[str, Progress]) -> None:
    """A bill is expected for each master meter, or for what was billed the month before."""
    here = {"community__in": list(found)}
    key = ("community_id", "facility_id", "utility")
    masters = Meter.objects.filter(role=MeterRole.MASTER, **here).order_by()
    bills = UtilityBill.objects.filter(period_end__range=(month.previous().first, month.last), **here)
    rows = masters.values_list(*key, Value(None, DateField())).union(
        bills.order_by().values_list(*key, "period_end"), all=True
    )
    expected: set[tuple[str, int, str]] = set()
    came: Counter[tuple[str, int, str]] = Counter()
    for code, facility, utility, ends_on in rows:
        expected.add((code, facility, utility))
        if ends_on and ends_on >= month.first:
            came[code, facility, utility] += 1
    for one in expected:
        step = found[one[0]].bills
        step.wanted += 1
        step.done += bool(came[one])


def reporting_agreements(month: Month) -> Any:
    """Agreements running in the month whose give-back depends on revenue."""
    terms = RebateTerm.objects.filter(
        agreement=OuterRef("pk"), kind__in=BY_REVENUE, from_month__lte=str(month)
    )
    return Agreement.objects.running_in(*month.bounds).filter(Exists(terms))


def _count_revenue(month: Month, found: dict[str, Progress]) -> None:
    rows = Revenue.objects.filter(agreement=OuterRef("pk"), month=str(month))
    agreements = (
        reporting_agreements(month)
        .filter(community__in=list(found))
        .annotate(
            is_verified=Exists(rows.filter(status=RevenueStatus.VERIFIED)),
            is_waiting=Exists(rows.filter(status=RevenueStatus.SUBMITTED)),
        )
    )
    for code, is_verified, is_waiting in agreements.values_list("community_id", "is_verified", "is_waiting"):
        step = found[code].revenue
        step.wanted += 1
        step.done += is_verified
        step.waiting += is_waiting
