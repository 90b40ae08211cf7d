"""Load the bills that no month has taken yet, and those that take one back."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, Value
from django.db.models.functions import Coalesce, JSONObject

from billing.books import Books, FacilityBooks, LastBill, TakenBack
from billing.columns import among, units
from billing.models import Share as ShareRow
from billing.models import UtilityBill
from billing.money import MONEY, QUANTITY
from billing.sharing_values import Bill, Share
from portal.months import Month


def load_bills(month: Month, books: dict[str, Books], *, for_review: bool) -> None:
    """Bills no month has taken yet that end in this month or before it, and those that take one back.

    A review also asks which bills ended in the month before, whatever became of them.
    """
    wanted = Q(close=None) & (Q(period_end__lte=month.last) | Q(corrects__isnull=False))
    if for_review:
        wanted |= Q(period_end__range=month.previous().bounds)
    rows = UtilityBill.objects.filter(wanted, among("community_id", books)).order_by("ref")
    for code, facility_id, facility_ref, close_id, pk, ref, utility, *row in rows.values_list(
        "community_id",
        "facility_id",
        "facility__ref",
        "close_id",
        "id",
        "ref",
        "utility",
        "corrects__ref",
        "corrects__close_id",
        _posted_shares(),
        "period_start",
        "period_end",
        units("amount", MONEY),
        units("quantity", QUANTITY),
        "loss_reason",
    ):
        corrects, corrects_close, shares, *figures = row
        community = books[code]
        if corrects is None:
            facility = community.facility(facility_id, facility_ref)
            bill = Bill(ref, utility, *figures)
            _note_last(month, facility, bill)
            if close_id is None:
                facility.bills.append(bill)
        else:
            posted = None if corrects_close is None else [Share(**one) for one in shares]
            community.taken_back.append(TakenBack(ref, corrects, utility, posted))
        if close_id is None:
            community.ids.bills[ref] = pk
            community.ids.taken["bill"].append(pk)


def _posted_shares() -> ArraySubquery:
    """The shares of the bill that a bill takes back, the community's last."""
    shares = ShareRow.objects.filter(sharing__bill=OuterRef("corrects")).order_by(
        F("agreement__ref").asc(nulls_last=True)
    )
    return ArraySubquery(
        shares.values_list(
            JSONObject(
                agreement_ref=Coalesce("agreement__ref", Value("")),
                quantity=units("quantity", QUANTITY),
                gross=units("gross", MONEY),
                subsidy=units("subsidy", MONEY),
                amount=units("amount", MONEY),
                subsidy_fund="subsidy_fund",
            )
        )
    )


def _note_last(month: Month, facility: FacilityBooks, bill: Bill) -> None:
    """Keep the last bill that ended in the month before, by utility."""
    before = month.previous()
    last = facility.last_bills.get(bill.utility)
    if before.first <= bill.period_end <= before.last and (
        last is None or last.period_end <= bill.period_end
    ):
        facility.last_bills[bill.utility] = LastBill(bill.ref, bill.period_end)
