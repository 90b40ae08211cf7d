"""Load verified revenue that no posted row was made of yet: of the month itself, and late for posted ones."""

from django.db.models import F, Q

from billing.books import AgreementBooks, Books, LateRevenue, Reported
from billing.columns import among, units
from billing.models import CloseState, Rebate, Revenue, RevenueStatus
from billing.money import MONEY
from portal.months import Month


def load_revenue(
    month: Month, books: dict[str, Books], agreements: dict[int, AgreementBooks], *, for_review: bool
) -> None:
    """Put revenue that waits to be posted into the books; a review also asks for the month's in any state."""
    text = str(month)
    wanted = Q(
        Q(posted_amount=None) | ~Q(posted_amount=F("amount")), status=RevenueStatus.VERIFIED, month__lte=text
    )
    if for_review:
        wanted |= Q(month=text)
    rows = Revenue.objects.filter(wanted, among("community_id", books))
    late: dict[tuple[int, str], LateRevenue] = {}
    for pk, code, agreement_id, of_month, status, amount, posted in rows.values_list(
        "id",
        "community_id",
        "agreement_id",
        "month",
        "status",
        units("amount", MONEY),
        units("posted_amount", MONEY),
    ):
        agreement, community = agreements[agreement_id], books[code]
        if of_month == text:
            agreement.reported = Reported(status, amount)
        if status != RevenueStatus.VERIFIED or amount == posted:
            continue
        if of_month == text:
            agreement.revenue = amount
        elif community.chain.first <= of_month <= community.chain.posted:
            late[agreement_id, of_month] = LateRevenue(Month.parse(of_month), amount)
            agreement.late.append(late[agreement_id, of_month])
        else:
            continue
        community.ids.revenue.append(pk)
    _posted_rebates(late)


def _posted_rebates(late: dict[tuple[int, str], LateRevenue]) -> None:
    """What the terms of late revenue have given back for its month so far, and of which figure."""
    if not late:
        return
    rows = Rebate.objects.filter(
        among("agreement_id", {agreement_id for agreement_id, _month in late}),
        among("month", {text for _agreement, text in late}),
        close__state=CloseState.POSTED,
    ).order_by("close__month")
    for agreement_id, text, term_ref, base, amount in rows.values_list(
        "agreement_id", "month", "term_ref", units("base", MONEY), units("amount", MONEY)
    ):
        revenue = late.get((agreement_id, text))
        if revenue is not None:
            revenue.posted[term_ref] = revenue.posted.get(term_ref, 0) + (amount or 0)
            if base is not None:
                revenue.settled = base
