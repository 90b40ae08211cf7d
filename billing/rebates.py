"""Give-back (公益反哺): what providers return to the community for a month (billing-rules 4)."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from billing.blocks import Block
from billing.money import HUNDRED_PERCENT, MONEY, PRICE, QUANTITY, RATE, round_half_away, share_out, to_units
from portal.months import Month, in_force

PERCENT, TIERED, FIXED, IN_KIND = KINDS = ("percent", "tiered", "fixed", "in_kind")
OF_REVENUE = (PERCENT, TIERED)
DUE, HOLIDAY, MISSING, ADJUSTMENT = "due", "holiday", "missing", "adjustment"

_RATE_ONE = 10**RATE
_VALUE_TO_FEN = 10 ** (QUANTITY + PRICE - MONEY)

Tier = tuple[int | None, int]  # up to this revenue (fen; None: no end), rate


class RebateTerm(NamedTuple):
    """One promise to give back; money in fen, rate and unit value in 0.0001, hours in 0.001."""

    ref: str
    agreement_ref: str
    kind: str
    rate: int | None = None
    threshold: int = 0
    floor: int = 0
    cap: int | None = None
    tiers: str = ""
    monthly_amount: int | None = None
    hours: int | None = None
    unit_value: int | None = None
    holiday_until: date | None = None
    welfare_percent: int = 0
    from_month: str = ""
    until_month: str = ""  # from this month on a newer row makes it the promise of another agreement


class Rebate(NamedTuple):
    """One row of give-back; `amount` None where nothing can be computed yet (missing)."""

    month: str
    agreement_ref: str
    term_ref: str
    kind: str
    base: int | None
    amount: int | None
    welfare_amount: int
    value: int | None
    status: str
    explanation: list[dict[str, Any]]


@lru_cache(maxsize=1000)  # a city's agreements have few scales, and each a hundred agreements
def parse_tiers(text: str) -> tuple[Tier, ...]:
    """`50000:0.03|100000:0.05|*:0.08` as limits and rates; the limits rise, the last is `*` (4.7)."""
    tiers: list[Tier] = []
    parts = text.split("|")
    for position, part in enumerate(parts, start=1):
        up_to, colon, rate = part.strip().partition(":")
        if not colon or (up_to.strip() == "*") != (position == len(parts)):
            raise ValueError(f"{text!r}: each tier is limit:rate, the last limit is *")
        limit = None if up_to.strip() == "*" else to_units(up_to.strip(), MONEY)
        tiers.append((limit, to_units(rate.strip(), RATE)))
    limits = [limit for limit, _rate in tiers if limit is not None]
    if (
        sorted(set(limits)) != limits
        or any(limit <= 0 for limit in limits)
        or any(rate < 0 for _, rate in tiers)
    ):
        raise ValueError(f"{text!r}: limits rise from above 0, rates are not negative")
    return tuple(tiers)


def rebates(
    month: Month, terms: Iterable[RebateTerm], *, active: int, revenue: int | None
) -> list[Rebate | Block]:
    """The rows of one agreement for the month being closed (4.1).

    `terms` are all rows of its terms, `active` its days in the month, `revenue` its verified
    revenue of the month or None.
    """
    if not active:
        return []
    return [rebate(term, month, active, revenue) for term in terms_in_force(terms, month)]


def terms_in_force(terms: Iterable[RebateTerm], month: Month) -> list[RebateTerm]:
    """Of each ref the newest row that is not after the month, unless it is another agreement's (4.1)."""
    by_ref: dict[str, list[RebateTerm]] = {}
    for term in terms:
        by_ref.setdefault(term.ref, []).append(term)
    chosen = [in_force(by_ref[ref], month) for ref in sorted(by_ref)]
    return [term for term in chosen if term and not (term.until_month and term.until_month <= month.text)]


def rebate(term: RebateTerm, month: Month, active: int, revenue: int | None) -> Rebate | Block:
    """What one term gives back for the month (4.2–4.8)."""
    base = revenue if term.kind in OF_REVENUE else None
    if _is_holiday(term, month):
        steps = [_holiday_step(term)]
        return _row(term, month, base, 0, HOLIDAY, steps)
    if term.kind == IN_KIND:
        return _in_kind(term, month, active)
    if term.kind in OF_REVENUE and base is None:
        return _row(term, month, None, None, MISSING, [{"rule": "4.5"}])
    due = _due(term, month, active, base or 0)
    if isinstance(due, Block):
        return due
    amount, steps = due
    return _row(term, month, base, amount, DUE, steps)


def adjustments(
    month: Month,
    terms: Iterable[RebateTerm],
    *,
    active: int,
    revenue: int | None,
    settled: int | None,
    posted: Mapping[str, int],
) -> list[Rebate | Block]:
    """Rows for a posted month whose verified revenue is new or another figure since (4.9).

    `month` and `active` are of the month adjusted; `settled` is the verified figure its last posted
    rows were made of (None: it was missing), `posted` what they gave per term ref so far.
    Revenue withdrawn (`revenue` None) changes nothing.
    """
    if not active or revenue is None or revenue == settled:
        return []
    changed = [term for term in terms_in_force(terms, month) if term.kind in OF_REVENUE]
    return [_adjustment(term, month, active, revenue, posted.get(term.ref, 0)) for term in changed]


