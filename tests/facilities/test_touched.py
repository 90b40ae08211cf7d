"""Bookings that could not be made any more: found whatever changed, told with why, counted on the opening page."""

import datetime as dt

import pytest
from django.urls import reverse

from facilities import bookings, timing
from facilities.bookings import Wish, touched
from facilities.bookings.touched import in_trouble
from facilities.calendars import importing
from facilities.models import Booking, BookingRule, Closure, ExternalCalendar, Space
from portal.access import Role
from tests.factories import (
    BookingFactory,
    CommunityFactory,
    SpaceFactory,
    SpaceLinkFactory,
    UserFactory,
    open_daily,
    staff,
)
from tests.factories.rooms import tomorrow

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}


@pytest.fixture
def space():
    found = SpaceFactory(name="书画室")
    open_daily(found.facility)
    return found


@pytest.fixture
def clerk(space):
    return staff(Role.CLERK, space.community)


def why(booking):
    """The kinds of trouble of one booking."""
    found = {one.booking.pk: set(one.why) for one in in_trouble(Booking.objects.all())}
    return found.get(booking.pk, set())


def change(space, **fields):
    BookingRule.objects.filter(space=space).update(**fields)


def close(room, **fields):
    times = {"starts_at": tomorrow(9), "ends_at": tomorrow(12)} | fields
    return Closure.objects.create(facility=room.facility, reason="检修", **times)


def test_booking_within_rule_and_hours_is_in_no_trouble(space):
    assert why(BookingFactory(space=space)) == set()


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ({"longest_minutes": 50}, "rule"),
        ({"shortest_minutes": 90}, "rule"),
        ({"step_minutes": 45}, "rule"),
        ({"buffer_before": 15}, "near"),
        ({"buffer_after": 15}, ""),
        ({"price_per_hour": 9, "per_person": 1, "notice_minutes": 9999, "horizon_days": 0}, ""),
    ],
)
def test_changed_rule_is_held_against_bookings_where_it_says_what_may_stand(space, rule, kind):
    BookingFactory(space=space, starts_at=tomorrow(9))
    booking = BookingFactory(space=space, starts_at=tomorrow(10))

    change(space, **rule)

    assert why(booking) == ({kind} if kind else set())


def test_longer_time_kept_free_afterwards_troubles_the_earlier_of_two(space):
    earlier, later = (BookingFactory(space=space, starts_at=tomorrow(hour)) for hour in (10, 11))

    change(space, buffer_after=30)

    assert (why(earlier), why(later)) == ({"near"}, set())


def test_room_without_rule_with_fewer_places_or_shut_to_residents_troubles_what_is_booked(space):
    booking = BookingFactory(space=space, people=9)
    Space.objects.filter(pk=space.pk).update(capacity=5, is_public=False)

    assert why(booking) == {"rule", "shut"}

    BookingRule.objects.all().delete()
    assert why(booking) == {"rule", "shut"}


def test_staffs_own_booking_of_a_room_shut_to_residents_stands(space):
    user = UserFactory(is_staff=True)
    booking = BookingFactory(space=space, booked_by=user)

    Space.objects.filter(pk=space.pk).update(is_public=False)

    assert why(booking) == set()


def test_closure_of_a_part_troubles_the_booking_of_the_whole(space):
    part = SpaceFactory(facility=space.facility)
    SpaceLinkFactory(whole=space, part=part)
    booking = bookings.book(Wish(space, tomorrow(10), tomorrow(11)), by=UserFactory())

    close(space, space=part)

    assert why(booking) == {"closed"}


def test_what_is_over_attended_or_cancelled_needs_no_handling(space):
    BookingFactory(space=space, state="attended")
    BookingFactory(space=space, state="cancelled", starts_at=tomorrow(11))
    BookingFactory(space=space, starts_at=tomorrow(10, -1))
    close(space, starts_at=tomorrow(0, -9), ends_at=tomorrow(23))

    assert in_trouble(Booking.objects.all()) == []


