"""What the clock does with months: drafts, reminders, postings, over midnight and New Year."""

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from billing import closing, schedule
from billing.models import CloseState, CommunityMonth, MonthClose, RegionMonth, Reminder, Revenue, UtilityBill
from portal.access import Role
from portal.models import AuditEntry, Message
from tests.billing.worlds import SEPTEMBER, faults, world
from tests.factories import BillFactory, CommunityFactory, RegionFactory, RevenueFactory, UserFactory

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")
SetClock = Callable[..., None]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    def set_to(*moment: int) -> None:
        at = dt.datetime(*moment, tzinfo=SHANGHAI)  # type: ignore[arg-type, misc]
        monkeypatch.setattr(timezone, "now", lambda: at)

    return set_to


def close_of(code: str, month: str = SEPTEMBER) -> MonthClose:
    return MonthClose.objects.get(community=code, month=month)


def test_from_the_first_on_last_month_is_drafted_every_night(set_clock: SetClock):
    here = world()

    set_clock(2026, 10, 1, 1, 30)
    schedule.draft_open_months()
    schedule.draft_open_months()

    assert close_of(here.code).state == CloseState.DRAFT
    assert MonthClose.objects.count() == 1


def test_a_community_without_any_books_is_left_alone(set_clock: SetClock):
    CommunityFactory()

    set_clock(2026, 10, 1, 1, 30)
    schedule.draft_open_months()

    assert not MonthClose.objects.exists()


def test_a_community_that_is_behind_is_drafted_for_the_month_whose_turn_it_is(set_clock: SetClock):
    here = world()
    closing.draft(SEPTEMBER, [here.code])

    set_clock(2026, 12, 3, 1, 30)
    schedule.draft_open_months()

    assert list(MonthClose.objects.values_list("month", flat=True)) == [SEPTEMBER]


def test_what_is_missing_is_told_once_to_those_nearest_and_settled_when_it_is_there(set_clock: SetClock):
    here = world()
    Revenue.objects.all().delete()
    clerk = UserFactory(roles=[(Role.CLERK, here.community)], email="clerk@portal.example")
    UserFactory(roles=[(Role.ACCOUNTANT, here.community.region.parent)])
    set_clock(2026, 10, 2, 1, 30)
    schedule.draft_open_months()
    schedule.draft_open_months()

    (reminder,) = Reminder.objects.all()
    assert (reminder.to, reminder.month, reminder.settled_at) == (clerk, SEPTEMBER, None)

    (message,) = Message.objects.all()
    assert (message.to, message.text.count("\n")) == (clerk, 0)
    assert (message.kind, message.title) == ("month.incomplete", "2026年9月 月结还缺 1 项")
    assert message.url == reverse("admin:books_month", args=[here.community.pk, SEPTEMBER])
    assert message.url == reverse("admin:books_month", args=[here.code, SEPTEMBER])
    assert message.deliveries.get(channel="email").state == "pending"

    RevenueFactory(agreement=here.shops[0], verified=True)
    schedule.draft_open_months()

    assert Reminder.objects.get().settled_at == timezone.now()


def test_a_confirmed_month_is_posted_on_the_day_after_its_notice_even_over_new_year(set_clock: SetClock):
    here = world(notice_days=3)
    closing.draft(SEPTEMBER, [here.code])
    set_clock(2026, 12, 29, 23, 59, 59)
    closing.publish(close_of(here.code), by=None)
    closing.confirm(close_of(here.code), by=UserFactory())

    assert close_of(here.code).notice_until == dt.date(2026, 12, 31)

    set_clock(2026, 12, 31, 23, 59, 59)
    schedule.post_due_months()
    before = close_of(here.code).state
    set_clock(2027, 1, 1, 0, 0, 0)
    schedule.post_due_months()

    assert (before, close_of(here.code).state) == (CloseState.NOTICE, CloseState.POSTED)
    assert RegionMonth.objects.filter(month=SEPTEMBER).exists()
    assert faults() == []


