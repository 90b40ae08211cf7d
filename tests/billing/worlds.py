"""Small communities with everything a month needs, for tests of the close."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from billing import closing
from billing.models import MonthClose, Revenue, Tariff, UtilityBill
from billing.rollups import build_region_months
from billing.verification import Fault, verify_ledger
from facilities.models import Community
from services.models import Agreement
from tests.factories import (
    AgreementFactory,
    BillFactory,
    CommunityFactory,
    FacilityFactory,
    RebateTermFactory,
    RevenueFactory,
    SharingRuleFactory,
    TariffFactory,
)

SEPTEMBER, OCTOBER, NOVEMBER = "2026-09", "2026-10", "2026-11"


@dataclass
class World:
    """A community with one facility, two shops that share by area, and a 5 % give-back of the first."""

    community: Community
    shops: list[Agreement]
    bill: UtilityBill
    revenue: Revenue

    @property
    def code(self) -> str:
        return self.community.code


def world(**community: Any) -> World:
    place = CommunityFactory(**community)
    facility = FacilityFactory(community=place)
    SharingRuleFactory(facility=facility)
    if not Tariff.objects.exists():
        TariffFactory()
    shops = [AgreementFactory(facility=facility, area_m2=Decimal(area)) for area in ("240.00", "150.00")]
    RebateTermFactory(agreement=shops[0])
    revenue = RevenueFactory(agreement=shops[0], verified=True)
    bill = BillFactory(facility=facility, quantity=Decimal("1890"), amount=Decimal("979.59"))
    return World(place, shops, bill, revenue)


def close(one: World, month: str = SEPTEMBER) -> closing.Outcome:
    """Close one community's month; return what became of it."""
    (outcome,) = closing.close_batch(month, [one.code])
    return outcome


def faults() -> list[Fault]:
    """What is wrong with the books once the regions are added up as well."""
    for month in MonthClose.objects.posted().values_list("month", flat=True).distinct():
        build_region_months(month)
    return verify_ledger()
