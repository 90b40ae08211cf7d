"""Load agreements, what their communities agreed with them, and how facilities share their bills."""

from datetime import date

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from billing.books import AgreementBooks, Books
from billing.charges import ChargeTerm
from billing.columns import among, units
from billing.models import ChargeTerm as ChargeTermRow
from billing.models import RebateTerm as RebateTermRow
from billing.models import SharingRule, UtilityTerm
from billing.money import AREA, MONEY, PERCENT, PRICE, QUANTITY, WEIGHT
from billing.rebates import RebateTerm
from billing.sharing_values import Rule, Terms
from services.models import Agreement

OPEN_START = date.min


def load_agreements(books: dict[str, Books]) -> dict[int, AgreementBooks]:
    """Put every agreement into the books of its facility; return them by key."""
    found = {}
    rows = Agreement.objects.filter(among("community_id", books)).order_by("ref")
    for code, facility_id, facility_ref, property_rate, provider_id, *row in rows.values_list(
        "community_id",
        "facility_id",
        "facility__ref",
        units("facility__residential_property_rate", PRICE),
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
        facility = community.facility(facility_id, facility_ref)
        facility.property_rate = property_rate
        facility.agreements.append(agreement)
        found[pk] = agreement
    return found


def load_sharing_terms(books: dict[str, Books], agreements: dict[int, AgreementBooks]) -> None:
    """How each agreement takes part in a utility, and how each facility shares it."""
    _utility_terms(agreements)
    _rules(books)


def load_terms(agreements: dict[int, AgreementBooks]) -> None:
    """What each agreement pays and gives back."""
    _charge_terms(agreements)
    _rebate_terms(agreements)


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
        facility = books[code].facility(facility_id, facility_ref)
        facility.rules.setdefault(utility, []).append(Rule(*values))
