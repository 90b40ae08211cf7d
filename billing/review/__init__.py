"""What looks wrong in a month before anyone closes it; the same queries for 1 or 750 communities."""

from collections.abc import Iterator, Sequence

from billing.review import agreements, bills, meters, revenue
from billing.review.facts import Facts, gather
from billing.review.findings import BLOCKS, CHECK, Finding, make, of_block
from portal.months import Month

__all__ = ["BLOCKS", "CHECK", "Finding", "findings"]


def findings(month: str, codes: Sequence[str]) -> list[Finding]:
    """Return what to look at in communities whose month is not posted: what blocks first, then by place."""
    found = [finding for facts in gather(Month.parse(month), codes) for finding in _of_community(facts)]
    return sorted(set(found), key=lambda one: (one.code, one.severity != BLOCKS, one.kind, one.ref, one.text))


def _of_community(facts: Facts) -> Iterator[Finding]:
    chain = facts.books.chain
    if chain.next and str(facts.month) > chain.next:
        yield make(facts.code, "earlier_month_open", "community", facts.code, earlier=chain.next)
    for block in facts.blocks:
        yield of_block(facts.code, block)
    for topic in (meters, bills, agreements, revenue):
        yield from topic.check(facts)
