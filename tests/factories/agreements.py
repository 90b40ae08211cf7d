import datetime as dt
from decimal import Decimal

import factory

from billing.models import ChargeTerm, RebateTerm, SharingRule, Tariff, UtilityTerm
from services.models import Agreement
from tests.factories.people import ProviderFactory
from tests.factories.places import CITY, FacilityFactory, RegionFactory


class AgreementFactory(factory.django.DjangoModelFactory):
    """An agreement since the new year of 2026, in a space of its own."""

    class Meta:
        model = Agreement

    class Params:
        ended = factory.Trait(ends_on=dt.date(2026, 6, 30))

    ref = factory.Sequence(lambda n: f"A{n:04d}")
    provider = factory.SubFactory(ProviderFactory)
    facility = factory.SubFactory(FacilityFactory)
    community = factory.SelfAttribute("facility.community")
    space = factory.Sequence(lambda n: f"示例{n}室")
    floor = 1
    area_m2 = Decimal("90.00")
    starts_on = dt.date(2026, 1, 1)


class UtilityTermFactory(factory.django.DjangoModelFactory):
    """By sub-meter at cost; traits for the other methods."""

    class Meta:
        model = UtilityTerm

    class Params:
        shared = factory.Trait(method="shared", weight=Decimal("90"))
        lump_sum = factory.Trait(method="lump_sum")
        residential = factory.Trait(price_class="residential")
        subsidised = factory.Trait(subsidy_percent=Decimal("50"))

    agreement = factory.SubFactory(AgreementFactory)
    utility = "electricity"
    method = "submeter"
    price_class = "cost"


class ChargeTermFactory(factory.django.DjangoModelFactory):
    """A lump sum of 180.00 a month; trait `property_fee`."""

    class Meta:
        model = ChargeTerm

    class Params:
        property_fee = factory.Trait(kind="property_fee", monthly_amount=None, rate=Decimal("1.50"))

    agreement = factory.SubFactory(AgreementFactory)
    kind = "lump_sum"
    monthly_amount = Decimal("180.00")


class RebateTermFactory(factory.django.DjangoModelFactory):
    """Five percent of revenue; traits for the other kinds."""

    class Meta:
        model = RebateTerm

    class Params:
        tiered = factory.Trait(kind="tiered", rate=None, tiers="50000:0.03|100000:0.05|*:0.08")
        fixed = factory.Trait(kind="fixed", rate=None, monthly_amount=Decimal("300.00"))
        in_kind = factory.Trait(kind="in_kind", rate=None, hours=Decimal("12"), unit_value=Decimal("60"))
        on_holiday = factory.Trait(holiday_until=dt.date(2026, 12, 31))

    ref = factory.Sequence(lambda n: f"R{n:04d}")
    agreement = factory.SubFactory(AgreementFactory)
    kind = "percent"
    rate = Decimal("0.05")


class SharingRuleFactory(factory.django.DjangoModelFactory):
    """The residual by area; trait `loss` where everything is metered."""

    class Meta:
        model = SharingRule

    class Params:
        loss = factory.Trait(residual="loss")

    facility = factory.SubFactory(FacilityFactory)
    utility = "electricity"
    agreed_on = dt.date(2026, 1, 5)


class TariffFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Tariff

    region = factory.SubFactory(RegionFactory, code=CITY)
    utility = "electricity"
    price_class = "residential"
    valid_from = dt.date(2023, 7, 25)
    unit_price = Decimal("0.5183")
    source = "示例"
