"""From quantities to money: cost, ceiling, subsidy, the community's part (billing-rules 2.5–2.8)."""

from datetime import date

from billing.money import HUNDRED_PERCENT, MONEY, PRICE, QUANTITY, round_half_away, share_out
from billing.sharing_quantities import Part, Work, weights
from billing.sharing_steps import Step, community_steps, quantity_steps
from billing.sharing_values import (
    BY_LAW,
    CAPPED,
    COMMUNITY,
    ESTIMATED,
    RESIDENTIAL,
    SUBSIDISED,
    Price,
    Share,
    Terms,
)

_PRICED_TO_FEN = 10 ** (QUANTITY + PRICE - MONEY)


def ceiling_price(work: Work, price: Price | None) -> int | None:
    """The residential price to cap by, or None where the bill is not above it (2.6)."""
    bill = work.bill
    asks = any(part.pays and part.terms and part.terms.price_class == RESIDENTIAL for part in work.parts)
    if not asks or not bill.quantity or bill.quantity <= 0 or bill.amount <= 0:
        return None
    if price is None:
        work.block("no_residential_price", utility=bill.utility, on=bill.period_end.isoformat())
        return None
    limit = at_price(bill.quantity, price.unit_price)
    work.explanation["price"] = {
        "unit_price": price.unit_price,
        "region": price.region_code,
        "source": price.source,
        "limit": limit,
    }
    return price.unit_price if bill.amount > limit else None


def at_price(quantity: int, unit_price: int) -> int:
    """A quantity at a price, in fen, rounded (2.6)."""
    return round_half_away(quantity * unit_price, _PRICED_TO_FEN)


def rows(work: Work, ceiling: int | None) -> tuple[Share, ...]:
    """One row per agreement that pays, then the community with all that is left (2.5–2.8)."""
    bill = work.bill
    _share_cost(work)
    days = bill.days
    shares = [_row(work, part, ceiling, days) for part in work.parts if part.pays]
    gross = bill.amount - sum(share.gross for share in shares)
    quantity = None
    if bill.quantity is not None:
        quantity = bill.quantity - sum(share.quantity or 0 for share in shares)
    flags = ESTIMATED if work.community.estimated else ""
    shares.append(Share(COMMUNITY, quantity, gross, 0, gross, flags, "", community_steps(work, gross)))
    return tuple(shares)


def _share_cost(work: Work) -> None:
    """A shared out over quantities, or over weights where there is no quantity (2.5)."""
    everyone = work.everyone
    if work.bill.quantity:
        over, basis = [part.quantity for part in everyone], "quantities"
    else:
        over, basis = weights(everyone), "weights"
        work.explanation["weights"] = sum(over)
    costs = share_out(work.bill.amount, over)
    if costs is None:
        costs, basis = [0] * len(work.parts) + [work.bill.amount], "community"
    work.explanation["cost_over"] = basis
    for part, cost in zip(everyone, costs, strict=True):
        part.cost = cost


def _row(work: Work, part: Part, ceiling: int | None, days: int) -> Share:
    """An agreement's row: never above the residential price (2.6), less its subsidy (2.7)."""
    terms, gross, flags = part.terms, part.cost, []
    assert terms is not None
    steps: list[Step] = quantity_steps(part, days)
    if part.by_law:
        flags.append(BY_LAW)
    if part.estimated:
        flags.append(ESTIMATED)
    if ceiling is not None and terms.price_class == RESIDENTIAL:
        highest = at_price(part.quantity, ceiling)
        if gross > highest:
            steps.append({"rule": "2.6", "cost": gross})
            gross = highest
            flags.append(CAPPED)
    subsidy = _subsidy(gross, terms, work.bill.period_end)
    if subsidy:
        flags.append(SUBSIDISED)
        steps.append({"rule": "2.7", "percent": terms.subsidy_percent})
    quantity = None if work.bill.quantity is None else part.quantity
    fund = terms.subsidy_fund if subsidy else ""
    return Share(part.ref, quantity, gross, subsidy, gross - subsidy, "|".join(flags), fund, steps)


def _subsidy(gross: int, terms: Terms, period_end: date) -> int:
    """A percentage of gross, of a credit too, until the day it ends (2.7)."""
    if not terms.subsidy_percent or (terms.subsidy_until and period_end > terms.subsidy_until):
        return 0
    return round_half_away(gross * terms.subsidy_percent, HUNDRED_PERCENT)
