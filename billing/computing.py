"""Turn one community's books into its month, or into all that blocks it (billing-rules 6). Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from billing import digest
from billing.blocks import Block, in_order
from billing.books import AgreementBooks, Books, FacilityBooks, Prices
from billing.charges import Charge, charges, correction
from billing.export_rows import export_lines
from billing.funds import Computed, FundMonth, fund_month
from billing.rebates import Rebate, adjustments, rebates
from billing.sharing import share_bill, take_back
from billing.sharing_values import Bill, BillSharing
from portal.months import Month

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class MonthResult:
    """A month that can be posted: its rows, its funds, and the digest that seals them."""

    computed: Computed
    funds: FundMonth
    hashes: list[str]
    digest: str


def compute(month: Month, books: Books, prices: Prices) -> MonthResult | list[Block]:
    """Compute a community's month; all of its blocks are found in one go (6.2)."""
    blocks: list[Block] = []
    agreements = sorted(books.agreements, key=lambda one: one.ref)
    computed = Computed(
        opening=books.chain.closing if books.chain.posted else books.opening,
        sharings=tuple(sorted(_sharings(books, prices, blocks), key=lambda one: one.bill_ref)),
        charges=tuple(_kept(_charges(month, agreements, books), blocks)),
        rebates=tuple(_kept(_rebates(month, agreements), blocks)),
        topups=tuple(books.topups),
        transfers=tuple(books.transfers),
    )
    if blocks:
        return in_order(blocks)
    funds = fund_month(computed)
    if funds.blocks:
        return in_order(funds.blocks)
    hashes = digest.row_hashes(export_lines(month, books.code, computed, funds))
    return MonthResult(computed, funds, hashes, digest.chain(books.chain.digest, hashes))


def _kept(rows: Iterable[Row | Block], blocks: list[Block]) -> Iterator[Row]:
    """Rows as they are; blocks go to the list."""
    for row in rows:
        if isinstance(row, Block):
            blocks.append(row)
        else:
            yield row


def _sharings(books: Books, prices: Prices, blocks: list[Block]) -> Iterator[BillSharing]:
    for facility in books.facilities.values():
        for bill in facility.bills:
            yield from _shared(share_facility_bill(bill, facility, books.code, prices), blocks)
    for one in books.taken_back:
        yield from _shared(take_back(one.ref, one.corrects, one.utility, one.shares), blocks)


def _shared(result: BillSharing | list[Block], blocks: list[Block]) -> Iterator[BillSharing]:
    if isinstance(result, BillSharing):
        yield result
    else:
        blocks.extend(result)


def share_facility_bill(
    bill: Bill, facility: FacilityBooks, code: str, prices: Prices
) -> BillSharing | list[Block]:
    """Share a bill among the agreements of its facility, by the terms of the month it ends in."""
    month = Month.of(bill.period_end)
    return share_bill(
        bill,
        [agreement.occupant(bill.utility, month) for agreement in facility.agreements],
        facility.meters.get(bill.utility, ()),
        rule=facility.rule(bill.utility, month),
        price=prices.residential(code, bill.utility, bill.period_end),
    )


def _charges(month: Month, agreements: list[AgreementBooks], books: Books) -> Iterator[Charge | Block]:
    for agreement in agreements:
        if agreement.charge_terms:
            yield from charges(
                month, agreement.charge_terms, active=agreement.active(month), area_m2=agreement.area_m2
            )
    for made in books.corrections:
        yield correction(made)


def _rebates(month: Month, agreements: list[AgreementBooks]) -> Iterator[Rebate | Block]:
    for agreement in agreements:
        terms = agreement.rebate_terms
        if not terms:
            continue
        yield from rebates(month, terms, active=agreement.active(month), revenue=agreement.revenue)
        for late in sorted(agreement.late, key=lambda one: one.month):
            yield from adjustments(
                late.month,
                terms,
                active=agreement.active(late.month),
                revenue=late.amount,
                settled=late.settled,
                posted=late.posted,
            )
