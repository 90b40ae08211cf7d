"""When a space is open."""

import datetime as dt

import pytest
from django.urls import reverse

from facilities.hours import OfficialDays, Timetable, local, minutes
from facilities.models import Closure, Holiday, OpeningHours, SpaceLink
from portal.access import Role
from portal.models import AuditEntry
from tests.factories import (
    AccessRoleFactory,
    RegionFactory,
    SpaceFactory,
    SpaceLinkFactory,
    UserFactory,
    open_daily,
)

pytestmark = pytest.mark.django_db

SPRING_FESTIVAL = dt.date(2026, 2, 17)
MAKE_UP_SATURDAY = dt.date(2026, 10, 10)
MONDAY = dt.date(2026, 11, 23)


def hours_of(space, day):
    return [
        (f"{start.astimezone(local(day).tzinfo):%H:%M}", f"{end.astimezone(local(day).tzinfo):%H:%M}")
        for start, end in Timetable.load([space], day, day).open_on(space.pk, day)
    ]


def hours(room, weekday, opens, closes, **fields):
    return OpeningHours.objects.create(
        facility=room.facility, weekday=weekday, opens_at=dt.time(opens), closes_at=dt.time(closes), **fields
    )


def test_public_holiday_is_closed_without_hours_of_its_own():
    space = SpaceFactory()
    open_daily(space.facility, holidays=False)

    assert hours_of(space, SPRING_FESTIVAL) == []


def test_public_holiday_opens_as_its_own_hours_say():
    space = SpaceFactory()
    open_daily(space.facility, holidays=False)
    hours(space, OpeningHours.Weekday.HOLIDAY, 10, 12)

    assert hours_of(space, SPRING_FESTIVAL) == [("10:00", "12:00")]


def test_make_up_saturday_opens_like_a_monday():
    space = SpaceFactory()
    hours(space, OpeningHours.Weekday.MONDAY, 9, 17)

    assert hours_of(space, MAKE_UP_SATURDAY) == [("09:00", "17:00")]


def test_table_overrides_the_built_in_calendar():
    space = SpaceFactory()
    open_daily(space.facility, holidays=False)
    Holiday.objects.create(date=MONDAY, name="社区日")

    assert hours_of(space, MONDAY) == []


def test_unknown_year_counts_weekdays_and_says_so():
    days = OfficialDays()
    later = dt.date(2099, 2, 2)

    assert days.weekday(later) == later.weekday()
    assert days.unknown_years(MONDAY, later)[-1] == 2099
    assert days.is_known(2026)


def test_year_with_imported_days_is_known():
    assert OfficialDays([Holiday(date=dt.date(2099, 10, 1), name="国庆节")]).is_known(2099)


def test_own_hours_of_a_room_replace_those_of_the_facility():
    space = SpaceFactory()
    open_daily(space.facility)
    hours(space, OpeningHours.Weekday.MONDAY, 19, 21, space=space)

    assert hours_of(space, MONDAY) == [("19:00", "21:00")]


def test_season_replaces_the_year_and_night_school_stays():
    space = SpaceFactory()
    hours(space, 0, 8, 18)
    hours(space, 0, 9, 17, season_from="11-15", season_until="03-15")
    hours(space, 0, 19, 21, kind=OpeningHours.Kind.NIGHT)

    assert hours_of(space, MONDAY) == [("09:00", "17:00"), ("19:00", "21:00")]
    assert hours_of(space, dt.date(2026, 6, 1)) == [("08:00", "18:00"), ("19:00", "21:00")]


def closed_at_noon(space):
    noon, two = local(MONDAY, dt.time(12)), local(MONDAY, dt.time(14))
    return Closure.objects.create(
        facility=space.facility, space=space, starts_at=noon, ends_at=two, reason="检修"
    )


def test_closure_of_half_the_hall_closes_the_whole():
    link = SpaceLinkFactory()
    open_daily(link.whole.facility)
    closed_at_noon(link.part)

    assert hours_of(link.whole, MONDAY) == [("09:00", "12:00"), ("14:00", "21:00")]


@pytest.mark.parametrize("what", ["room", "projector"])
def test_closure_of_a_room_leaves_what_it_shares_to_the_others(what):
    room = SpaceFactory()
    other, projector = SpaceFactory(facility=room.facility), SpaceFactory(facility=room.facility)
    for one in (room, other):
        SpaceLinkFactory(whole=one, part=projector, kind=SpaceLink.Kind.SHARES)
    open_daily(room.facility)
    closed_at_noon({"room": room, "projector": projector}[what])

    less, whole = [("09:00", "12:00"), ("14:00", "21:00")], [("09:00", "21:00")]
    assert hours_of(room, MONDAY) == less
    assert hours_of(other, MONDAY) == (whole if what == "room" else less)
    assert hours_of(projector, MONDAY) == (whole if what == "room" else less)


def test_timetable_costs_the_same_queries_for_one_and_thirty(django_assert_num_queries):
    facility = SpaceFactory().facility
    spaces = [SpaceFactory(facility=facility) for _number in range(30)]
    open_daily(facility)

    with django_assert_num_queries(4):
        table = Timetable.load(spaces, MONDAY, MONDAY)

    assert minutes(table.open_on(spaces[0].pk, MONDAY)) == 12 * 60


@pytest.mark.parametrize(("region", "status"), [("610100000000", 302), ("610102002000", 403)])
def test_days_off_count_everywhere_and_are_entered_by_a_city_not_by_a_street(client, region, status):
    user = UserFactory(is_staff=True)
    AccessRoleFactory(user=user, role=Role.REGION_ADMIN, region=RegionFactory(code=region))
    client.force_login(user)

    response = client.post(
        reverse("admin:facilities_holiday_add"), {"date": "2026-12-30", "name": "社区日", "_save": ""}
    )

    assert response.status_code == status
    assert Holiday.objects.filter(date="2026-12-30").exists() == (status == 302)


@pytest.fixture
def city(client):
    user = UserFactory(is_staff=True)
    AccessRoleFactory(user=user, role=Role.REGION_ADMIN, region=RegionFactory(code="610100000000"))
    client.force_login(user)


def enter(client, **data):
    return client.post(reverse("admin:facilities_holiday_add"), {"name": "春节", "_save": ""} | data)


def test_days_of_a_holiday_are_entered_together(client, city):
    response = enter(client, date="2027-02-05", until="2027-02-11")

    assert response.status_code == 302
    assert Holiday.objects.filter(name="春节", is_workday=False).count() == 7
    assert AuditEntry.objects.filter(action="holiday.added").count() == 7


@pytest.mark.parametrize(
    ("until", "words"),
    [
        ("2027-02-01", "不早于"),
        ("2027-12-31", "最多 15 天"),
        ("2027-02-11", "2027-02-07 已经录入"),
        ("2月", "日期"),
    ],
)
def test_bad_days_are_answered_in_words_and_none_is_entered(client, city, until, words):
    Holiday.objects.create(date=dt.date(2027, 2, 7), name="社区日")

    page = enter(client, date="2027-02-05", until=until).content.decode()

    assert words in page
    assert Holiday.objects.count() == 1


def test_day_of_the_communitys_own_does_not_make_a_year_known(client, city):
    Holiday.objects.create(date=dt.date(2027, 3, 5), name="社区日")

    page = client.get(reverse("admin:facilities_holiday_changelist")).content.decode()

    assert not OfficialDays(Holiday.objects.all()).is_known(2027)
    assert "2027 年的节假日还没有录全" in page
    assert "2026 年的法定节假日和调休已经内置" in page
