import datetime as dt
from decimal import Decimal

import factory

from billing.models import (
    Correction,
    Meter,
    OpeningBalance,
    Payment,
    Reading,
    Receipt,
    Revenue,
    TopUp,
    Transfer,
    UtilityBill,
)
from tests.factories.agreements import AgreementFactory
from tests.factories.people import ProviderFactory, UserFactory
from tests.factories.places import CommunityFactory, FacilityFactory


class MeterFactory(factory.django.DjangoModelFactory):
    """The community's own sub-meter; `agreement=` puts it into an agreement's hands."""

    class Meta:
        model = Meter

    class Params:
        master = factory.Trait(role="master")

    ref = factory.Sequence(lambda n: f"M{n:04d}")
    agreement = None
    facility = factory.Maybe(
        "agreement", factory.SelfAttribute("agreement.facility"), factory.SubFactory(FacilityFactory)
    )
    community = factory.SelfAttribute("facility.community")
    utility = "electricity"
    role = "submeter"


class ReadingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Reading

    class Params:
        initial = factory.Trait(kind="initial")
        final = factory.Trait(kind="final")
        estimated = factory.Trait(kind="estimated")

    meter = factory.SubFactory(MeterFactory)
    read_on = dt.date(2026, 9, 30)
    value = Decimal("1000.000")


class BillFactory(factory.django.DjangoModelFactory):
    """The electricity of September 2026; `corrects=bill` takes one back."""

    class Meta:
        model = UtilityBill

    class Params:
        water = factory.Trait(utility="water", quantity=Decimal("120.000"), amount=Decimal("468.00"))
        heating = factory.Trait(utility="heating", quantity=None, amount=Decimal("6200.00"))
        october = factory.Trait(period_start=dt.date(2026, 10, 1), period_end=dt.date(2026, 10, 31))
        takes_back = factory.Trait(period_start=None, period_end=None, quantity=None, amount=None)

    ref = factory.Sequence(lambda n: f"B{n:04d}")
    facility = factory.SubFactory(FacilityFactory)
    community = factory.SelfAttribute("facility.community")
    utility = "electricity"
    period_start = dt.date(2026, 9, 1)
    period_end = dt.date(2026, 9, 30)
    quantity = Decimal("1286.000")
    amount = Decimal("640.81")


class RevenueFactory(factory.django.DjangoModelFactory):
    """Revenue of September 2026 as a provider reported it; trait `verified`."""

    class Meta:
        model = Revenue

    class Params:
        verified = factory.Trait(status="verified", verified_by=factory.SubFactory(UserFactory))

    agreement = factory.SubFactory(AgreementFactory)
    community = factory.SelfAttribute("agreement.community")
    month = "2026-09"
    amount = Decimal("86431.50")


class OpeningBalanceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OpeningBalance

    community = factory.SubFactory(CommunityFactory)
    fund = "utility"
    amount = Decimal("1000.00")


class TopUpFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TopUp

    ref = factory.Sequence(lambda n: f"T{n:04d}")
    community = factory.SubFactory(CommunityFactory)
    fund = "utility"
    date = dt.date(2026, 9, 15)
    amount = Decimal("500.00")
    source = "示例街道"


class TransferFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Transfer

    ref = factory.Sequence(lambda n: f"X{n:04d}")
    community = factory.SubFactory(CommunityFactory)
    from_fund = "grant"
    to_fund = "utility"
    date = dt.date(2026, 9, 20)
    amount = Decimal("100.00")
    minutes = "居民议事会 2026-09-18"


class CorrectionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Correction

    ref = factory.Sequence(lambda n: f"C{n:04d}")
    agreement = factory.SubFactory(AgreementFactory)
    community = factory.SelfAttribute("agreement.community")
    date = dt.date(2026, 9, 25)
    amount = Decimal("-50.00")
    fund = "utility"
    reason = "示例原因"


class ReceiptFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Receipt

    ref = factory.Sequence(lambda n: f"Z{n:04d}")
    community = factory.SubFactory(CommunityFactory)
    provider = factory.SubFactory(ProviderFactory)
    date = dt.date(2026, 9, 28)
    amount = Decimal("200.00")


class PaymentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Payment

    ref = factory.Sequence(lambda n: f"Y{n:04d}")
    bill = factory.SubFactory(BillFactory)
    community = factory.SelfAttribute("bill.community")
    date = dt.date(2026, 9, 29)
    amount = Decimal("640.81")
