import datetime as dt
from decimal import Decimal

import factory
from django.utils import timezone

from billing.models import (
    Account,
    BillSharing,
    Charge,
    CloseRun,
    CommunityMonth,
    MonthClose,
    Objection,
    Rebate,
    RegionMonth,
    Share,
)
from tests.factories.agreements import AgreementFactory
from tests.factories.inputs import BillFactory
from tests.factories.people import ProviderFactory
from tests.factories.places import CITY, CommunityFactory, RegionFactory


class MonthCloseFactory(factory.django.DjangoModelFactory):
    """A draft of September 2026. A posted month takes no rows: build the draft, then call `post`."""

    class Meta:
        model = MonthClose

    class Params:
        notice = factory.Trait(
            state="notice", notice_from=dt.date(2026, 10, 5), notice_until=dt.date(2099, 12, 31)
        )
        posted = factory.Trait(state="posted", digest="0" * 64, posted_at=factory.LazyFunction(timezone.now))
        blocked = factory.Trait(
            state="blocked",
            blocks=[{"code": "no_closing_reading", "kind": "meter", "ref": "M0001", "data": {}}],
        )

    community = factory.SubFactory(CommunityFactory)
    month = "2026-09"
    state = "draft"
    version = 1


def post(close: MonthClose) -> MonthClose:
    """Put a close that a factory built into the posted state, past the rules of closing."""
    MonthClose.objects.filter(pk=close.pk).update(state="posted", digest="0" * 64, posted_at=timezone.now())
    close.refresh_from_db()
    return close


class CommunityMonthFactory(factory.django.DjangoModelFactory):
    """Figures of a close whose utility fund ends below zero."""

    class Meta:
        model = CommunityMonth

    close = factory.SubFactory(MonthCloseFactory)
    community = factory.SelfAttribute("close.community")
    month = factory.SelfAttribute("close.month")
    opening = Decimal("-200.00")
    rebate_in = Decimal("135.48")
    recovered_in = Decimal("676.45")
    subsidy_in = Decimal("0.00")
    topup_in = Decimal("0.00")
    transfer_in = Decimal("0.00")
    bill_out = Decimal("1613.99")
    closing = Decimal("-1002.06")
    welfare_closing = Decimal("0.00")
    service_closing = Decimal("0.00")
    grant_closing = Decimal("0.00")
    donation_closing = Decimal("0.00")
    deposit_closing = Decimal("0.00")
    property_closing = Decimal("0.00")


class RegionMonthFactory(CommunityMonthFactory):
    class Meta:
        model = RegionMonth
        exclude = ["close", "community"]

    close = None
    community = None
    region = factory.SubFactory(RegionFactory, code=CITY)
    month = "2026-09"
    communities = 4
    in_shortfall = 2


class BillSharingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = BillSharing

    bill = factory.SubFactory(BillFactory)
    close = factory.SubFactory(MonthCloseFactory, community=factory.SelfAttribute("..bill.community"))


class ShareFactory(factory.django.DjangoModelFactory):
    """One agreement's part of a bill; `agreement=None` is the community's own."""

    class Meta:
        model = Share

    sharing = factory.SubFactory(BillSharingFactory)
    agreement = factory.SubFactory(
        AgreementFactory, facility=factory.SelfAttribute("..sharing.bill.facility")
    )
    quantity = Decimal("520.000")
    gross = Decimal("282.39")
    subsidy = Decimal("0.00")
    amount = Decimal("282.39")


class ChargeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Charge

    agreement = factory.SubFactory(AgreementFactory)
    close = factory.SubFactory(MonthCloseFactory, community=factory.SelfAttribute("..agreement.community"))
    kind = "lump_sum"
    fund = "utility"
    amount = Decimal("180.00")


class RebateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Rebate

    agreement = factory.SubFactory(AgreementFactory)
    close = factory.SubFactory(MonthCloseFactory, community=factory.SelfAttribute("..agreement.community"))
    month = factory.SelfAttribute("close.month")
    term_ref = factory.Sequence(lambda n: f"R{n:04d}")
    kind = "percent"
    base = Decimal("86431.50")
    amount = Decimal("4321.58")
    status = "due"


class ObjectionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Objection

    class Params:
        answered = factory.Trait(answer="已核对。", answered_at=factory.LazyFunction(timezone.now))

    close = factory.SubFactory(MonthCloseFactory, notice=True)
    text = "电费比上月多了一倍，请核对。"


class AccountFactory(factory.django.DjangoModelFactory):
    """What a provider owes; `kind="fund", name="utility", provider=None` for a fund."""

    class Meta:
        model = Account

    community = factory.SubFactory(CommunityFactory)
    kind = "receivable"
    provider = factory.SubFactory(ProviderFactory)


class CloseRunFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CloseRun

    region = factory.SubFactory(RegionFactory, code=CITY)
    month = "2026-09"
    goal = "post"
