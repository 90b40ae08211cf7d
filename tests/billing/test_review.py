"""What the review says before anyone closes: each kind of finding, and that a clean month has none."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command

from billing import review
from billing.models import Meter, Reading, Revenue, UtilityBill
from facilities.models import Community
from services.models import Agreement
from tests.factories import (
    AgreementFactory,
    BillFactory,
    ChargeTermFactory,
    CommunityFactory,
    CorrectionFactory,
    FacilityFactory,
    MeterFactory,
    MonthCloseFactory,
    ReadingFactory,
    RebateTermFactory,
    RevenueFactory,
    SharingRuleFactory,
    TariffFactory,
    UtilityTermFactory,
    post,
)

pytestmark = pytest.mark.django_db

MONTH_ENDS = [dt.date(2026, 5, 31), dt.date(2026, 6, 30), dt.date(2026, 7, 31), dt.date(2026, 8, 31)]
SEPTEMBER = dt.date(2026, 9, 30)


class Clean:
    """A community with one sub-metered agreement whose September lacks nothing and looks like the months before."""

    def __init__(self) -> None:
        TariffFactory()
        self.facility = FacilityFactory(residential_property_rate=Decimal("1.50"))
        self.rule = SharingRuleFactory(facility=self.facility, loss=True)
        self.agreement = AgreementFactory(facility=self.facility)
        self.term = UtilityTermFactory(agreement=self.agreement)
        self.rebate_term = RebateTermFactory(agreement=self.agreement)
        self.revenue = RevenueFactory(agreement=self.agreement, verified=True)
        self.meter = MeterFactory(agreement=self.agreement)
        for number, read_on in enumerate([*MONTH_ENDS, SEPTEMBER], start=10):
            ReadingFactory(meter=self.meter, read_on=read_on, value=Decimal(number * 100))
        self.bill = BillFactory(facility=self.facility, quantity=Decimal("105"), amount=Decimal("52.50"))

    @property
    def code(self) -> str:
        return self.facility.community.pk

    def found(self, month: str = "2026-09") -> list[review.Finding]:
        return review.findings(month, [self.code])

    def kinds(self, month: str = "2026-09") -> list[str]:
        return [finding.kind for finding in self.found(month)]

    def change(self, row: Any, **values: Any) -> None:
        type(row).objects.filter(pk=row.pk).update(**values)

    def read(self, value: int, kind: str = "regular") -> None:
        Reading.objects.filter(meter=self.meter, read_on=SEPTEMBER).update(value=Decimal(value), kind=kind)


@pytest.fixture
def clean() -> Clean:
    return Clean()


def test_clean_month_has_no_findings(clean: Clean) -> None:
    assert clean.found() == []


def test_posted_month_is_not_reviewed_again(clean: Clean) -> None:
    Revenue.objects.all().delete()
    post(MonthCloseFactory(community=clean.facility.community))

    assert clean.found() == []


def test_later_month_waits_for_the_earlier_one(clean: Clean) -> None:
    MonthCloseFactory(community=clean.facility.community, month="2026-08")

    assert "earlier_month_open" in clean.kinds()


def test_meter_without_closing_reading_blocks_its_bill_and_is_told_once(clean: Clean) -> None:
    Reading.objects.filter(read_on=SEPTEMBER).delete()

    [finding] = clean.found()
    assert (finding.kind, finding.severity, finding.ref) == ("no_closing_reading", "blocks", clean.meter.ref)
    assert finding.is_incomplete
    assert "补抄" in finding.todo


def test_meter_without_closing_reading_is_missing_before_its_bill_has_come(clean: Clean) -> None:
    Reading.objects.filter(read_on=SEPTEMBER).delete()
    UtilityBill.objects.all().delete()

    [finding] = clean.found()
    assert (finding.kind, finding.severity, finding.is_incomplete) == ("missing_reading", "check", True)


@pytest.mark.parametrize(("value", "kinds"), [(1601, ["reading_jump"]), (1349, ["reading_jump"]), (1500, [])])
def test_use_beyond_double_or_half_of_the_last_three_periods_is_a_jump(
    clean: Clean, value: int, kinds: list[str]
) -> None:
    clean.change(clean.bill, quantity=None)
    clean.change(clean.rule, residual="share")
    clean.read(value)

    assert [kind for kind in clean.kinds() if kind == "reading_jump"] == kinds


def test_estimated_reading_is_told(clean: Clean) -> None:
    clean.read(1400, "estimated")

    assert clean.kinds() == ["estimated_reading"]


def test_bill_of_last_month_without_one_now_is_missing(clean: Clean) -> None:
    BillFactory(
        facility=clean.facility,
        utility="water",
        period_start=dt.date(2026, 8, 1),
        period_end=dt.date(2026, 8, 31),
        quantity=None,
    )
    UtilityBill.objects.filter(utility="electricity").update(
        period_start=dt.date(2026, 8, 1), period_end=dt.date(2026, 8, 31)
    )

    found = [finding for finding in clean.found() if finding.kind == "missing_bill"]
    assert sorted(finding.text[:4] for finding in found) == ["上月有水", "上月有电"]
    assert all(finding.is_incomplete for finding in found)


def test_bills_with_overlapping_periods_are_told(clean: Clean) -> None:
    BillFactory(facility=clean.facility, period_start=dt.date(2026, 9, 30), quantity=None, amount=1)
    clean.change(clean.rule, residual="share")

    assert "bills_overlap" in clean.kinds()


@pytest.mark.parametrize(
    ("status", "kind"),
    [("submitted", "unverified_revenue"), ("rejected", "rejected_revenue"), (None, "missing_revenue")],
)
def test_give_back_without_verified_revenue_is_incomplete(
    clean: Clean, status: str | None, kind: str
) -> None:
    if status is None:
        Revenue.objects.all().delete()
    else:
        Revenue.objects.update(status=status)

    [finding] = clean.found()
    assert (finding.kind, finding.is_incomplete) == (kind, True)


def test_give_back_on_holiday_needs_no_revenue(clean: Clean) -> None:
    Revenue.objects.all().delete()
    clean.change(clean.rebate_term, holiday_until=SEPTEMBER)

    assert clean.found() == []


def test_sub_meters_above_the_master_block(clean: Clean) -> None:
    clean.change(clean.bill, quantity=Decimal("99"), amount=Decimal("49.50"))

    [finding] = clean.found()
    assert (finding.kind, finding.severity) == ("over_measured", "blocks")


def test_sub_meters_above_the_master_are_told_where_they_are_scaled(clean: Clean) -> None:
    clean.change(clean.bill, quantity=Decimal("99"), amount=Decimal("49.50"))
    clean.change(clean.rule, over_measured="scale")

    assert clean.kinds() == ["scaled"]


@pytest.mark.parametrize(
    ("quantity", "reason", "kinds"),
    [("109", "", ["loss_near_cap"]), ("120", "", ["loss_over_cap"]), ("120", "水管改造", ["loss_explained"])],
)
def test_loss_is_told_from_four_fifths_of_its_cap(
    clean: Clean, quantity: str, reason: str, kinds: list[str]
) -> None:
    clean.change(clean.bill, quantity=Decimal(quantity), loss_reason=reason)

    assert clean.kinds() == kinds


def test_bill_above_the_residential_price_is_told(clean: Clean) -> None:
    clean.change(clean.bill, amount=Decimal("54.43"))

    [finding] = clean.found()
    assert finding.kind == "above_residential_price"
    assert "高出 0.01 元" in finding.text


def test_bill_at_the_residential_price_is_fine(clean: Clean) -> None:
    clean.change(clean.bill, amount=Decimal("54.42"))

    assert clean.found() == []


def test_sharing_that_nobody_signed_is_told(clean: Clean) -> None:
    clean.change(clean.rule, agreed_on=None)

    assert clean.kinds() == ["unsigned_sharing"]


def test_sub_meter_of_a_tenant_who_shares_by_weight_is_told(clean: Clean) -> None:
    clean.change(clean.term, method="shared", weight=Decimal("90"))
    clean.change(clean.rule, residual="share")

    assert clean.kinds() == ["shared_tenant_meter"]


def test_community_meter_without_readings_is_told_and_blocks_nothing(clean: Clean) -> None:
    MeterFactory(facility=clean.facility)

    [finding] = clean.found()
    assert (finding.kind, finding.severity) == ("community_meter_unusable", "check")


def test_master_meter_that_differs_from_the_bill_is_told(clean: Clean) -> None:
    master = MeterFactory(facility=clean.facility, master=True, multiplier=Decimal("10"))
    ReadingFactory(meter=master, read_on=MONTH_ENDS[-1], value=Decimal("10"))
    ReadingFactory(meter=master, read_on=SEPTEMBER, value=Decimal("21"))

    assert clean.kinds() == ["master_differs"]


class TestEndedAgreement:
    """An agreement that ended in June 2026, beside the clean one."""

    @pytest.fixture
    def ended(self, clean: Clean) -> Agreement:
        return AgreementFactory(facility=clean.facility, ended=True)

    def test_meter_still_in_its_hands(self, clean: Clean, ended: Agreement) -> None:
        meter = MeterFactory(agreement=ended)
        for number, read_on in enumerate([*MONTH_ENDS, SEPTEMBER]):
            ReadingFactory(meter=meter, read_on=read_on, value=Decimal(number))

        assert "ended_still_metered" in clean.kinds()

    def test_meter_closed_by_a_final_reading(self, clean: Clean, ended: Agreement) -> None:
        meter = MeterFactory(agreement=ended)
        ReadingFactory(meter=meter, read_on=dt.date(2026, 5, 31), value=Decimal("10"))
        ReadingFactory(meter=meter, read_on=dt.date(2026, 6, 30), final=True, value=Decimal("20"))

        assert clean.found() == []

    def test_terms_from_after_its_end(self, clean: Clean, ended: Agreement) -> None:
        ChargeTermFactory(agreement=ended, from_month="2026-08")

        assert clean.kinds() == ["ended_still_agreed"]

    def test_correction_after_its_end(self, clean: Clean, ended: Agreement) -> None:
        CorrectionFactory(agreement=ended)

        assert clean.kinds() == ["ended_still_corrected"]

    def test_revenue_outside_its_run(self, clean: Clean, ended: Agreement) -> None:
        RevenueFactory(agreement=ended)

        assert clean.kinds() == ["revenue_outside_run"]


@pytest.mark.parametrize(
    ("highest", "kinds"),
    [(Decimal("1.50"), []), (Decimal("1.40"), ["property_rate_above"]), (None, ["property_rate_unknown"])],
)
def test_property_fee_is_held_against_the_residential_rate(
    clean: Clean, highest: Decimal | None, kinds: list[str]
) -> None:
    ChargeTermFactory(agreement=clean.agreement, property_fee=True)
    clean.change(clean.facility, residential_property_rate=highest)

    assert clean.kinds() == kinds


def test_review_costs_the_same_queries_for_one_and_for_ten_communities(
    django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    TariffFactory.reset_sequence()
    first = Clean()
    with django_assert_max_num_queries(40) as once:
        review.findings("2026-09", [first.code])
    codes = [first.code]
    for _number in range(9):
        community: Community = CommunityFactory()
        facility = FacilityFactory(community=community)
        UtilityTermFactory(agreement__facility=facility)
        MeterFactory(facility=facility, master=True)
        BillFactory(facility=facility)
        codes.append(community.pk)

    with django_assert_num_queries(len(once)):
        found = review.findings("2026-09", codes)

    assert {finding.code for finding in found} == set(codes[1:])


def test_command_prints_where_what_and_what_to_do(clean: Clean, capsys: pytest.CaptureFixture[str]) -> None:
    Meter.objects.update(agreement=None)

    call_command("review_month", "2026-09")

    said = capsys.readouterr().out
    assert f"协议 {clean.agreement.ref}" in said
    assert "1 个社区受阻" in said
