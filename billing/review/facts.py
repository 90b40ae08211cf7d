"""What the review looks at: the books of the close, and what it would make of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from billing.blocks import Block
from billing.books import AgreementBooks, Books, FacilityBooks, Prices
from billing.computing import MonthResult, compute, share_facility_bill
from billing.loading import load
from billing.loading.chains import load_chains
from billing.sharing_values import Bill, BillSharing
from portal.months import Month


@dataclass(slots=True)
class Facts:
    """One community's month as the review sees it; `sharings` of the bills that are not blocked."""

    month: Month
    books: Books
    prices: Prices
    blocks: list[Block] = field(default_factory=list)
    sharings: dict[str, BillSharing] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return self.books.code

    @property
    def bills(self) -> Iterator[tuple[FacilityBooks, Bill]]:
        for facility in self.books.facilities.values():
            for bill in facility.bills:
                yield facility, bill

    @property
    def agreements(self) -> dict[str, AgreementBooks]:
        return {agreement.ref: agreement for agreement in self.books.agreements}


def gather(month: Month, codes: Sequence[str]) -> list[Facts]:
    """Return the facts of the communities whose month is not posted, by code."""
    books, prices = load(month, load_chains(month, codes), for_review=True)
    facts = [Facts(month, one, prices) for one in books if one.chain.posted < str(month)]
    for one in facts:
        _compute(one)
    return facts


def _compute(facts: Facts) -> None:
    """The month as its close would compute it; of a blocked one the bills that are not."""
    result = compute(facts.month, facts.books, facts.prices)
    if isinstance(result, MonthResult):
        sharings = result.computed.sharings
    else:
        facts.blocks = result
        shared = (
            share_facility_bill(bill, facility, facts.code, facts.prices) for facility, bill in facts.bills
        )
        sharings = tuple(one for one in shared if isinstance(one, BillSharing))
    facts.sharings = {sharing.bill_ref: sharing for sharing in sharings}
