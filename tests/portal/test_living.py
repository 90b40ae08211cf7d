"""The first page of a resident, and the bar at the thumb."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from facilities import bookings
from facilities.bookings import Wish
from portal.access import Role
from tests.factories import (
    CommunityMonthFactory,
    ResidentFactory,
    SpaceFactory,
    UserFactory,
    open_daily,
    staff,
)
from tests.factories.rooms import tomorrow

pytestmark = pytest.mark.django_db

COST = 14


@pytest.fixture
def resident(client):
    """Registered and not confirmed: no role yet."""
    found = ResidentFactory()
    client.force_login(found.account)
    return found


@pytest.fixture
def room(resident):
    found = SpaceFactory(facility__community=resident.community)
    open_daily(found.facility)
    return found


def first_page(client):
    return client.get(reverse("home"))


def test_rooms_free_in_my_community_lead_to_a_time_that_can_be_booked(client, resident, room):
    foreign = SpaceFactory()
    open_daily(foreign.facility)

    shown = first_page(client)

    (free,) = shown.context["free"]
    end = free.start + dt.timedelta(minutes=free.minutes)
    assert (free.space, foreign.name in shown.content.decode()) == (room, False)
    assert bookings.book(Wish(free.space, free.start, end), by=resident.account).pk


def test_a_room_that_is_not_for_residents_is_not_offered(client, resident, room):
    type(room).objects.update(is_public=False)

    assert first_page(client).context["free"] == []


def test_my_next_booking_comes_first_and_a_cancelled_one_never(client, resident, room):
    later, soon, gone = (
        bookings.book(Wish(room, tomorrow(hour), tomorrow(hour + 1)), by=resident.account)
        for hour in (14, 12, 10)
    )
    bookings.cancel(gone, by=resident.account)

    assert first_page(client).context["booking"] == soon
    assert later.starts_at > soon.starts_at > timezone.now()


def test_the_first_page_says_where_the_money_went(client, resident):
    figures = CommunityMonthFactory(close__community=resident.community, close__notice=True)

    shown = first_page(client)

    assert shown.context["close"] == figures.close
    assert reverse("community", args=[resident.community_id]) in shown.content.decode()


def test_the_first_page_has_one_main_action(client, resident, room):
    assert first_page(client).content.decode().count("button primary") == 1


def test_first_page_costs_the_same_for_30_rooms(client, resident, room, django_assert_max_num_queries):
    SpaceFactory.create_batch(29, facility=room.facility)

    with django_assert_max_num_queries(25) as queries:
        few = first_page(client).context["free"]

    assert len(few) == 4
    assert len(queries) == COST


def test_residents_have_four_places_at_the_thumb_and_know_where_they_are(client, resident):
    bars = [client.get(reverse(name)).context["thumbs"] for name in ("home", "rooms", "my_bookings", "needs")]

    assert [one.href for one in bars[0]] == [reverse(name) for name in ("home", "rooms", "me", "needs")]
    assert [[one.is_here for one in bar].index(True) for bar in bars] == [0, 1, 2, 3]


def test_staff_providers_and_guests_have_no_bar_at_the_thumb(client, resident):
    for user in (staff(Role.CLERK, resident.community), UserFactory(superuser=True)):
        client.force_login(user)
        assert 'class="thumbs"' not in client.get(reverse("rooms")).content.decode()
    client.logout()

    assert 'class="thumbs"' not in first_page(client).content.decode()
