"""Bills before the close: missing, overlapping, dear, lossy, or shared without an agreement."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from billing.books import FacilityBooks
from billing.models import Utility
from billing.money import HUNDRED_PERCENT, PERCENT, PRICE, QUANTITY, grouped_text, round_half_away, text
from billing.review.facts import Facts
from billing.review.findings import Finding, make
from billing.sharing_values import LUMP_SUM, Bill, Rule
from portal.months import Month

_PRODUCT_TO_FEN = 10 ** (QUANTITY + PRICE - 2)
NEAR = 80  # percent of the cap


def check(facts: Facts) -> Iterator[Finding]:
    yield from _missing(facts)
    for facility in facts.books.facilities.values():
        yield from _periods(facts, facility)
    for facility, bill in facts.bills:
        yield from _loss(facts, facility, bill)
        yield from _price(facts, bill)
        yield from _unsigned(facts, facility, bill)


def _missing(facts: Facts) -> Iterator[Finding]:
    """A facility and utility that had a bill last month and has none in this one."""
    for facility in facts.books.facilities.values():
        here = {bill.utility for bill in facility.bills if Month.of(bill.period_end) == facts.month}
        for utility, last in facility.last_bills.items():
            if utility not in here:
                yield make(
                    facts.code,
                    "missing_bill",
                    "facility",
                    facility.ref,
                    utility=Utility(utility).label,
                    bill=last.ref,
                )


def _periods(facts: Facts, facility: FacilityBooks) -> Iterator[Finding]:
    by_utility: dict[str, list[Bill]] = {}
    for bill in sorted(facility.bills, key=lambda one: (one.period_start, one.ref)):
        by_utility.setdefault(bill.utility, []).append(bill)
    for utility, bills in by_utility.items():
        for one, other in pairwise(bills):
            if other.period_start <= one.period_end:
                yield make(
                    facts.code, "bills_overlap", "facility", facility.ref, bill=one.ref, other=other.ref
                )
        yield from _gap(facts, facility, utility, bills[0])


def _gap(facts: Facts, facility: FacilityBooks, utility: str, first: Bill) -> Iterator[Finding]:
    last = facility.last_bills.get(utility)
    if last and last.ref != first.ref and first.period_start > last.period_end + timedelta(days=1):
        yield make(
            facts.code,
            "period_gap",
            "facility",
            facility.ref,
            bill=first.ref,
            start=first.period_start.isoformat(),
            before=last.period_end.isoformat(),
        )


def _loss(facts: Facts, facility: FacilityBooks, bill: Bill) -> Iterator[Finding]:
    sharing = facts.sharings.get(bill.ref)
    if sharing is None or not bill.quantity:
        return
    measured = sharing.explanation.get("measured", 0)
    if sharing.explanation.get("scaled"):
        yield make(
            facts.code,
            "scaled",
            "bill",
            bill.ref,
            bill=bill.ref,
            measured=grouped_text(measured, QUANTITY),
            quantity=grouped_text(bill.quantity, QUANTITY),
        )
    rule = facility.rule(bill.utility, Month.of(bill.period_end))
    if rule.residual == "loss" and measured:
        yield from _loss_beside_cap(facts, bill, rule, bill.quantity - measured)


def _loss_beside_cap(facts: Facts, bill: Bill, rule: Rule, loss: int) -> Iterator[Finding]:
    lost, allowed = loss * HUNDRED_PERCENT, rule.loss_cap_percent * (bill.quantity or 0)
    if lost * 100 < allowed * NEAR or loss <= 0:
        return
    yield make(
        facts.code,
        "loss_near_cap" if lost <= allowed else "loss_explained",
        "bill",
        bill.ref,
        bill=bill.ref,
        loss=text(round_half_away(100 * 100 * loss, bill.quantity or 1)),
        cap=text(rule.loss_cap_percent, PERCENT).rstrip("0").rstrip("."),
        reason=bill.loss_reason,
    )


def _price(facts: Facts, bill: Bill) -> Iterator[Finding]:
    """A > round(Q × P): the bill is dearer than the residential price."""
    price = facts.prices.residential(facts.code, bill.utility, bill.period_end)
    if price is None or not bill.quantity:
        return
    ceiling = round_half_away(bill.quantity * price.unit_price, _PRODUCT_TO_FEN)
    if bill.amount > ceiling:
        yield make(
            facts.code,
            "above_residential_price",
            "bill",
            bill.ref,
            bill=bill.ref,
            amount=grouped_text(bill.amount),
            ceiling=grouped_text(ceiling),
            over=grouped_text(bill.amount - ceiling),
        )


def _unsigned(facts: Facts, facility: FacilityBooks, bill: Bill) -> Iterator[Finding]:
    """At least one agreement shares with the community, and nobody has signed how."""
    month = Month.of(bill.period_end)
    if facility.rule(bill.utility, month).agreed_on is not None:
        return
    occupants = [one.occupant(bill.utility, month) for one in facility.agreements if one.active(month)]
    sharers = [
        one for one in occupants if (one.terms.method != LUMP_SUM if one.terms else one.area_m2 is not None)
    ]
    if sharers:
        yield make(
            facts.code,
            "unsigned_sharing",
            "facility",
            facility.ref,
            utility=Utility(bill.utility).label,
            count=len(sharers),
        )
