import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from billing import closing, objections
from billing.models import (
    BillSharing,
    CloseState,
    CommunityMonth,
    Entry,
    Line,
    MonthClose,
    Rebate,
    RevenueStatus,
    Share,
    UtilityBill,
)
from portal.models import AuditEntry
from tests.billing.worlds import NOVEMBER, OCTOBER, SEPTEMBER, World, close, faults, world
from tests.factories import (
    BillFactory,
    RebateTermFactory,
    RevenueFactory,
    TariffFactory,
    TopUpFactory,
    TransferFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def state(one: World, month: str = SEPTEMBER) -> str:
    return MonthClose.objects.get(community=one.community, month=month).state


def test_a_month_without_notice_days_is_posted_at_once():
    here = world()

    outcome = close(here)

    assert outcome.state == CloseState.POSTED
    figures = CommunityMonth.objects.get(community=here.community)
    assert (figures.rebate_in, figures.recovered_in) == (Decimal("4321.58"), Decimal("979.59"))
    assert faults() == []


def test_closing_again_changes_nothing():
    here = world()
    close(here)
    before = list(Line.objects.values_list()), list(Share.objects.values_list()), AuditEntry.objects.count()

    assert close(here).state == CloseState.POSTED

    assert (
        list(Line.objects.values_list()),
        list(Share.objects.values_list()),
        AuditEntry.objects.count(),
    ) == before


def test_the_first_attempt_starts_the_chain_and_no_month_is_skipped():
    here = world()
    close(here)

    outcome = close(here, NOVEMBER)

    assert outcome.state == CloseState.BLOCKED
    assert [block.reason for block in outcome.blocks] == ["month 2026-10 is not posted"]
    assert not MonthClose.objects.filter(month=NOVEMBER).exists()


def test_a_month_before_the_first_is_refused_and_leaves_no_trace():
    here = world()
    close(here, OCTOBER)

    outcome = close(here, SEPTEMBER)

    assert [block.code for block in outcome.blocks] == ["before_first_month"]
    assert MonthClose.objects.count() == 1


def test_a_blocked_month_blocks_the_later_one():
    here = world()
    TransferFactory(community=here.community, from_fund="grant", amount=Decimal("123.45"))
    assert [block.reason for block in close(here).blocks] == ["fund grant lacks 123.45"]

    assert [block.code for block in close(here, OCTOBER).blocks] == ["earlier_month_open"]


def test_a_blocked_community_never_stops_another_and_closing_again_posts_just_it():
    here, there = world(), world()
    TransferFactory(community=here.community, from_fund="grant", amount=Decimal("123.45"))

    outcomes = closing.close_batch(SEPTEMBER, [here.code, there.code])

    assert {one.code: one.state for one in outcomes} == {here.code: "blocked", there.code: "posted"}
    assert not BillSharing.objects.filter(close__community=here.community).exists()

    posted_at = MonthClose.objects.get(community=there.community).posted_at
    TopUpFactory(community=here.community, fund="grant", amount=Decimal("123.45"))
    outcomes = closing.close_batch(SEPTEMBER, [here.code, there.code])
    assert {one.state for one in outcomes} == {"posted"}
    assert MonthClose.objects.get(community=there.community).posted_at == posted_at


def test_each_draft_of_a_person_is_a_new_version_and_writes_no_ledger():
    here, accountant = world(), UserFactory()

    for _again in range(3):
        closing.draft(SEPTEMBER, [here.code], by=accountant)

    draft = MonthClose.objects.get(community=here.community)
    assert (draft.state, draft.version) == (CloseState.DRAFT, 3)
    assert Share.objects.count() == 3
    assert not Entry.objects.exists()


def test_with_notice_days_a_month_is_shown_first_and_posted_after():
    here = world(publishes=True)

    outcome = close(here)

    assert outcome.state == CloseState.NOTICE
    assert outcome.notice_until == timezone.localdate() + dt.timedelta(days=6)
    assert close(here).state == CloseState.NOTICE
    end_notice(here)
    assert close(here).state == CloseState.POSTED


def end_notice(one: World) -> None:
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    MonthClose.objects.filter(community=one.community, state=CloseState.NOTICE).update(
        notice_from=yesterday, notice_until=yesterday
    )


def test_a_change_under_notice_makes_the_month_a_draft_again():
    here = world(publishes=True)
    close(here)
    UtilityBill.objects.filter(pk=here.bill.pk).update(amount=Decimal("980.00"))

    closing.recheck([here.code])

    assert state(here) == CloseState.DRAFT


def test_what_changes_no_figure_leaves_the_notice_as_it_is():
    here = world(publishes=True)
    close(here)

    closing.recheck([here.code])

    assert state(here) == CloseState.NOTICE


def test_an_unnoticed_change_starts_the_notice_anew_instead_of_posting():
    here = world(publishes=True)
    close(here)
    end_notice(here)
    UtilityBill.objects.filter(pk=here.bill.pk).update(amount=Decimal("980.00"))

    outcome = close(here)

    assert outcome.state == CloseState.NOTICE
    assert outcome.notice_until > timezone.localdate()


def test_an_open_objection_holds_posting_until_it_is_answered():
    here, resident, clerk = world(publishes=True), UserFactory(), UserFactory()
    close(here)
    objection = objections.raise_objection(
        MonthClose.objects.get(community=here.community), "电费怎么这么多？", by=resident
    )
    end_notice(here)
    assert close(here).state == CloseState.NOTICE

    objections.answer(objection, "请看总表照片。", by=clerk)

    assert close(here).state == CloseState.POSTED


def test_only_a_month_under_notice_can_be_objected_to():
    here = world()
    close(here)

    with pytest.raises(objections.ObjectionRefused, match="公示中"):
        objections.raise_objection(MonthClose.objects.get(), "晚了", by=UserFactory())


def test_the_drafter_cannot_confirm_and_another_can():
    here, drafter, approver = world(), UserFactory(), UserFactory()
    closing.draft(SEPTEMBER, [here.code], by=drafter)
    draft = MonthClose.objects.get()

    with pytest.raises(closing.MonthRefused, match="自己起草"):
        closing.confirm(draft, by=drafter)

    assert closing.confirm(draft, by=approver).state == CloseState.POSTED
    draft.refresh_from_db()
    assert (draft.drafted_by, draft.confirmed_by) == (drafter, approver)


def test_a_confirmed_month_is_posted_when_its_notice_has_passed():
    here, approver = world(publishes=True), UserFactory()
    closing.draft(SEPTEMBER, [here.code])
    draft = MonthClose.objects.get()
    closing.publish(draft, by=UserFactory())
    assert closing.confirm(draft, by=approver).state == CloseState.NOTICE
    assert closing.due_for_posting(timezone.localdate()) == {}

    end_notice(here)

    due = closing.due_for_posting(timezone.localdate())
    assert due == {SEPTEMBER: [here.code]}
    (outcome,) = closing.close_batch(SEPTEMBER, due[SEPTEMBER], goal=closing.Goal.DUE)
    assert outcome.state == CloseState.POSTED


def test_what_was_confirmed_and_then_changed_is_not_posted():
    here, approver = world(), UserFactory()
    closing.draft(SEPTEMBER, [here.code])
    UtilityBill.objects.filter(pk=here.bill.pk).update(amount=Decimal("1.00"))

    outcome = closing.confirm(MonthClose.objects.get(), by=approver)

    assert outcome.state == CloseState.DRAFT
    assert MonthClose.objects.get().confirmed_by is None


def test_a_withdrawn_notice_loses_its_confirmation():
    here, approver = world(publishes=True), UserFactory()
    close(here)
    month = MonthClose.objects.get()
    closing.confirm(month, by=approver)

    closing.withdraw(month, by=approver)

    month.refresh_from_db()
    assert (month.state, month.confirmed_by, month.notice_until) == (CloseState.DRAFT, None, None)


def test_a_bill_of_a_posted_month_goes_into_the_next():
    here = world()
    close(here)
    TariffFactory(utility="water", unit_price=Decimal("3.90"))
    late = BillFactory(facility=here.bill.facility, water=True)

    closing.close_batch(OCTOBER, [here.code])

    assert BillSharing.objects.get(bill=late).close.month == OCTOBER


def test_a_bill_before_the_first_month_goes_into_the_first():
    here = world()

    close(here, OCTOBER)

    assert BillSharing.objects.get(bill=here.bill).close.month == OCTOBER


def test_revenue_verified_after_posting_is_adjusted_once():
    here = world()
    close(here)
    here.revenue.amount = Decimal("88931.50")
    here.revenue.save()

    for month in (OCTOBER, NOVEMBER):
        close(here, month)

    rows = Rebate.objects.filter(status="adjustment").values_list("close__month", "month", "amount")
    assert list(rows) == [(OCTOBER, SEPTEMBER, Decimal("125.00"))]


def test_revenue_withdrawn_after_posting_changes_nothing_until_a_new_figure_is_verified():
    here = world()
    close(here)
    here.revenue.status = RevenueStatus.REJECTED
    here.revenue.save()
    close(here, OCTOBER)
    assert not Rebate.objects.filter(status="adjustment").exists()

    here.revenue.status = RevenueStatus.VERIFIED
    here.revenue.save()
    close(here, NOVEMBER)
    assert not Rebate.objects.filter(status="adjustment").exists()


def test_revenue_of_months_before_the_first_is_left_alone():
    here = world()
    RevenueFactory(agreement=here.shops[0], month="2026-07", verified=True)

    close(here)
    close(here, OCTOBER)

    assert not Rebate.objects.filter(month="2026-07").exists()


def test_a_term_that_a_newer_row_gives_to_another_agreement_is_that_ones_alone():
    here = world()
    giver, taker = here.shops
    term = giver.rebate_terms.get()
    RebateTermFactory(ref=term.ref, from_month=OCTOBER, agreement=taker)
    for shop in here.shops:
        RevenueFactory(agreement=shop, month=OCTOBER, amount=Decimal("1000.00"), verified=True)

    close(here)
    close(here, OCTOBER)

    given = Rebate.objects.order_by("month").values_list("month", "agreement", "amount")
    assert list(given) == [
        (SEPTEMBER, giver.pk, Decimal("4321.58")),
        (OCTOBER, taker.pk, Decimal("50.00")),
    ]


def test_missing_revenue_does_not_stop_the_month_and_is_adjusted_when_it_comes():
    here = world()
    here.revenue.delete()
    close(here)
    assert Rebate.objects.get().status == "missing"
    RevenueFactory(agreement=here.shops[0], verified=True)

    close(here, OCTOBER)

    adjusted = Rebate.objects.get(status="adjustment")
    assert (adjusted.month, adjusted.amount) == (SEPTEMBER, Decimal("4321.58"))


def test_a_posted_bill_is_taken_back_and_billed_anew():
    here = world()
    close(here)
    BillFactory(facility=here.bill.facility, takes_back=True, corrects=here.bill, ref="back")
    BillFactory(facility=here.bill.facility, ref="anew", amount=Decimal("436.80"))

    close(here, OCTOBER)

    back = Share.objects.filter(sharing__bill__ref="back")
    assert {share.flags for share in back} == {"reversal"}
    assert sum(share.gross for share in back) == Decimal("-979.59")
    assert CommunityMonth.objects.get(month=OCTOBER).bill_out == Decimal("436.80") - Decimal("979.59")
    assert faults() == []


def test_taking_back_a_bill_that_is_not_posted_blocks():
    here = world()
    BillFactory(facility=here.bill.facility, takes_back=True, corrects=here.bill, ref="back")

    assert [block.code for block in close(here).blocks] == ["bill_not_posted"]