def ics(start, end):
    stamp = "%Y%m%dT%H%M%S"
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", "UID:1", "SUMMARY:x"]
    lines += [f"DTSTART;TZID=Asia/Shanghai:{start:{stamp}}", f"DTEND;TZID=Asia/Shanghai:{end:{stamp}}"]
    return "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""]).encode()


def test_booking_in_the_way_of_another_calendar_is_to_be_handled_by_name(client, space, clerk):
    part = SpaceFactory(facility=space.facility, name="北半间")
    SpaceLinkFactory(whole=space, part=part)
    booking = bookings.book(Wish(space, tomorrow(10), tomorrow(11)), by=UserFactory())
    calendar = ExternalCalendar.objects.create(space=part, name="学校排课")

    importing.take_in(calendar, ics(tomorrow(10), tomorrow(12)))

    client.force_login(clerk)
    page = client.get(reverse("admin:rooms_touched")).content.decode()
    assert why(booking) == {"clash"}
    assert "外部日历“学校排课”也要用这段时间" in page
    assert "外部日历没占到的其他时间" not in page


def test_time_that_another_calendar_lost_to_no_booking_is_told_apart(client, space, clerk):
    first, second = (ExternalCalendar.objects.create(space=space, name=name) for name in "甲乙")
    for calendar in (first, second):
        importing.take_in(calendar, ics(tomorrow(10), tomorrow(12)))

    client.force_login(clerk)
    page = client.get(reverse("admin:rooms_touched")).content.decode()

    assert "外部日历没占到的其他时间" in page
    assert f"{tomorrow(10):%m-%d %H:%M}" in page


def test_opening_page_asks_for_the_number_and_the_answer_names_the_first(client, space, clerk):
    BookingFactory(space=space)
    BookingFactory(space=space, starts_at=tomorrow(11))
    close(space)
    elsewhere = SpaceFactory()
    BookingFactory(space=elsewhere)
    client.force_login(clerk)

    opened = client.get(reverse("admin:index")).content.decode()
    answer = client.get(reverse("admin:rooms_touched"), headers=HX).content.decode()

    assert f'hx-get="{reverse("admin:rooms_touched")}"' in opened
    assert "2 个预约现在约不成了" in answer
    assert "2 个预约要处理" in answer
    assert "书画室" in answer
    assert "<html" not in answer


def test_opening_page_says_nothing_when_no_booking_is_in_trouble(client, space, clerk):
    BookingFactory(space=space)
    client.force_login(clerk)

    assert "预约" not in client.get(reverse("admin:rooms_touched"), headers=HX).content.decode()


def test_who_may_not_handle_bookings_is_not_asked_to(client, space):
    client.force_login(staff(Role.OFFICIAL, space.community))

    assert 'id="touched"' not in client.get(reverse("admin:index")).content.decode()


def test_page_of_30_bookings_in_rooms_of_several_houses_costs_12_queries(
    client, django_assert_max_num_queries
):
    here = CommunityFactory()
    for number in range(30):
        BookingFactory(space__facility__community=here, starts_at=tomorrow(10) + dt.timedelta(days=number))
    client.force_login(staff(Role.CLERK, here))

    with django_assert_max_num_queries(13):
        page = client.get(reverse("admin:rooms_touched")).content.decode()

    assert page.count("不在开放时间里") == 30


def test_number_and_preview_say_when_later_bookings_were_not_looked_at(client, space, clerk, monkeypatch):
    monkeypatch.setattr(touched, "MOST", 2)
    for hour in (10, 11):
        BookingFactory(space=space, starts_at=tomorrow(hour))
    client.force_login(clerk)
    page = reverse("admin:rooms_touched")
    close(space, starts_at=tomorrow(9), ends_at=tomorrow(20))
    whole = client.get(page, headers=HX).content.decode()

    BookingFactory(space=space, starts_at=tomorrow(12))

    cut = client.get(page, headers=HX).content.decode()
    said = "只看了最近的 2 个预约，更晚的没有看。"
    assert (said in whole, said in cut) == (False, True)
    assert timing.would_touch([space], lambda: None).is_cut
