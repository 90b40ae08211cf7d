"""The demo's rooms stand as they are told, and their weeks look alive."""

import datetime as dt

import pytest
from django.utils import timezone

from facilities import utilisation
from facilities.models import Booking, BookingState, Occupancy, Photo, Space, SpaceLink, VisitCount
from portal.demo import rooms, weeks
from portal.demo.houses import HOUSES
from portal.demo.people import DIANJIAN, HUANGHE, LIYUAN, TIANFU
from tests.factories import CommunityFactory, FacilityFactory, UserFactory

pytestmark = pytest.mark.django_db

HOMES = {"HH-1": HUANGHE, "TF-1": TIANFU, "DJ-1": DIANJIAN, "LY-1": LIYUAN}


@pytest.fixture
def made():
    for ref, code in HOMES.items():
        FacilityFactory(ref=ref, community=CommunityFactory(code=code))
    for name in ("region-admin", *weeks.CLERKS.values(), *weeks.RESIDENTS.values()):
        UserFactory(username=name)
    rooms.make()
    weeks.make()


def shares(ref):
    today = timezone.localdate()
    spaces = list(Space.objects.filter(facility__ref=ref).select_related("facility", "zone", "category"))
    rows = utilisation.use_of(spaces, today - dt.timedelta(days=28), today - dt.timedelta(days=1))
    return {one.name: one.share for one in utilisation.by(rows, lambda space: space.floor)}


def test_rooms_stand_as_they_are_told(made):
    assert rooms.are_there()
    assert weeks.are_there()
    hall = Space.objects.get(facility__ref="HH-1", name="营造工作站")
    assert {link.part.name for link in hall.links.all()} == {"营造工作站·北侧吧台", "营造工作站·南侧书墙"}
    assert SpaceLink.objects.filter(kind="shares", part__name="移动投影仪").count() == 5
    zones = {zone.name for zone in Space.objects.get(name="阶梯教室").facility.zones.all()}
    assert zones == {"友邻服务静态区", "友邻交流动态区", "友邻共享业态区"}
    assert Photo.objects.filter(space__name="阶梯教室").count() == 1
    assert Space.objects.filter(facility__ref="LY-1", category="infant", floor=1).count() == 3
    assert Space.objects.filter(facility__ref="DJ-1", category="meal").count() == 2


def test_third_floor_of_tianfu_is_little_used(made):
    found = shares("TF-1")

    assert found["3"] * 100 < 10
    assert found["2"] * 100 > 30


def test_past_and_coming_weeks_are_alive_in_every_community(made):
    now = timezone.now()
    for code in HOMES.values():
        here = Booking.objects.filter(community=code)
        assert here.filter(ends_at__lt=now, state=BookingState.ATTENDED).count() > 20
        assert here.filter(starts_at__gt=now).count() > 5
    assert VisitCount.objects.count() > 1000
    taking = [BookingState.CONFIRMED, BookingState.ATTENDED, BookingState.NO_SHOW, BookingState.REQUESTED]
    assert not Booking.objects.filter(state__in=taking, occupancies=None).exists()


def test_house_of_an_older_demo_is_not_made_anew_at_every_start(made):
    SpaceLink.objects.filter(whole__name="托班").delete()
    Space.objects.get(name="托班").hours.all().delete()
    Space.objects.get(name="托班").delete()

    assert rooms.are_there()


def test_made_again_nothing_is_added(made):
    before = Booking.objects.count(), Occupancy.objects.count(), VisitCount.objects.count()

    rooms.make()
    weeks.make()

    assert (Booking.objects.count(), Occupancy.objects.count(), VisitCount.objects.count()) == before


def test_rooms_and_weeks_are_made_in_few_statements(made, django_assert_max_num_queries):
    Occupancy.objects.all().delete()
    Booking.objects.all().delete()

    with django_assert_max_num_queries(20):
        weeks.make()

    assert sum(len(house.rooms) for house in HOUSES) == Space.objects.count()