def _adjustment(term: RebateTerm, month: Month, active: int, revenue: int, posted: int) -> Rebate | Block:
    """Due now less what was posted so far; a holiday month stays at nothing due (4.9)."""
    if _is_holiday(term, month):
        amount, steps = 0, [_holiday_step(term)]
    else:
        due = _due(term, month, active, revenue)
        if isinstance(due, Block):
            return due
        amount, steps = due
    steps.append({"rule": "4.9", "due": amount, "posted": posted})
    return _row(term, month, revenue, amount - posted, ADJUSTMENT, steps)


def _is_holiday(term: RebateTerm, month: Month) -> bool:
    """Within the holiday nothing is due, of any kind (4.2)."""
    return term.holiday_until is not None and month.last <= term.holiday_until


def _holiday_step(term: RebateTerm) -> dict[str, Any]:
    assert term.holiday_until is not None
    return {"rule": "4.2", "holiday_until": term.holiday_until.isoformat()}


def _row(
    term: RebateTerm,
    month: Month,
    base: int | None,
    amount: int | None,
    status: str,
    steps: list[dict[str, Any]],
) -> Rebate:
    """The row with its welfare part (4.10)."""
    welfare = welfare_part(amount, term.welfare_percent) if amount else 0
    if welfare:
        steps.append({"rule": "4.10", "percent": term.welfare_percent, "welfare": welfare})
    return Rebate(
        str(month), term.agreement_ref, term.ref, term.kind, base, amount, welfare, None, status, steps
    )


def welfare_part(amount: int, percent: int) -> int:
    """The welfare fund's part of an amount; on a tie the utility fund gets the fen (4.10)."""
    if not percent:
        return 0
    percent = min(percent, HUNDRED_PERCENT)
    parts = share_out(amount, [HUNDRED_PERCENT - percent, percent])
    return parts[1] if parts else 0


def _in_kind(term: RebateTerm, month: Month, active: int) -> Rebate | Block:
    """Hours at their unit value: a value, never money (4.4)."""
    if term.hours is None or term.unit_value is None:
        return _lacks(term, "hours" if term.hours is None else "unit_value")
    value = round_half_away(term.hours * term.unit_value * active, _VALUE_TO_FEN * month.days)
    step = {
        "rule": "4.4",
        "hours": term.hours,
        "unit_value": term.unit_value,
        "days": [active, month.days],
    }
    row = _row(term, month, None, 0, IN_KIND, [step])
    return row._replace(value=value)


Due = tuple[int, list[dict[str, Any]]]


def _due(term: RebateTerm, month: Month, active: int, base: int) -> Due | Block:
    """The amount of a fixed, percent or tiered term, and the steps that lead to it."""
    days = month.days
    if term.kind == FIXED:
        return _fixed(term, active, days)
    exact = _percent(term, base) if term.kind == PERCENT else _tiered(term, base)
    if isinstance(exact, Block):
        return exact
    return _within_bounds(term, exact, active, days)


def _fixed(term: RebateTerm, active: int, days: int) -> Due | Block:
    """monthly_amount × active days of the month, rounded (4.3)."""
    if term.monthly_amount is None:
        return _lacks(term, "monthly_amount")
    step = {"rule": "4.3", "monthly_amount": term.monthly_amount, "days": [active, days]}
    return round_half_away(term.monthly_amount * active, days), [step]


def _percent(term: RebateTerm, base: int) -> Due | Block:
    """What is above the threshold, times the rate; in ten-thousandths of a fen (4.6)."""
    if term.rate is None:
        return _lacks(term, "rate")
    step = {"rule": "4.6", "base": base, "rate": term.rate}
    if term.threshold:
        step["threshold"] = term.threshold
    return max(0, base - term.threshold) * term.rate, [step]


def _tiered(term: RebateTerm, base: int) -> Due | Block:
    """Each slice of the revenue at its own rate; in ten-thousandths of a fen (4.7)."""
    try:
        tiers = parse_tiers(term.tiers)
    except ValueError:
        return Block("bad_tiers", "term", term.ref, {"term": term.ref, "tiers": term.tiers})
    exact = below = 0
    slices = []
    for up_to, rate in tiers:
        top = base if up_to is None else min(base, up_to)
        if top > below:
            exact += (top - below) * rate
            slices.append([below, top, rate])
            below = top
    return exact, [{"rule": "4.7", "base": base, "slices": slices}]


def _within_bounds(term: RebateTerm, computed: Due, active: int, days: int) -> Due:
    """At least floor × active days, then at most cap, rounded once at the end (4.8)."""
    exact, steps = computed
    numerator, denominator = exact * days, _RATE_ONE * days
    floor = term.floor * active * _RATE_ONE
    if numerator < floor:
        numerator = floor
        steps.append({"rule": "4.8", "floor": term.floor, "days": [active, days]})
    if term.cap is not None and numerator > term.cap * denominator:
        numerator = term.cap * denominator
        steps.append({"rule": "4.8", "cap": term.cap})
    return round_half_away(numerator, denominator), steps


def _lacks(term: RebateTerm, field: str) -> Block:
    return Block("no_figure", "term", term.ref, {"term": term.ref, "field": field})
