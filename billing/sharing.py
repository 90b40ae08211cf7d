"""Sharing one bill among those behind one master meter (billing-rules 2).

`share_bill` is the whole rule: who takes part (2.0), quantities (2.1–2.4, sharing_quantities),
money (2.5–2.8, sharing_money). `take_back` is the correction of a posted bill (2.9).
"""

from collections.abc import Iterable, Mapping, Sequence

from billing.blocks import Block, in_order
from billing.metering import Meter
from billing.money import HUNDRED_PERCENT, ONE
from billing.sharing_money import ceiling_price, rows
from billing.sharing_quantities import begin, measure_all, share_quantities
from billing.sharing_steps import inputs
from billing.sharing_values import (
    AREA,
    BASES,
    REVERSAL,
    SHARED,
    SUBMETER,
    Bill,
    BillSharing,
    Occupant,
    Price,
    Rule,
    Share,
    Terms,
)

NO_RULE = Rule()


def share_bill(
    bill: Bill,
    occupants: Iterable[Occupant],
    meters: Iterable[Meter] = (),
    *,
    rule: Rule = NO_RULE,
    price: Price | None = None,
) -> BillSharing | list[Block]:
    """Share a bill: one row per agreement that pays by it and the community's row, or all its blocks.

    `occupants` are all agreements of the facility, `meters` all its sub-meters of this utility.
    """
    work = begin(bill, rule, occupants)
    work.explanation.update(inputs(bill, rule))
    if rule.residual == "loss" and bill.quantity is None:
        work.block("loss_without_quantity")
    measure_all(work, meters)
    ceiling = ceiling_price(work, price)
    if not work.blocks:
        share_quantities(work)
    if work.blocks:
        return in_order(work.blocks)
    shares = rows(work, ceiling)
    return BillSharing(
        bill_ref=bill.ref,
        utility=bill.utility,
        quantity=bill.quantity,
        amount=bill.amount,
        shares=shares,
        period_end=bill.period_end,
        explanation=work.explanation,
    )


def take_back(
    ref: str, corrects: str, utility: str, posted: Sequence[Share] | None
) -> BillSharing | list[Block]:
    """The rows of a bill that takes a posted one back, each negated (2.9); None: it is not posted."""
    if posted is None:
        return [Block("bill_not_posted", "bill", ref, {"corrects": corrects})]
    shares = tuple(_negated(share, corrects) for share in posted)
    quantities = [share.quantity for share in shares if share.quantity is not None]
    return BillSharing(
        bill_ref=ref,
        utility=utility,
        quantity=sum(quantities) if quantities else None,
        amount=sum(share.gross for share in shares),
        shares=shares,
        explanation={"utility": utility, "rule": "2.9", "corrects": corrects},
    )


def _negated(share: Share, corrects: str) -> Share:
    return Share(
        agreement_ref=share.agreement_ref,
        quantity=None if share.quantity is None else -share.quantity,
        gross=-share.gross,
        subsidy=-share.subsidy,
        amount=-share.amount,
        flags=REVERSAL,
        subsidy_fund=share.subsidy_fund,
        explanation=[{"rule": "2.9", "corrects": corrects}],
    )


def compare_methods(
    bill: Bill,
    occupants: Sequence[Occupant],
    meters: Sequence[Meter] = (),
    *,
    weights: Mapping[str, Mapping[str, int]],
    community_weights: Mapping[str, int] | None = None,
    price: Price | None = None,
) -> dict[str, BillSharing | list[Block]]:
    """One bill by every method side by side, for those who are about to sign.

    `weights` says per basis (head count, hours …) what each agreement would weigh; by area it may
    be left out. A method that cannot be used answers with what is missing.
    """
    all_metered = Rule(residual="loss", loss_cap_percent=HUNDRED_PERCENT)
    compared = {
        SUBMETER: share_bill(bill, _all_by(SUBMETER, occupants), meters, rule=all_metered, price=price)
    }
    for basis in BASES:
        given = weights.get(basis, {})
        if not given and basis != AREA:
            continue
        rule = Rule(basis=basis, community_weight=(community_weights or {}).get(basis, 0))
        compared[basis] = share_bill(bill, _all_by(SHARED, occupants, given), rule=rule, price=price)
    return compared


def _all_by(
    method: str, occupants: Iterable[Occupant], weights: Mapping[str, int] | None = None
) -> list[Occupant]:
    """The same agreements as if all of them had agreed to one method."""
    same = []
    for occupant in occupants:
        agreed = occupant.terms or Terms(method)
        terms = agreed._replace(
            method=method,
            weight=(weights or {}).get(occupant.ref),
            position_factor=ONE,
            frequency_factor=ONE,
        )
        same.append(occupant._replace(terms=terms))
    return same
