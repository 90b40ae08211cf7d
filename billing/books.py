"""What the close of one community's month reads, as plain values (units as in `billing.money`).

`billing.loading` fills it for a batch of communities, `billing.computing` turns it into a month.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from billing.charges import ChargeTerm, Correction
from billing.funds import TopUp, Transfer
from billing.journal import Payment, Receipt
from billing.metering import Meter
from billing.rebates import RebateTerm
from billing.sharing_values import Bill, Occupant, Price, Rule, Share, Terms
from portal.months import Month, in_force, overlap_days

PREFIXES = (12, 9, 6, 4, 2)


class Tariff(NamedTuple):
    """One residential price of a region; sorts by the day it came into force."""

    valid_from: date
    unit_price: int
    source: str


class Prices:
    """The residential prices of all regions above a batch of communities."""

    def __init__(self) -> None:
        self._tariffs: dict[tuple[str, str], list[Tariff]] = defaultdict(list)
        self._found: dict[tuple[str, str, date], Price | None] = {}

    def add(self, region_code: str, utility: str, tariff: Tariff) -> None:
        self._tariffs[region_code, utility].append(tariff)

    def residential(self, code: str, utility: str, on: date) -> Price | None:
        """Return the price in force on a day for the most specific region that has one."""
        key = (code, utility, on)
        if key not in self._found:
            self._found[key] = self._look_up(code, utility, on)
        return self._found[key]

    def _look_up(self, code: str, utility: str, on: date) -> Price | None:
        for region_code in ancestors(code):
            in_time = [one for one in self._tariffs.get((region_code, utility), ()) if one.valid_from <= on]
            if in_time:
                newest = max(in_time)
                return Price(newest.unit_price, region_code, newest.valid_from, newest.source)
        return None


def ancestors(code: str) -> list[str]:
    """Return the code itself and those of the regions above it, the most specific first."""
    return [code[:length].ljust(12, "0") for length in PREFIXES]


@dataclass(slots=True)
class LateRevenue:
    """Verified revenue of a posted month that its rows were not made of yet."""

    month: Month
    amount: int
    settled: int | None = None
    posted: dict[str, int] = field(default_factory=dict)


class Reported(NamedTuple):
    """Revenue of the month, in whatever state."""

    status: str
    amount: int


class LastBill(NamedTuple):
    """A bill of the month before."""

    ref: str
    period_end: date


@dataclass(slots=True)
class AgreementBooks:
    """One agreement with all rows of its terms."""

    id: int
    ref: str
    provider_ref: str
    starts_on: date
    ends_on: date | None
    area_m2: int | None
    utility_terms: dict[str, list[Terms]] = field(default_factory=dict)
    charge_terms: list[ChargeTerm] = field(default_factory=list)
    rebate_terms: list[RebateTerm] = field(default_factory=list)
    revenue: int | None = None
    reported: Reported | None = None
    late: list[LateRevenue] = field(default_factory=list)

    def active(self, month: Month) -> int:
        return overlap_days(month.first, month.last, self.starts_on, self.ends_on)

    def occupant(self, utility: str, month: Month) -> Occupant:
        """Return the agreement as it takes part in a bill that ends in the month."""
        terms = in_force(self.utility_terms.get(utility, ()), month)
        return Occupant(self.ref, self.starts_on, self.ends_on, self.area_m2, terms)


@dataclass(slots=True)
class FacilityBooks:
    """One facility: its agreements, rules and meters by utility, and bills not yet posted.

    `masters` and `last_bills` are what a review compares its bills with.
    """

    ref: str
    property_rate: int | None = None  # of dwellings nearby, the highest that a fee here may be
    agreements: list[AgreementBooks] = field(default_factory=list)
    rules: dict[str, list[Rule]] = field(default_factory=dict)
    meters: dict[str, list[Meter]] = field(default_factory=dict)
    bills: list[Bill] = field(default_factory=list)
    masters: dict[str, list[Meter]] = field(default_factory=dict)
    last_bills: dict[str, LastBill] = field(default_factory=dict)

    def rule(self, utility: str, month: Month) -> Rule:
        return in_force(self.rules.get(utility, ()), month) or Rule()


class TakenBack(NamedTuple):
    """A bill that takes a posted one back; `shares` None: that one is not posted."""

    ref: str
    corrects: str
    utility: str
    shares: list[Share] | None


@dataclass(slots=True)
class Chain:
    """How far a community's months are posted, and how the last one ended."""

    first: str = ""
    posted: str = ""
    digest: str = ""
    closing: Mapping[str, int] = field(default_factory=dict)
    last_entry: int = 0

    @property
    def next(self) -> str:
        """The only month that may be posted now; "" while any may start the chain."""
        return str(Month.parse(self.posted).next()) if self.posted else self.first


@dataclass(slots=True)
class Books:
    """Everything the close of one community's month needs."""

    code: str
    chain: Chain = field(default_factory=Chain)
    facilities: dict[int, FacilityBooks] = field(default_factory=dict)
    taken_back: list[TakenBack] = field(default_factory=list)
    opening: dict[str, int] = field(default_factory=dict)
    topups: list[TopUp] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    ids: "Ids" = field(default_factory=lambda: Ids())

    def facility(self, pk: int, ref: str) -> FacilityBooks:
        """The books of a facility, opened where there are none."""
        if pk not in self.facilities:
            self.facilities[pk] = FacilityBooks(ref)
        return self.facilities[pk]

    @property
    def agreements(self) -> Iterator[AgreementBooks]:
        for facility in self.facilities.values():
            yield from facility.agreements

    @property
    def sharings(self) -> int:
        """How many bills are shared or taken back."""
        return sum(len(facility.bills) for facility in self.facilities.values()) + len(self.taken_back)

    def most_entries(self) -> int:
        """About how many entries the month will have, rather more than fewer."""
        agreements = list(self.agreements)
        terms = sum(len(one.rebate_terms) * (1 + len(one.late)) + len(one.charge_terms) for one in agreements)
        moved = len(self.topups) + len(self.transfers) + len(self.receipts) + len(self.payments)
        return (
            len(self.opening) + terms + self.sharings * (len(agreements) + 1) + len(self.corrections) + moved
        )


@dataclass(slots=True)
class Ids:
    """Database keys of what a month refers to by ref, and of the rows it takes when it is posted."""

    bills: dict[str, int] = field(default_factory=dict)
    agreements: dict[str, int] = field(default_factory=dict)
    providers: dict[str, int] = field(default_factory=dict)
    corrections: dict[str, int] = field(default_factory=dict)
    taken: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    revenue: list[int] = field(default_factory=list)
