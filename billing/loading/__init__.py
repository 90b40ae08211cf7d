"""Load what a batch of communities needs for a month: the same queries for 1 or 750 of them."""

from collections.abc import Iterable, Mapping
from datetime import date

from billing.books import Books, Chain, Prices
from billing.loading.agreements import load_agreements, load_sharing_terms, load_terms
from billing.loading.bills import load_bills
from billing.loading.meters import load_meters
from billing.loading.movements import load_movements
from billing.loading.prices import load_prices
from billing.loading.revenue import load_revenue
from portal.months import Month

__all__ = ["load", "load_sharing"]


def load(
    month: Month, chains: Mapping[str, Chain], *, for_review: bool = False
) -> tuple[list[Books], Prices]:
    """Return the books of each community, by code, and the prices of the regions above them.

    A close does without the readings that its bills cannot come upon; a review looks at all of them, and at
    master meters, revenue in any state and the bills of the month before as well.
    """
    books = {code: Books(code, chain) for code, chain in sorted(chains.items())}
    agreements = load_agreements(books)
    load_terms(agreements)
    load_sharing_terms(books, agreements)
    load_bills(month, books, for_review=for_review)
    load_meters(books, None if for_review else _first_day(month, books), masters=for_review)
    load_revenue(month, books, agreements, for_review=for_review)
    load_movements(month, books)
    return list(books.values()), load_prices(books)


def load_sharing(codes: Iterable[str]) -> tuple[list[Books], Prices]:
    """Return the part of the books that sharing a bill needs: who takes part, by which terms and meters."""
    books = {code: Books(code) for code in sorted(codes)}
    load_sharing_terms(books, load_agreements(books))
    load_meters(books)
    return list(books.values()), load_prices(books)


def _first_day(month: Month, books: dict[str, Books]) -> date:
    """The earliest day that a bill to be shared begins on."""
    facilities = [facility for community in books.values() for facility in community.facilities.values()]
    starts = [bill.period_start for facility in facilities for bill in facility.bills]
    return min([month.first, *starts])
