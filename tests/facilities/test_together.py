"""Closures and hours for several places at once: looked at first, then done to all or to none."""

import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from facilities import timing
from facilities.hours import Timetable
from facilities.models import Closure, Facility, OpeningHours, Space
from portal.access import Role
from portal.errors import Refused
from portal.models import AuditEntry
from tests.factories import BookingFactory, FacilityFactory, SpaceFactory, SpaceLinkFactory, open_daily, staff
from tests.factories.rooms import tomorrow

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    found = FacilityFactory()
    open_daily(found)
    return found


@pytest.fixture
def rooms(house):
    return [SpaceFactory(facility=house, name=name) for name in ("书画室", "舞蹈室", "会议室")]


@pytest.fixture
def clerk(house):
    return staff(Role.CLERK, house.community)


def together(client, action, rows, **data):
    address = reverse(f"admin:facilities_{rows[0]._meta.model_name}_changelist")
    return client.post(address, {"action": action, "_selected_action": [row.pk for row in rows], **data})


def closing(**changed):
    times = {"starts_at": f"{tomorrow(9):%Y-%m-%dT%H:%M}", "ends_at": f"{tomorrow(12):%Y-%m-%dT%H:%M}"}
    return times | {"reason": "消防检修"} | changed


def hours(**changed):
    return {"kind": "day", "days": ["7"], "opens_at": "10:00", "closes_at": "16:00"} | changed


def test_several_rooms_are_closed_at_once_after_a_look_at_what_is_booked(client, rooms, clerk):
    BookingFactory(space=rooms[0])
    BookingFactory(space=rooms[2])
    client.force_login(clerk)

    asked = together(client, "close_together", rooms[:2]).content.decode()
    looked = together(client, "close_together", rooms[:2], step="look", **closing()).content.decode()
    nothing_yet = Closure.objects.count()
    done = together(client, "close_together", rooms[:2], step="done", **closing())

    assert "书画室 · 舞蹈室" in asked
    assert "有 1 个预约会落在开放时间以外" in looked
    assert nothing_yet == 0
    assert set(Closure.objects.values_list("space", "reason")) == {(one.pk, "消防检修") for one in rooms[:2]}
    assert AuditEntry.objects.filter(action="closure.added", data__together=True, by=clerk).count() == 2
    said = [str(one) for one in get_messages(done.wsgi_request)]
    assert any("已登记 2 条" in text for text in said)
    assert any("1 个预约不在开放时间里了" in text for text in said)


def test_what_was_looked_at_is_what_is_registered(client, rooms, clerk):
    """Times changed beside the button would be registered without a look at the bookings they touch."""
    client.force_login(clerk)

    looked = together(client, "close_together", rooms[:1], step="look", **closing()).content.decode()
    changing = together(client, "close_together", rooms[:1], step="edit", **closing()).content.decode()

    assert "<div inert>" in looked
    assert "<div inert>" not in changing
    assert "看看影响哪些预约" in changing
    assert not Closure.objects.exists()


def test_a_closure_of_a_year_that_is_a_slip_of_the_hand_is_refused(client, rooms, clerk):
    client.force_login(clerk)
    times = {"starts_at": "9999-12-05T09:00", "ends_at": "9999-12-06T09:00"}

    answer = together(client, "close_together", rooms[:1], step="look", **closing(**times))

    assert answer.status_code == 422
    assert "年份不对，请核对：9999 年。" in answer.content.decode()


def test_the_same_times_once_more_are_said_to_stand_already(client, rooms, clerk):
    client.force_login(clerk)
    together(client, "close_together", rooms[:1], step="done", **closing())

    again = together(client, "close_together", rooms[:1], step="done", **closing())

    assert any("没有重复登记" in str(one) for one in get_messages(again.wsgi_request))
    assert Closure.objects.count() == 1


def test_whole_houses_are_closed_at_once(client, house, rooms, clerk):
    other = FacilityFactory(community=house.community)
    client.force_login(clerk)

    together(client, "close_together", [house, other], step="done", **closing())

    assert set(Closure.objects.values_list("facility", "space")) == {(house.pk, None), (other.pk, None)}


def test_closing_twice_closes_once(rooms, clerk):
    for _time in "12":
        timing.close(rooms, tomorrow(9), tomorrow(12), "检修", by=clerk)

    assert Closure.objects.count() == 3


def test_closing_a_part_names_the_booking_of_the_whole(rooms, clerk):
    whole, part, _other = rooms
    SpaceLinkFactory(whole=whole, part=part)
    booking = BookingFactory(space=whole)

    found = timing.would_touch(
        [part], lambda: timing.close([part], tomorrow(9), tomorrow(12), "检修", by=clerk)
    )

    assert [one.booking for one in found] == [booking]
    assert Closure.objects.count() == 0


