"""Load what a batch of communities needs for a month: the same queries for 1 or 500 of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from billing.books import (
    AgreementBooks,
    Books,
    Chain,
    FacilityBooks,
    LateRevenue,
    Prices,
    TakenBack,
    Tariff,
    ancestors,
)
from billing.charges import ChargeTerm, Correction
from billing.columns import among, units
from billing.funds import TopUp, Transfer
from billing.journal import Payment, Receipt
from billing.loading_readings import load_readings
from billing.metering import Meter
from billing.models import (
    ChargeTerm as ChargeTermRow,
)
from billing.models import (
    CloseState,
    MeterRole,
    OpeningBalance,
    PriceClass,
    Rebate,
    Revenue,
    RevenueStatus,
    SharingRule,
    UtilityBill,
    UtilityTerm,
)
from billing.models import Correction as CorrectionRow
from billing.models import Meter as MeterRow
from billing.models import Payment as PaymentRow
from billing.models import RebateTerm as RebateTermRow
from billing.models import Receipt as ReceiptRow
from billing.models import Share as ShareRow
from billing.models import Tariff as TariffRow
from billing.models import TopUp as TopUpRow
from billing.models import Transfer as TransferRow
from billing.money import AREA, MONEY, PERCENT, PRICE, QUANTITY, WEIGHT
from billing.rebates import RebateTerm
from billing.sharing_values import Bill, Rule, Share, Terms
from portal.months import Month
from services.models import Agreement

OPEN_START = date.min


def load(
    month: Month, chains: Mapping[str, Chain], *, whole_history: bool = True
) -> tuple[list[Books], Prices]:
    """Return the books of each community, by code, and the prices of the regions above them.

    A close does without the readings that its bills cannot come upon.
    """
    books = {code: Books(code, chain) for code, chain in sorted(chains.items())}
    agreements = _agreements(books)
    _utility_terms(agreements)
    _charge_terms(agreements)
    _rebate_terms(agreements)
    _rules(books)
    _bills(month, books)
    _meters(books, None if whole_history else _first_day(month, books))
    _revenue(month, books, agreements)
    _movements(month, books)
    return list(books.values()), _prices(books)


def load_sharing(codes: Iterable[str]) -> tuple[list[Books], Prices]:
    """Return the part of the books that sharing a bill needs: who takes part, by which terms and meters."""
    books = {code: Books(code) for code in sorted(codes)}
    _utility_terms(_agreements(books))
    _rules(books)
    _meters(books)
    return list(books.values()), _prices(books)


def _agreements(books: dict[str, Books]) -> dict[int, AgreementBooks]:
    found = {}
    rows = Agreement.objects.filter(among("community_id", books)).order_by("ref")
    for code, facility_id, facility_ref, provider_id, *row in rows.values_list(
        "community_id",
        "facility_id",
        "facility__ref",
        "provider_id",
        "id",
        "ref",
        "provider__ref",
        "starts_on",
        "ends_on",
        units("area_m2", AREA),
    ):
        pk, ref, provider_ref, starts_on, ends_on, area_m2 = row
        agreement = AgreementBooks(pk, ref, provider_ref, starts_on or OPEN_START, ends_on, area_m2)
        community = books[code]
        community.ids.agreements[ref] = pk
        community.ids.providers[provider_ref] = provider_id
        _facility(community, facility_id, facility_ref).agreements.append(agreement)
        found[pk] = agreement
    return found


def _facility(community: Books, pk: int, ref: str) -> FacilityBooks:
    if pk not in community.facilities:
        community.facilities[pk] = FacilityBooks(ref)
    return community.facilities[pk]


def _utility_terms(agreements: dict[int, AgreementBooks]) -> None:
    rows = UtilityTerm.objects.filter(among("agreement_id", agreements)).values_list(
        "agreement_id",
        "utility",
        "method",
        units("weight", WEIGHT),
        units("position_factor", WEIGHT),
        units("frequency_factor", WEIGHT),
        "price_class",
        units("subsidy_percent", PERCENT),
        "subsidy_until",
        "subsidy_fund",
        "from_month",
    )
    for pk, utility, *values in rows:
        agreements[pk].utility_terms.setdefault(utility, []).append(Terms(*values))


def _charge_terms(agreements: dict[int, AgreementBooks]) -> None:
    rows = ChargeTermRow.objects.filter(among("agreement_id", agreements)).values_list(
        "agreement_id",
        "kind",
        units("monthly_amount", MONEY),
        units("area_m2", AREA),
        units("rate", PRICE),
        "from_month",
    )
    for pk, *values in rows:
        agreement = agreements[pk]
        agreement.charge_terms.append(ChargeTerm(agreement.ref, *values))


def _rebate_terms(agreements: dict[int, AgreementBooks]) -> None:
    handed_on = (
        RebateTermRow.objects.filter(ref=OuterRef("ref"), from_month__gt=OuterRef("from_month"))
        .exclude(agreement=OuterRef("agreement"))
        .order_by("from_month")
    )
    rows = RebateTermRow.objects.filter(among("agreement_id", agreements)).values_list(
        "agreement_id",
        "ref",
        "kind",
        units("rate", PRICE),
        units("threshold", MONEY),
        units("floor", MONEY),
        units("cap", MONEY),
        "tiers",
        units("monthly_amount", MONEY),
        units("hours", QUANTITY),
        units("unit_value", PRICE),
        "holiday_until",
        units("welfare_percent", PERCENT),
        "from_month",
        Coalesce(Subquery(handed_on.values("from_month")[:1]), Value("")),
    )
    for pk, ref, kind, rate, threshold, floor, *values in rows:
        agreement = agreements[pk]
        agreement.rebate_terms.append(
            RebateTerm(ref, agreement.ref, kind, rate, threshold or 0, floor or 0, *values)
        )


def _rules(books: dict[str, Books]) -> None:
    rows = SharingRule.objects.filter(among("facility__community_id", books)).values_list(
        "facility__community_id",
        "facility_id",
        "facility__ref",
        "utility",
        "basis",
        units("community_weight", WEIGHT),
        "residual",
        units("loss_cap_percent", PERCENT),
        "over_measured",
        "agreed_on",
        "from_month",
    )
    for code, facility_id, facility_ref, utility, *values in rows:
        facility = _facility(books[code], facility_id, facility_ref)
        facility.rules.setdefault(utility, []).append(Rule(*values))


def _first_day(month: Month, books: dict[str, Books]) -> date:
    """The earliest day that a bill to be shared begins on."""
    facilities = [facility for community in books.values() for facility in community.facilities.values()]
    starts = [bill.period_start for facility in facilities for bill in facility.bills]
    return min([month.first, *starts])


def _meters(books: dict[str, Books], start: date | None = None) -> None:
    """Sub-meters with their readings: all of them, or those for periods from a day on."""
    submeters = MeterRow.objects.filter(among("community_id", books), role=MeterRole.SUBMETER)
    readings = load_readings(books, start)
    for code, facility_id, facility_ref, utility, pk, ref, owner, multiplier, digits in submeters.values_list(
        "community_id",
        "facility_id",
        "facility__ref",
        "utility",
        "id",
        "ref",
        "agreement__ref",
        units("multiplier", WEIGHT),
        "digits",
    ):
        meter = Meter(ref, readings.get(pk, ()), owner or "", multiplier, digits)
        facility = _facility(books[code], facility_id, facility_ref)
        facility.meters.setdefault(utility, []).append(meter)


_BILL_COLUMNS = (
    "community_id",
    "facility_id",
    "facility__ref",
    "id",
    "ref",
    "utility",
    "corrects_id",
    "corrects__ref",
    "corrects__close_id",
    "period_start",
    "period_end",
    units("amount", MONEY),
    units("quantity", QUANTITY),
    "loss_reason",
)


def _bills(month: Month, books: dict[str, Books]) -> None:
    """Bills no month has taken yet that end in this month or before it, and those that take one back."""
    due = UtilityBill.objects.not_posted().filter(
        Q(period_end__lte=month.last) | Q(corrects__isnull=False), among("community_id", books)
    )
    taken_back: dict[int, tuple[str, str, str, str, bool]] = {}
    for code, facility_id, facility_ref, pk, ref, utility, *row in due.order_by("ref").values_list(
        *_BILL_COLUMNS
    ):
        corrects_id, corrects, corrects_close, *figures = row
        community = books[code]
        community.ids.bills[ref] = pk
        community.ids.taken["bill"].append(pk)
        if corrects_id is None:
            _facility(community, facility_id, facility_ref).bills.append(Bill(ref, utility, *figures))
        else:
            taken_back[corrects_id] = (code, ref, corrects, utility, corrects_close is not None)
    _taken_back(books, taken_back)


def _taken_back(books: dict[str, Books], wanted: dict[int, tuple[str, str, str, str, bool]]) -> None:
    """The posted shares of the bills to take back, the community's last."""
    if not wanted:
        return
    shares: dict[int, list[Share]] = defaultdict(list)
    rows = ShareRow.objects.filter(among("sharing__bill_id", wanted)).order_by(
        F("agreement__ref").asc(nulls_last=True)
    )
    for bill_id, agreement_ref, quantity, gross, subsidy, amount, fund in rows.values_list(
        "sharing__bill_id",
        "agreement__ref",
        units("quantity", QUANTITY),
        units("gross", MONEY),
        units("subsidy", MONEY),
        units("amount", MONEY),
        "subsidy_fund",
    ):
        shares[bill_id].append(Share(agreement_ref or "", quantity, gross, subsidy, amount, "", fund))
    for bill_id, (code, ref, corrects, utility, is_posted) in wanted.items():
        posted = shares[bill_id] if is_posted else None
        books[code].taken_back.append(TakenBack(ref, corrects, utility, posted))


