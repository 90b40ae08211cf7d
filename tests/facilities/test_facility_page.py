"""A facility is shown to everybody: floors, rooms, hours, requirements, what stands empty."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from facilities.hours import local
from facilities.models import Category, Closure, OpeningHours, Zone
from facilities.opening import lines_of
from portal.access import Role
from portal.icons import ICONS
from tests.factories import FacilityFactory, SpaceFactory, open_daily, staff

pytestmark = pytest.mark.django_db


def page_of(client, facility, name="facility"):
    return client.get(reverse(name, args=[facility.pk])).content.decode()


def test_a_guest_sees_floors_zones_rooms_hours_and_requirements(client):
    facility = FacilityFactory(area_m2=270)
    open_daily(facility)
    zone = Zone.objects.create(facility=facility, floor=2, name="友邻交流动态区")
    SpaceFactory(facility=facility, floor=2, zone=zone, name="茶艺室", uses="茶艺")
    SpaceFactory(facility=facility, floor=-1, name="器材间")

    page = page_of(client, facility)

    assert (
        page.index(">地下 1 层<") < page.index(">2 层<") < page.index("友邻交流动态区") < page.index("茶艺室")
    )
    assert "每天" in page
    assert "09:00–21:00" in page
    assert reverse("facility_norms", args=[facility.pk]) in page
    assert "综合体一般不小于 600 ㎡" in page_of(client, facility, "facility_norms")


def test_rooms_of_the_staff_are_not_shown(client):
    room = SpaceFactory(name="档案室", is_public=False)

    assert "档案室" not in page_of(client, room.facility)


def test_a_room_that_stands_empty_is_offered_with_its_free_times(client):
    room = SpaceFactory()
    open_daily(room.facility)

    assert reverse("facility_idle", args=[room.facility_id]) in page_of(client, room.facility)
    page = page_of(client, room.facility, "facility_idle")

    assert "这几天空着" in page
    assert f"{reverse('room', args=[room.pk])}?day=" in page


def test_a_closure_to_come_is_announced(client):
    room = SpaceFactory(name="阶梯教室")
    day = timezone.localdate() + dt.timedelta(days=3)
    Closure.objects.create(
        facility=room.facility,
        space=room,
        starts_at=local(day, dt.time(9)),
        ends_at=local(day, dt.time(12)),
        reason="投影幕检修",
    )

    page = page_of(client, room.facility)

    assert "投影幕检修" in page
    assert "阶梯教室" in page


def test_facility_without_rooms_offers_the_next_step(client):
    assert "这里的房间还没有登记" in page_of(client, FacilityFactory())


def test_a_facility_whose_rooms_are_in_use_says_where_else_to_look(client):
    facility = FacilityFactory()

    page = page_of(client, facility, "facility_idle")

    assert "这几天没有特别空的房间" in page
    assert reverse("rooms") in page


@pytest.mark.parametrize("name", ["facility", "facility_idle", "facility_norms"])
def test_pages_of_a_facility_with_thirty_rooms_cost_at_most_15_queries(
    client, name, django_assert_max_num_queries
):
    facility = FacilityFactory()
    open_daily(facility)
    for _number in range(30):
        SpaceFactory(facility=facility)
    client.force_login(staff(Role.CLERK, facility.community))

    with django_assert_max_num_queries(15):
        page_of(client, facility, name)


def test_hours_are_said_as_people_say_them():
    def rows(days, opens, closes, **fields):
        return [
            OpeningHours(weekday=day, opens_at=dt.time(opens), closes_at=dt.time(closes), **fields)
            for day in days
        ]

    lines = lines_of(
        [
            *rows(range(7), 9, 18),
            *rows((1, 2, 3), 19, 21, kind="night"),
            *rows((5, 6), 10, 12, season_from="11-15", season_until="03-15"),
            *rows((7,), 10, 16),
        ]
    )

    assert lines == [
        ("每天", "09:00–18:00", ""),
        ("周二至周四", "19:00–21:00", "夜校"),
        ("周六、周日", "10:00–12:00", "11-15 至 03-15"),
        ("法定节假日", "10:00–16:00", ""),
    ]


def test_a_clerk_enters_the_hours_of_several_days_at_once(client):
    room = SpaceFactory()
    client.force_login(staff(Role.CLERK, room.community))
    address = reverse("admin:facilities_openinghours_add") + f"?facility={room.facility_id}"
    data = {"facility": room.facility_id, "kind": "night", "opens_at": "19:00", "closes_at": "21:00"}

    assert "可多选" in client.get(address).content.decode()
    none = client.post(address, data)
    good = client.post(address, {**data, "days": [1, 2, 3]})

    assert none.status_code == 200
    assert good.status_code == 302, good.context["errors"]
    rows = OpeningHours.objects.filter(facility=room.facility, kind="night")
    assert [row.weekday for row in rows.order_by("weekday")] == [1, 2, 3]


def test_page_of_a_facility_in_the_admin_leads_to_rooms_zones_hours_and_closures(client):
    room = SpaceFactory(name="茶艺室")
    client.force_login(staff(Role.CLERK, room.community))

    page = client.get(reverse("admin:facilities_facility_change", args=[room.facility_id])).content.decode()
    own = client.get(reverse("admin:facilities_space_change", args=[room.pk])).content.decode()

    assert reverse("admin:facilities_space_change", args=[room.pk]) in page
    for name in ("space_add", "zone_add", "openinghours_add", "closure_add"):
        assert reverse(f"admin:facilities_{name}") in page
    assert "还没有填开放时间" in page
    assert "按设施的时间开放" in own


def test_every_function_has_an_icon():
    assert {category.icon for category in Category.objects.all()} <= set(ICONS)