def test_what_was_outside_the_hours_before_is_not_held_against_the_act(rooms, clerk):
    timing.close(rooms[:1], tomorrow(9), tomorrow(12), "检修", by=clerk)
    BookingFactory(space=rooms[0])

    found = timing.would_touch(
        rooms, lambda: timing.close(rooms, tomorrow(9), tomorrow(13), "检修", by=clerk)
    )

    assert found == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"ends_at": f"{tomorrow(8):%Y-%m-%dT%H:%M}"}, "结束要晚于开始"),
        ({"starts_at": "2020-01-01T09:00", "ends_at": "2020-01-01T10:00"}, "这段时间已经过去"),
        ({"reason": ""}, "要填"),
        ({"starts_at": "明天"}, "日期"),
    ],
)
def test_bad_times_are_answered_in_words_and_close_nothing(client, rooms, clerk, fields, words):
    client.force_login(clerk)

    answer = together(client, "close_together", rooms, step="done", **closing(**fields))

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Closure.objects.count() == 0


def test_rooms_open_on_public_holidays_at_once_and_keep_the_hours_of_their_house(client, rooms, clerk):
    client.force_login(clerk)

    together(client, "open_together", rooms[:2], step="done", **hours())

    own = OpeningHours.objects.filter(space=rooms[0])
    assert own.filter(weekday=7, opens_at=dt.time(10)).count() == 1
    assert set(own.values_list("weekday", flat=True)) == set(range(8))
    assert not OpeningHours.objects.filter(space=rooms[2]).exists()


def test_season_replaces_the_hours_of_the_year_and_names_bookings_it_leaves_outside(client, rooms, clerk):
    day = tomorrow(10).date()
    season = {"season_from": f"{day:%m-%d}", "season_until": f"{day:%m-%d}", "days": list("01234567")}
    BookingFactory(space=rooms[0])
    client.force_login(clerk)

    looked = together(
        client, "open_together", rooms, step="look", **hours(opens_at="13:00", closes_at="15:00", **season)
    )
    together(
        client, "open_together", rooms, step="done", **hours(opens_at="13:00", closes_at="15:00", **season)
    )

    assert "有 1 个预约会落在开放时间以外" in looked.content.decode()
    opening = Timetable.load(rooms, day, day).open_on(rooms[0].pk, day)
    assert opening == [(tomorrow(13), tomorrow(15))]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"closes_at": "09:00"}, "关门时间要晚于开门时间"),
        ({"season_from": "11-15"}, "季节的起止要一起填"),
        ({"season_from": "13-99", "season_until": "12-01"}, "请写月-日"),
        ({"days": []}, "要填"),
    ],
)
def test_bad_hours_are_answered_in_words(client, rooms, clerk, fields, words):
    client.force_login(clerk)

    answer = together(client, "open_together", rooms, step="look", **hours(**fields))

    assert words in answer.content.decode()
    assert OpeningHours.objects.filter(space__isnull=False).count() == 0


def test_rooms_elsewhere_are_left_alone(client, rooms, clerk):
    elsewhere = SpaceFactory()
    client.force_login(clerk)

    page = together(client, "close_together", [rooms[0], elsewhere], step="done", **closing())

    assert page.status_code == 302
    assert list(Closure.objects.values_list("space", flat=True)) == [rooms[0].pk]
    with pytest.raises(Refused):
        timing.close([elsewhere], tomorrow(9), tomorrow(12), "检修", by=clerk)


@pytest.mark.parametrize("role", [Role.OFFICIAL, Role.ACCOUNTANT, Role.APPROVER])
def test_who_only_looks_closes_nothing(client, house, rooms, role):
    client.force_login(staff(role, house.community))

    for rows in (rooms, [house]):
        together(client, "close_together", rows, step="done", **closing())

    assert Closure.objects.count() == 0
    assert (Space.objects.count(), Facility.objects.count()) == (3, 1)


def test_looking_at_30_rooms_costs_a_fixed_number_of_queries_for_what_is_touched(
    client, house, clerk, django_assert_max_num_queries
):
    rooms = [SpaceFactory(facility=house) for _number in range(30)]
    client.force_login(clerk)

    with django_assert_max_num_queries(15):
        together(client, "close_together", rooms)


def test_30_rooms_are_closed_or_opened_in_a_dozen_statements(house, clerk, django_assert_max_num_queries):
    rooms = [SpaceFactory(facility=house) for _number in range(30)]
    row = OpeningHours(kind="day", weekday=7, opens_at=dt.time(10), closes_at=dt.time(16))

    with django_assert_max_num_queries(12):
        closed = timing.close(rooms, tomorrow(9), tomorrow(12), "消防检修", by=clerk)
    with django_assert_max_num_queries(12):
        opened = timing.open_at(rooms, [row], by=clerk)

    assert len(closed) == 30
    assert len(opened) == 30 * (1 + house.hours.filter(space=None).count())
    assert AuditEntry.objects.filter(action="closure.added", region=house.community_id).count() == 30
