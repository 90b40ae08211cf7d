"""Load how far the books of a batch of communities are posted."""

from collections.abc import Iterable

from django.db.models import Max, Min, Q

from billing.books import Chain
from billing.columns import among, units
from billing.funds import FUNDS
from billing.models import CloseState, CommunityMonth, MonthClose
from billing.money import MONEY
from portal.months import Month


def load_chains(month: Month, codes: Iterable[str]) -> dict[str, Chain]:
    """How far each community is, and the closing of its last posted month."""
    chains = {code: Chain() for code in codes}
    ends = (
        MonthClose.objects.filter(among("community_id", chains))
        .values_list("community_id")
        .annotate(first=Min("month"), posted=Max("month", filter=Q(state=CloseState.POSTED)))
    )
    for code, first, posted in ends:
        chains[code].first, chains[code].posted = first, posted or ""
    closings = [units("closing" if fund == "utility" else f"{fund}_closing", MONEY) for fund in FUNDS]
    before = CommunityMonth.objects.filter(
        among("community_id", chains), month=str(month.previous()), close__state=CloseState.POSTED
    )
    for code, digest, last_entry, *amounts in before.values_list(
        "community_id", "close__digest", "close__last_entry", *closings
    ):
        chain = chains[code]
        chain.digest, chain.last_entry = digest, last_entry
        chain.closing = dict(zip(FUNDS, amounts, strict=True))
    return chains