def test_in_the_first_minute_of_the_year_december_is_drafted(set_clock: SetClock):
    here = world()
    UtilityBill.objects.update(period_start=dt.date(2026, 12, 1), period_end=dt.date(2026, 12, 31))

    set_clock(2026, 12, 31, 23, 59, 59)
    schedule.draft_open_months()
    november = list(MonthClose.objects.values_list("month", flat=True))
    MonthClose.objects.all().delete()
    set_clock(2027, 1, 1, 0, 0, 1)
    schedule.draft_open_months()

    assert november == ["2026-11"]
    assert close_of(here.code, "2026-12").state == CloseState.DRAFT


def test_a_month_that_lacks_something_is_not_posted_by_the_clock(set_clock: SetClock):
    here = world(notice_days=1)
    closing.draft(SEPTEMBER, [here.code])
    set_clock(2026, 10, 5, 12)
    closing.publish(close_of(here.code), by=None)
    closing.confirm(close_of(here.code), by=UserFactory())
    Revenue.objects.update(status="submitted")

    set_clock(2026, 10, 7, 3)
    schedule.post_due_months()

    assert close_of(here.code).state != CloseState.POSTED
    assert Reminder.objects.open().exists()


def test_who_confirmed_a_month_that_is_held_back_is_told_once_what_it_lacks(set_clock: SetClock):
    here, approver = world(notice_days=1), UserFactory(username="approver")
    UserFactory(roles=[(Role.CLERK, here.community)])
    Revenue.objects.all().delete()
    closing.draft(SEPTEMBER, [here.code])
    set_clock(2026, 10, 5, 12)
    closing.publish(close_of(here.code), by=None)
    closing.confirm(close_of(here.code), by=approver, though_incomplete=True)

    for day in (7, 8, 9):
        set_clock(2026, 10, day, 3)
        schedule.post_due_months()

    (message,) = Message.objects.filter(to=approver)
    assert close_of(here.code).state == CloseState.NOTICE
    assert (message.kind, message.title) == (
        "month.held_back",
        f"{here.community} 2026年9月 还缺 1 项，没有入账",
    )
    assert "本月收入还没有申报" in message.text
    assert message.url == reverse("admin:books_month", args=[here.code, SEPTEMBER])

    closing.confirm(close_of(here.code), by=approver, though_incomplete=True)

    assert close_of(here.code).state == CloseState.POSTED


def test_the_clock_posts_no_month_that_is_not_over(set_clock: SetClock):
    here = world()
    closing.draft(SEPTEMBER, [here.code])
    MonthClose.objects.update(confirmed_by=UserFactory())

    set_clock(2026, 9, 30, 23)
    schedule.post_due_months()
    before = close_of(here.code).state
    set_clock(2026, 10, 1, 3)
    schedule.post_due_months()

    assert (before, close_of(here.code).state) == (CloseState.DRAFT, CloseState.POSTED)


def test_region_months_that_differ_are_told_and_built_anew():
    here = world()
    closing.close_batch(SEPTEMBER, [here.code])

    schedule.check_roll_ups()
    first = AuditEntry.objects.filter(action="rollups.checked").latest("pk").data["faults"]
    schedule.check_roll_ups()

    assert first > 0
    assert AuditEntry.objects.filter(action="rollups.checked").latest("pk").data["faults"] == 0


def test_a_region_month_that_nothing_adds_up_to_any_more_is_gone_after_the_check():
    here = world()
    closing.close_batch(SEPTEMBER, [here.code])
    zone = RegionFactory(parent=here.community.region.parent.parent.parent)
    here.community.region.parent.parent.managed_by = zone
    here.community.region.parent.parent.save()
    schedule.check_roll_ups()
    before = RegionMonth.objects.filter(region=zone).count()
    here.community.region.parent.parent.managed_by = None
    here.community.region.parent.parent.save()

    schedule.check_roll_ups()

    assert (before, RegionMonth.objects.filter(region=zone).count()) == (1, 0)
    assert faults() == []


