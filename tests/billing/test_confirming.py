"""Confirming a month: not before it is over, not over what it lacks without saying so, and told as it was."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from billing import closing, rollups
from billing.models import CloseState, MonthClose, Objection, RegionMonth, Revenue, Tariff
from billing.timely import TooEarly
from billing.verification import verify_ledger
from facilities.models import Community
from portal.access import Role
from portal.models import AuditEntry
from portal.months import Month
from tests.billing.worlds import SEPTEMBER, World, world
from tests.factories import MonthCloseFactory, TopUpFactory, UserFactory, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> World:
    return world()


def drafted(here: World) -> MonthClose:
    closing.draft(SEPTEMBER, [here.code])
    return MonthClose.objects.get(community=here.code)


def url(name: str, here: World, month: str = SEPTEMBER) -> str:
    return reverse(f"admin:{name}", args=[here.code, month])


def press(client, here: World, month: str = SEPTEMBER, **more: str):
    return client.post(url("books_step", here, month), {"do": "confirm", **more}, follow=True)


def approver(client, here: World):
    user = staff(Role.APPROVER, here.community)
    client.force_login(user)
    return user


@pytest.mark.parametrize(
    "shown", [{}, {"notice": True}, {"notice": True, "notice_until": dt.date(2026, 11, 1)}]
)
def test_a_month_that_is_not_over_is_confirmed_by_nobody_and_its_page_says_from_when(client, here, shown):
    this = Month.of(timezone.localdate())
    close = MonthCloseFactory(
        community=here.community, month=str(this), **{"notice_from": dt.date(2026, 10, 30), **shown}
    )
    user = approver(client, here)

    page = client.get(url("books_month", here, str(this))).content.decode()
    answer = press(client, here, str(this), though_incomplete="on")
    with pytest.raises(TooEarly, match="还没有过完"):
        closing.confirm(close, by=user, though_incomplete=True)

    assert ("确认入账</button>" in page, f"{this.next().number} 月 1 日起才能确认" in page) == (False, True)
    assert (answer.status_code, "还没有过完，不能入账" in answer.content.decode()) == (409, True)
    close.refresh_from_db()
    assert (close.confirmed_by, close.posted_at) == (None, None)


def test_a_month_that_is_not_over_waits_for_no_approver(client, here):
    MonthCloseFactory(community=here.community, month=str(Month.of(timezone.localdate())), notice=True)
    approver(client, here)

    page = client.get(reverse("admin:index")).content.decode()

    assert "待您确认入账" not in page


def test_a_month_that_has_not_begun_is_drafted_by_nobody_and_starts_no_chain(client, here):
    month = str(Month.of(timezone.localdate()).next())
    client.force_login(staff(Role.ACCOUNTANT, here.community))

    page = client.get(url("books_month", here, month)).content.decode()
    answer = client.post(url("books_step", here, month), {"do": "draft"})

    assert ("生成草稿</button>" in page, "这个月还没有开始" in page) == (False, True)
    assert (answer.status_code, "还没有开始" in answer.content.decode()) == (409, True)
    assert not MonthClose.objects.exists()


def test_what_is_missing_is_listed_and_confirmed_only_by_an_explicit_tick(client, here):
    Revenue.objects.all().delete()
    close = drafted(here)
    user = approver(client, here)

    asked = press(client, here)
    close.refresh_from_db()
    before = close.state
    answer = press(client, here, though_incomplete="on")

    text = asked.content.decode()
    assert (asked.status_code, before) == (422, CloseState.DRAFT)
    assert "这个月还缺 1 项" in text
    assert "本月收入还没有申报" in text
    assert "确认后马上入账，不能撤回" in text
    assert 'name="though_incomplete" required' in text
    close.refresh_from_db()
    assert (close.state, close.confirmed_by) == (CloseState.POSTED, user)
    assert "已入账" in answer.content.decode()
    assert len(AuditEntry.objects.get(action="month.confirmed").data["lacking"]) == 1


def test_without_the_tick_nothing_is_confirmed_whoever_asks(here):
    Revenue.objects.all().delete()
    close = drafted(here)

    with pytest.raises(closing.Incomplete, match="还缺 1 项"):
        closing.confirm(close, by=UserFactory())

    close.refresh_from_db()
    assert (close.state, close.confirmed_by) == (CloseState.DRAFT, None)


def test_a_month_that_lacks_nothing_is_confirmed_by_one_tap(client, here):
    drafted(here)
    approver(client, here)

    press(client, here)

    assert MonthClose.objects.get().state == CloseState.POSTED


def test_a_month_held_back_after_its_notice_is_offered_to_who_confirmed_it_again(client, here):
    Revenue.objects.all().delete()
    Community.objects.filter(pk=here.code).update(notice_days=7)
    close = drafted(here)
    closing.publish(close, by=None)
    approver(client, here)
    during = press(client, here)
    confirmed = press(client, here, though_incomplete="on").content.decode()
    page_before = client.get(url("books_month", here)).content.decode()
    MonthClose.objects.update(notice_from=dt.date(2026, 10, 1), notice_until=dt.date(2026, 10, 7))

    page_after = client.get(url("books_month", here)).content.decode()
    press(client, here, though_incomplete="on")

    assert "不会自动入账，会发消息请您再决定" in during.content.decode()
    assert "也不缺数据，就入账" in confirmed
    assert ["确认入账</button>" in page for page in (page_before, page_after)] == [False, True]
    assert MonthClose.objects.get().state == CloseState.POSTED


def test_the_form_promises_what_will_happen_where_a_community_asks_for_no_notice_any_more(client, here):
    Revenue.objects.all().delete()
    drafted(here)
    MonthClose.objects.update(
        state="notice", notice_from=dt.date(2026, 10, 1), notice_until=dt.date(2099, 10, 7)
    )
    approver(client, here)

    asked = press(client, here).content.decode()
    press(client, here, though_incomplete="on")

    assert "确认后马上入账" in asked
    assert MonthClose.objects.get().state == CloseState.POSTED


def test_what_changed_since_the_draft_is_said_to_have_kept_it_from_being_posted(client, here):
    drafted(here)
    TopUpFactory(community=here.community)
    approver(client, here)

    page = press(client, here).content.decode()

    close = MonthClose.objects.get()
    assert (close.state, close.confirmed_by) == (CloseState.DRAFT, None)
    assert "没有确认，也没有入账：草稿之后数据有变" in page
    assert "确认已记下" not in page
    assert "None" not in page


def test_what_stops_the_month_since_its_draft_is_said_as_well(client, here):
    drafted(here)
    Tariff.objects.all().delete()
    approver(client, here)

    page = press(client, here).content.decode()

    assert MonthClose.objects.get().state == CloseState.BLOCKED
    assert "处要先处理，见下" in page
    assert "确认已记下" not in page


def test_an_open_objection_is_named_as_what_keeps_a_month_from_being_posted(client, here):
    close = drafted(here)
    MonthClose.objects.update(
        state="notice", notice_from=dt.date(2026, 10, 1), notice_until=dt.date(2026, 10, 7)
    )
    Objection.objects.create(close=close, text="电费太高")
    approver(client, here)

    page = press(client, here).content.decode()

    assert MonthClose.objects.get().state == CloseState.NOTICE
    assert "还有没答复的异议" in page


def test_a_confirmed_month_is_added_up_at_once_though_the_queue_is_away_and_in_its_province_alone(
    here, monkeypatch
):
    far = world(code="310101001001")
    closing.close_batch(SEPTEMBER, [far.code])
    close = drafted(here)
    monkeypatch.setattr("celery.app.base.Celery.send_task", away)

    closing.confirm(close, by=UserFactory())

    codes = RegionMonth.objects.filter(month=SEPTEMBER).values_list("region_id", flat=True)
    assert {code[:2] for code in codes} == {here.code[:2]}
    rollups.build_region_months(SEPTEMBER, far.code[:2])
    assert verify_ledger() == []


def away(*_arguments, **_named):
    raise OperationalError("away")
