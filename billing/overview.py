"""The month of many communities at a glance: sums per region below one, whatever its level."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Substr

from billing.models import CloseState, CommunityMonth, MonthClose
from facilities.models import Region
from portal.models import AuditEntry

ZERO = Decimal("0.00")
ROLL_UPS_CHECKED = "rollups.checked"  # the action of the nightly comparison, see `billing.schedule`
SUMS = ("bill_out", "recovered_in", "rebate_in", "closing")


@dataclass(slots=True)
class Overview:
    """Posted figures of the communities under one prefix, and how far their month is."""

    bill_out: Decimal = ZERO
    recovered_in: Decimal = ZERO
    rebate_in: Decimal = ZERO
    closing: Decimal = ZERO
    in_shortfall: int = 0
    shortfall: Decimal = ZERO
    states: dict[str, int] = field(default_factory=dict)

    @property
    def income(self) -> Decimal:
        return self.rebate_in + self.recovered_in

    @property
    def coverage(self) -> Decimal | None:
        """(give-back + recovered) / bills; None where nothing was billed."""
        return self.income / self.bill_out if self.bill_out > 0 else None

    @property
    def posted(self) -> int:
        return self.states.get(CloseState.POSTED, 0)

    @property
    def blocked(self) -> int:
        return self.states.get(CloseState.BLOCKED, 0)


def overviews(month: str, prefixes: Iterable[str], length: int) -> dict[str, Overview]:
    """Sum the month by the first `length` digits of the communities' codes; two queries."""
    below = _below(prefixes)
    found: dict[str, Overview] = {}
    posted = CommunityMonth.objects.posted().filter(below, month=month)
    for row in _by_prefix(posted, length).annotate(**_sums()):
        key = row.pop("key")
        found[key] = overview = Overview()
        for name, value in row.items():
            setattr(overview, name.removeprefix("sum_"), value)
    closes = MonthClose.objects.filter(below, month=month)
    for row in _by_prefix(closes, length, "state").annotate(number=Count("pk")):
        found.setdefault(row["key"], Overview()).states[row["state"]] = row["number"]
    return found


def total(rows: Iterable[Overview]) -> Overview:
    """All of them together."""
    whole = Overview()
    for row in rows:
        for name in (*SUMS, "in_shortfall", "shortfall"):
            setattr(whole, name, getattr(whole, name) + getattr(row, name))
        for state, number in row.states.items():
            whole.states[state] = whole.states.get(state, 0) + number
    return whole


def months_below(prefixes: Iterable[str]) -> dict[str, int]:
    """The months that any community under these prefixes has, the newest first, and how many of them posted."""
    found = MonthClose.objects.filter(_below(prefixes)).order_by("-month").values_list("month")
    return dict(found.annotate(posted=Count("pk", filter=Q(state=CloseState.POSTED))))


@dataclass(frozen=True, slots=True)
class RollUpCheck:
    """The latest comparison of region months with a recomputation, as one who may see these prefixes sees it."""

    at: dt.datetime
    differing: list[tuple[str, str]]  # name of the region, month; built anew since
    wrong: list[tuple[str, str]]  # name of the community, month; these stay until somebody looks


def roll_up_check(prefixes: Iterable[str]) -> RollUpCheck | None:
    """What the last night's comparison found below these prefixes; two queries at most."""
    last = AuditEntry.objects.filter(action=ROLL_UPS_CHECKED, region=None).order_by("-pk").first()
    if last is None:
        return None
    within = tuple(prefixes)
    found = {
        kind: [tuple(where.split(" ")[:2]) for where in last.data.get(kind, ()) if where.startswith(within)]
        for kind in ("rows", "wrong")
    }
    codes = {code for places in found.values() for code, _month in places}
    names = dict(Region.objects.filter(pk__in=codes).values_list("pk", "name"))
    differing, wrong = ([(names.get(code, code), month) for code, month in one] for one in found.values())
    return RollUpCheck(last.at, differing, sorted(set(wrong)))


def _below(prefixes: Iterable[str]) -> Q:
    within = Q(pk__in=[])
    for prefix in prefixes:
        within |= Q(community__region__code__startswith=prefix)
    return within


def _by_prefix(rows: QuerySet, length: int, *more: str) -> QuerySet[Any, dict[str, Any]]:
    keyed = rows.annotate(key=Substr(F("community_id"), 1, Value(length)))
    return keyed.order_by().values("key", *more)


def _sums() -> dict[str, Any]:
    short = Q(closing__lt=0)
    return {f"sum_{name}": Sum(name) for name in SUMS} | {
        "in_shortfall": Count("pk", filter=short),
        "shortfall": -Sum("closing", filter=short, default=ZERO),
    }