def test_a_months_figures_that_are_not_what_the_ledger_says_are_found_and_shown(client):
    here = world()
    closing.close_batch(SEPTEMBER, [here.code])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        CommunityMonth.objects.update(closing=F("closing") + 1000)
        cursor.execute("SET LOCAL session_replication_role = origin")
    client.force_login(UserFactory(roles=[(Role.ACCOUNTANT, here.community.region.parent)]))

    schedule.check_roll_ups()

    assert "1 个社区月报与账本对不上" in client.get(reverse("admin:books")).content.decode()


def test_the_clock_writes_nothing_where_a_draft_comes_out_as_it_was(set_clock: SetClock):
    here, blocked = world(), world()
    BillFactory(facility=blocked.bill.facility, takes_back=True, corrects=blocked.bill)
    set_clock(2026, 10, 2, 1, 30)
    schedule.draft_open_months("")
    before = (list(MonthClose.objects.values_list()), AuditEntry.objects.count())

    set_clock(2026, 10, 3, 1, 30)
    schedule.draft_open_months("")

    assert {close_of(code).state for code in (here.code, blocked.code)} == {"draft", "blocked"}
    assert (list(MonthClose.objects.values_list()), AuditEntry.objects.count()) == before


def test_the_check_of_the_roll_ups_is_shown_to_those_who_look_at_the_regions(client):
    here = world()
    street = here.community.region.parent
    closing.close_batch(SEPTEMBER, [here.code])
    pages = [reverse("region", args=[street.pk]), reverse("admin:books")]
    shown = []

    client.force_login(UserFactory(roles=[(Role.ACCOUNTANT, street)]))
    for _number in range(3):
        shown.append([client.get(page).content.decode() for page in pages])
        schedule.check_roll_ups()

    assert all("还没有核对过" in text for text in shown[0])
    assert all(f"{street.name} 2026年9月" in text for text in shown[1])
    assert all("，一致" in text for text in shown[2])


def test_drafts_are_handed_out_district_by_district():
    codes = {world().code for _number in range(3)}

    assert schedule.hand_out_drafts() == len({code[:6] for code in codes})


def test_drafts_of_a_district_leave_the_others_alone(set_clock: SetClock):
    here = world()

    set_clock(2026, 10, 1, 1, 30)
    schedule.draft_open_months("99")

    assert not MonthClose.objects.exists()

    schedule.draft_open_months(here.code[:6])

    assert close_of(here.code).state == CloseState.DRAFT


def test_a_community_that_cannot_be_computed_keeps_no_other_from_its_draft_or_posting(
    set_clock: SetClock, break_books
):
    here, broken = world(), world()
    set_clock(2026, 10, 1, 1, 30)
    closing.draft(SEPTEMBER, [broken.code])
    MonthClose.objects.update(confirmed_by=UserFactory())
    break_books(broken.code)

    schedule.draft_open_months()
    MonthClose.objects.filter(community=here.code).update(confirmed_by=UserFactory())
    schedule.post_due_months()

    assert close_of(here.code).state == CloseState.POSTED
    assert close_of(broken.code).state == CloseState.DRAFT
    told = AuditEntry.objects.filter(action="month.failed").values_list("region_id", "data__error")
    assert set(told) == {(broken.code, "InternalError")}


def test_the_list_of_what_is_missing_says_who_was_reminded_or_that_nobody_is_there(
    client, set_clock: SetClock
):
    here, nobodys = world(), world()
    Revenue.objects.all().delete()
    clerk = UserFactory(roles=[(Role.CLERK, here.community)])
    set_clock(2026, 10, 2, 1, 30)
    schedule.draft_open_months()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    page = client.get(reverse("admin:billing_reminder_changelist")).content.decode()

    assert Reminder.objects.filter(community__in=[here.code, nobodys.code]).count() == 2
    assert str(clerk) in page
    assert page.count("没有负责录入的人") == 1
