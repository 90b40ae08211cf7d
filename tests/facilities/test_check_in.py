"""Who has come: the code at the door, its poster, and visitors who are counted without a name."""

import pytest
from django.urls import reverse
from django.utils import timezone

from facilities.models import BookingState
from facilities.views import check_in
from portal.access import Role
from tests.factories import BookingFactory, ResidentFactory, SpaceFactory, open_daily, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def space():
    found = SpaceFactory(name="书画室")
    open_daily(found.facility)
    return found


def test_visitor_is_counted_once_an_hour_and_not_named(client, space):
    address = reverse("room_here", args=[space.pk, check_in.address_of(space)])

    for _number in range(2):
        client.post(address)

    assert [row.count for row in space.visits.all()] == [1]


def test_code_at_the_door_checks_in_whoever_booked(client, space):
    booking = BookingFactory(space=space, starts_at=timezone.now())
    client.force_login(booking.booked_by)

    client.post(reverse("room_here", args=[space.pk, check_in.address_of(space)]), {"do": "arrive"})

    booking.refresh_from_db()
    assert booking.state == BookingState.ATTENDED
    assert not space.visits.exists()


def test_code_at_the_door_checks_in_who_was_booked_for_at_the_counter(client, space):
    resident = ResidentFactory(community=space.community)
    booking = BookingFactory(space=space, starts_at=timezone.now(), resident=resident)
    client.force_login(resident.account)

    client.post(reverse("room_here", args=[space.pk, check_in.address_of(space)]), {"do": "arrive"})

    booking.refresh_from_db()
    assert booking.state == BookingState.ATTENDED
    assert not space.visits.exists()


def test_poster_carries_the_code(client, space):
    client.force_login(staff(Role.CLERK, space.community))

    assert "<svg" in client.get(reverse("admin:rooms_poster", args=[space.pk])).content.decode()


def test_nobody_checks_in_from_home(client, space):
    booking = BookingFactory(space=space, starts_at=timezone.now())
    client.force_login(booking.booked_by)

    client.post(reverse("my_booking_step", args=[booking.pk]), {"do": "arrive"})

    booking.refresh_from_db()
    assert booking.state == BookingState.CONFIRMED
    page = client.get(reverse("my_bookings")).content.decode()
    assert "扫门口的码签到" in page
    assert "我到了" not in page