def _revenue(month: Month, books: dict[str, Books], agreements: dict[int, AgreementBooks]) -> None:
    """Verified revenue that no posted row was made of: of this month, and late for posted ones."""
    late: dict[tuple[int, str], LateRevenue] = {}
    rows = Revenue.objects.filter(
        Q(posted_amount=None) | ~Q(posted_amount=F("amount")),
        among("community_id", books),
        status=RevenueStatus.VERIFIED,
        month__lte=str(month),
    ).values_list("id", "community_id", "agreement_id", "month", units("amount", MONEY))
    for pk, code, agreement_id, text, amount in rows:
        agreement, community = agreements[agreement_id], books[code]
        if text == str(month):
            agreement.revenue = amount
        elif community.chain.first <= text <= community.chain.posted:
            late[agreement_id, text] = LateRevenue(Month.parse(text), amount)
            agreement.late.append(late[agreement_id, text])
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


def _movements(month: Month, books: dict[str, Books]) -> None:
    """Money that came or went up to the month's end and is in no posted month yet."""
    amount = units("amount", MONEY)
    for pk, code, fund, value in (
        OpeningBalance.objects.not_posted()
        .filter(among("community_id", books))
        .values_list("id", "community_id", "fund", amount)
    ):
        books[code].opening[fund] = value
        books[code].ids.taken["opening"].append(pk)
    for name, rows, make, columns in (
        ("topup", TopUpRow, TopUp, ("fund", "date")),
        ("transfer", TransferRow, Transfer, ("from_fund", "to_fund", "date")),
        ("receipt", ReceiptRow, Receipt, ("provider__ref", "date")),
        ("payment", PaymentRow, Payment, ("bill__utility", "date")),
    ):
        for pk, code, *values in _due(rows, month, books).values_list(
            "id", "community_id", "ref", *columns, amount
        ):
            getattr(books[code], f"{name}s").append(make(*values))
            books[code].ids.taken[name].append(pk)
    receipts = [pk for one in books.values() for pk in one.ids.taken.get("receipt", ())]
    if receipts:
        payers = ReceiptRow.objects.filter(among("pk", receipts))
        for code, ref, provider_id in payers.values_list("community_id", "provider__ref", "provider_id"):
            books[code].ids.providers[ref] = provider_id
    for pk, code, ref, *values in _due(CorrectionRow, month, books).values_list(
        "id", "community_id", "ref", "agreement__ref", "date", amount, "fund", "reason"
    ):
        books[code].corrections.append(Correction(ref, *values))
        books[code].ids.corrections[ref] = pk
        books[code].ids.taken["correction"].append(pk)


def _due(rows: Any, month: Month, books: Iterable[str]) -> Any:
    return (
        rows.objects.not_posted().filter(among("community_id", books), date__lte=month.last).order_by("ref")
    )


def _prices(books: Iterable[str]) -> Prices:
    """Residential prices of every region above one of the communities."""
    prices = Prices()
    regions = {region for code in books for region in ancestors(code)}
    rows = TariffRow.objects.filter(among("region_id", regions), price_class=PriceClass.RESIDENTIAL)
    for region, utility, *values in rows.values_list(
        "region_id", "utility", "valid_from", units("unit_price", PRICE), "source"
    ):
        prices.add(region, utility, Tariff(*values))
    return prices
