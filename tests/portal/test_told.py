"""Who hears of what, in which words, and where the link leads: one test for each thing that is told."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from billing import closing, objections
from billing.models import CloseState
from facilities import bookings, projects
from facilities.bookings import Wish, composing
from facilities.models import BookingState, ProjectState, SpaceLink
from portal.access import Role
from portal.models import Channel, Delivery, Message, Topic
from portal.notifications import choose, readable
from portal.spreadsheets import exporting
from tests.factories import (
    CommunityFactory,
    MonthCloseFactory,
    ObjectionFactory,
    ProjectFactory,
    ResidentFactory,
    SpaceFactory,
    UserFactory,
    open_daily,
    staff,
)
from tests.factories.rooms import tomorrow

pytestmark = pytest.mark.django_db


def told(user):
    return list(Message.objects.filter(to=user).order_by("pk"))


def only(user):
    """The one message somebody has; its link is one they may follow."""
    (message,) = told(user)
    assert readable([message], user) == {message.pk}
    return message


@pytest.fixture
def room():
    space = SpaceFactory(name="示例室")
    open_daily(space.facility)
    return space


@pytest.fixture
def clerk(room):
    return staff(Role.CLERK, room.community)


@pytest.fixture
def resident(room):
    return ResidentFactory(community=room.community)


def book(room, user, hour=10):
    return bookings.book(Wish(room, tomorrow(hour), tomorrow(hour + 1)), by=user)


def when(room):
    day = timezone.localtime(tomorrow(10))
    return f"{day.month}月{day.day}日 10:00–11:00，{room.facility} · 示例室。"


# Bookings


def test_confirmed_booking_is_told_to_who_booked(room, resident):
    book(room, resident.account)

    message = only(resident.account)
    assert (message.kind, message.title) == ("booking.confirmed", "预约成功：示例室")
    assert message.text.startswith(when(room))
    assert message.url == reverse("my_bookings")


def test_approved_booking_is_told_to_who_asked(room, resident, clerk):
    type(room.rule).objects.filter(pk=room.rule.pk).update(needs_approval=True)
    booking = book(room, resident.account)

    bookings.decide(booking, approve=True, by=clerk)

    assert only(resident.account).title == "预约成功：示例室"
    assert told(clerk) == []


def test_rejected_booking_is_told_with_what_to_do(room, resident, clerk):
    type(room.rule).objects.filter(pk=room.rule.pk).update(needs_approval=True)
    booking = book(room, resident.account)

    bookings.decide(booking, approve=False, by=clerk)

    message = only(resident.account)
    assert message.title == "预约没有批准：示例室"
    assert "换个时间" in message.text


def test_cancelled_booking_is_told_unless_one_cancelled_it_oneself(room, resident, clerk):
    mine, theirs = book(room, resident.account), book(room, resident.account, hour=14)

    bookings.cancel(mine, by=resident.account)
    bookings.cancel(theirs, by=clerk)

    assert [one.kind for one in told(resident.account)] == ["booking.confirmed"] * 2 + ["booking.cancelled"]
    assert told(resident.account)[-1].title == "预约被社区取消：示例室"


@pytest.fixture
def held(room, resident, clerk):
    """A booking that waited for a time which has become free."""
    first = book(room, clerk)
    waiting = bookings.wait(Wish(room, tomorrow(10), tomorrow(11)), by=resident.account)
    bookings.cancel(first, by=clerk)
    waiting.refresh_from_db()
    return waiting


def test_who_moved_up_hears_until_when_to_confirm(held, resident):
    until = timezone.localtime(held.hold_until)

    message = only(resident.account)

    assert message.title == "候补到了，请确认：示例室"
    assert f"{until:%H:%M}" in message.text


def test_hold_that_ran_out_is_told(held, resident):
    type(held).objects.filter(pk=held.pk).update(hold_until=timezone.now() - dt.timedelta(minutes=1))

    bookings.expire()

    assert told(resident.account)[-1].title == "为您保留的时间没有确认，已让给别人：示例室"
    assert type(held).objects.get(pk=held.pk).state == BookingState.EXPIRED


def test_bookings_of_a_room_made_of_other_parts_are_told_once_a_person(room, resident):
    part = SpaceFactory(facility=room.facility)
    untouched = ResidentFactory(community=room.community)
    other = SpaceFactory(facility=room.facility)
    for hour in (10, 14):
        book(room, resident.account, hour=hour)
    book(other, untouched.account)
    Message.objects.all().delete()
    SpaceLink.objects.create(whole=room, part=part, kind=SpaceLink.Kind.CONTAINS)

    composing.reoccupy(room.facility_id)

    message = only(resident.account)
    assert (message.kind, message.title) == ("booking.moved", "房间有调整：示例室")
    assert message.url == reverse("my_bookings")
    assert told(untouched.account) == []


# Months


def test_answer_to_an_objection_is_told_to_who_raised_it():
    user = UserFactory()
    objection = ObjectionFactory(raised_by=user)

    objections.answer(objection, "示例答复", by=UserFactory())

    message = only(user)
    assert (message.kind, message.title) == ("objection.answered", "异议已答复")
    assert message.url == reverse("objections", args=[objection.close.community_id, objection.close.month])
    assert "示例答复" not in message.text


def draft_of(community):
    return MonthCloseFactory(community=community, state=CloseState.DRAFT)


def test_month_under_notice_is_told_to_the_residents_of_its_community():
    here = CommunityFactory(notice_days=5)
    resident, stranger = ResidentFactory(community=here), ResidentFactory()
    close = draft_of(here)

    closing.publish(close, by=staff(Role.ACCOUNTANT, here))

    close.refresh_from_db()
    message = only(resident.account)
    assert message.title == f"{here} 2026年9月 账目公示"
    assert f"{close.notice_until.month}月{close.notice_until.day}日前" in message.text
    assert message.url == reverse("objections", args=[here.pk, "2026-09"])
    assert told(stranger.account) == []


def test_notice_given_anew_until_the_same_day_is_not_told_twice():
    here = CommunityFactory(notice_days=5)
    resident, by = ResidentFactory(community=here), staff(Role.ACCOUNTANT, here)
    close = draft_of(here)

    closing.publish(close, by=by)
    closing.withdraw(close, by=by)
    closing.publish(close, by=by)

    assert len(told(resident.account)) == 1


def test_notice_comes_by_email_to_whom_wants_it():
    here = CommunityFactory(notice_days=5)
    wants, not_ = (
        ResidentFactory(community=here, account__email=f"{name}@portal.example") for name in ("a", "b")
    )
    choose(not_.account, {(Topic.MONTHS, Channel.EMAIL): False})

    closing.publish(draft_of(here), by=staff(Role.ACCOUNTANT, here))

    pending = Delivery.objects.filter(state=Delivery.State.PENDING)
    assert list(pending.values_list("message__to", "channel")) == [(wants.account_id, Channel.EMAIL)]


@pytest.mark.parametrize("residents", [1, 1000])
def test_notice_to_a_thousand_takes_as_many_queries_as_to_one(django_assert_num_queries, residents):
    here = CommunityFactory(notice_days=5)
    by = staff(Role.ACCOUNTANT, here)
    account = ResidentFactory(community=here).account
    more = [type(account)(username=f"many{number}", password="!") for number in range(residents - 1)]
    rows = type(account).objects.bulk_create(more)
    ResidentFactory._meta.model.objects.bulk_create(
        ResidentFactory._meta.model(community=here, account=row, called="示例居民") for row in rows
    )
    close = draft_of(here)

    with django_assert_num_queries(13):
        closing.publish(close, by=by)

    assert Message.objects.filter(kind="month.notice").count() == residents


# Projects and files


def test_each_step_of_a_plan_is_told_to_who_entered_it():
    here = CommunityFactory()
    author = staff(Role.CLERK, here)
    project = ProjectFactory(community=here, entered_by=author, state=ProjectState.SUBMITTED)

    projects.approve_for_street(project, by=staff(Role.APPROVER, here))

    message = only(author)
    assert (message.kind, message.title) == ("project.street", f"街道已批准：{project}")
    assert message.url == reverse("admin:facilities_project_change", args=[project.pk])


def test_returned_plan_is_told_with_the_reason():
    here = CommunityFactory()
    author = staff(Role.CLERK, here)
    project = ProjectFactory(community=here, entered_by=author, state=ProjectState.SUBMITTED)

    projects.send_back(project, "示例原因", by=staff(Role.APPROVER, here))

    message = only(author)
    assert message.title == f"方案被退回修改：{project}"
    assert "示例原因" in message.text


def test_file_that_is_ready_is_told_to_who_ordered_it():
    export = exporting.Export.objects.create(
        by=UserFactory(superuser=True), model="facilities.facility", title="设施", kind="csv", scope=[""]
    )

    exporting.run(export.pk)

    message = only(export.by)
    assert (message.kind, message.title) == ("export.done", "设施已经写好")
    assert message.url == reverse("admin:portal_export_changelist")
