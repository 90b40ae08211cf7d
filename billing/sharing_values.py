"""What goes into sharing one bill, and what comes out (billing-rules 2).

Plain values: money in fen, quantities in 0.001, weights, factors and prices in 0.0001, areas in
0.01, percents in 0.0001 of a percent. Everything is as it stands for the bill's period.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from billing.money import HUNDRED_PERCENT, ONE

SUBMETER, SHARED, LUMP_SUM = "submeter", "shared", "lump_sum"
AREA, HEADCOUNT, HOURS, EQUIPMENT, POINTS = BASES = ("area", "headcount", "hours", "equipment", "points")
RESIDENTIAL, COST = "residential", "cost"
BY_LAW, ESTIMATED, CAPPED, SUBSIDISED = FLAGS = ("by_law", "estimated", "capped", "subsidised")
REVERSAL = "reversal"
COMMUNITY = ""  # the agreement_ref of the community's own share


class Terms(NamedTuple):
    """What an agreement says about one utility."""

    method: str
    weight: int | None = None
    position_factor: int = ONE
    frequency_factor: int = ONE
    price_class: str = RESIDENTIAL
    subsidy_percent: int = 0
    subsidy_until: date | None = None
    subsidy_fund: str = "utility"
    from_month: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """How a facility shares one utility; the defaults are the rule where none was agreed."""

    basis: str = AREA
    community_weight: int = 0
    residual: str = "share"
    loss_cap_percent: int = HUNDRED_PERCENT // 10
    over_measured: str = "block"
    agreed_on: date | None = None
    from_month: str = ""


class Occupant(NamedTuple):
    """One agreement of the facility, with its terms for this utility in force (None: no terms)."""

    ref: str
    starts_on: date
    ends_on: date | None = None
    area_m2: int | None = None
    terms: Terms | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """The residential price in force on the last day of the period, most specific region first."""

    unit_price: int
    region_code: str = ""
    valid_from: date | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Bill:
    """One supplier's bill for one master meter and period; `quantity` None where there is none."""

    ref: str
    utility: str
    period_start: date
    period_end: date
    amount: int
    quantity: int | None = None
    loss_reason: str = ""

    @property
    def days(self) -> int:
        return (self.period_end - self.period_start).days + 1


class Share(NamedTuple):
    """One row of a shared bill; `agreement_ref` "" is the community."""

    agreement_ref: str
    quantity: int | None
    gross: int
    subsidy: int
    amount: int
    flags: str = ""
    subsidy_fund: str = ""
    explanation: list[dict[str, Any]] = []  # noqa: B006 - never written to


@dataclass(frozen=True, slots=True)
class BillSharing:
    """A shared bill: its rows by agreement, the community last, and what all rows have in common.

    `period_end` is None for a taking back, which has no period of its own.
    """

    bill_ref: str
    utility: str
    quantity: int | None
    amount: int
    shares: tuple[Share, ...]
    period_end: date | None = None
    explanation: dict[str, Any] = field(default_factory=dict)

    @property
    def community(self) -> Share:
        return self.shares[-1]
