"""Monthly charges: lump sum, property fee, correction (billing-rules 3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from billing.blocks import Block
from billing.money import AREA, MONEY, RATE, round_half_away
from portal.months import Month, in_force

LUMP_SUM, PROPERTY_FEE, CORRECTION = KINDS = ("lump_sum", "property_fee", "correction")

_AREA_RATE_TO_FEN = 10 ** (AREA + RATE - MONEY)


class ChargeTerm(NamedTuple):
    """What an agreement pays each month; money in fen, area in 0.01, rate in 0.0001."""

    agreement_ref: str
    kind: str
    monthly_amount: int | None = None
    area_m2: int | None = None
    rate: int | None = None
    from_month: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """An amount of either sign for one agreement and fund, with its reason."""

    ref: str
    agreement_ref: str
    on: date
    amount: int
    fund: str
    reason: str = ""


class Charge(NamedTuple):
    """One row of charges; `ref` and `on` are those of a correction, else "" and None."""

    agreement_ref: str
    kind: str
    ref: str
    amount: int
    fund: str
    explanation: list[dict[str, Any]]
    on: date | None = None


def charges(
    month: Month, terms: Iterable[ChargeTerm], *, active: int, area_m2: int | None
) -> list[Charge | Block]:
    """The charges of one agreement active on `active` days of the month; `terms` are all its rows."""
    if not active:
        return []
    by_kind: dict[str, list[ChargeTerm]] = {}
    for term in terms:
        by_kind.setdefault(term.kind, []).append(term)
    rows: list[Charge | Block] = []
    for kind in sorted(by_kind):
        newest = in_force(by_kind[kind], month)
        if newest is not None:
            rows.append(_COMPUTE[kind](newest, month.days, active, area_m2))
    return rows


def lump_sum(term: ChargeTerm, days: int, active: int, area_m2: int | None = None) -> Charge | Block:
    """monthly_amount × active days of the month, rounded (3.1)."""
    if term.monthly_amount is None:
        return _lacks(term, "monthly_amount")
    amount = round_half_away(term.monthly_amount * active, days)
    step = {"rule": "3.1", "monthly_amount": term.monthly_amount, "days": [active, days]}
    return Charge(term.agreement_ref, LUMP_SUM, "", amount, "utility", [step])


def property_fee(term: ChargeTerm, days: int, active: int, area_m2: int | None) -> Charge | Block:
    """area × rate × active days of the month, rounded; the agreement's area if the term has none (3.2)."""
    area = area_m2 if term.area_m2 is None else term.area_m2
    if area is None:
        return Block("no_charge_area", "agreement", term.agreement_ref, {"agreement": term.agreement_ref})
    if term.rate is None:
        return _lacks(term, "rate")
    amount = round_half_away(area * term.rate * active, _AREA_RATE_TO_FEN * days)
    step = {"rule": "3.2", "area_m2": area, "rate": term.rate, "days": [active, days]}
    return Charge(term.agreement_ref, PROPERTY_FEE, "", amount, "property", [step])


_COMPUTE = {LUMP_SUM: lump_sum, PROPERTY_FEE: property_fee}


def correction(made: Correction) -> Charge:
    """A correction is charged as it was decided (3.3)."""
    step = {"rule": "3.3", "reason": made.reason, "fund": made.fund}
    return Charge(made.agreement_ref, CORRECTION, made.ref, made.amount, made.fund, [step], made.on)


def is_above_residential(rate: int, residential_rate: int | None) -> bool:
    """A property rate above the facility's residential one is refused when it is entered (3.2)."""
    return residential_rate is not None and rate > residential_rate


def _lacks(term: ChargeTerm, field: str) -> Block:
    data = {"term": f"{term.agreement_ref} {term.kind}", "field": field}
    return Block("no_figure", "agreement", term.agreement_ref, data)
