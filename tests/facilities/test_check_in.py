"""Who has come: the code at the door, its poster, and visitors who are counted without a name."""

import pytest
from django.urls import reverse
from django.utils import timezone

from facilities.models import BookingState, SpaceLink
from facilities.views import check_in
from portal.access import Role
from tests.factories import (
    BookingFactory,
    ResidentFactory,
    SpaceFactory,
    SpaceLinkFactory,
    open_daily,
    staff,
)

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


def arrive(client, booking, door):
    client.force_login(booking.booked_by)
    client.post(reverse("room_here", args=[door.pk, check_in.address_of(door)]), {"do": "arrive"})
    booking.refresh_from_db()
    return booking.state


def test_whole_hall_is_checked_in_at_the_door_of_its_half_and_a_half_at_the_halls(client, space):
    halves = [SpaceFactory(facility=space.facility) for _number in range(2)]
    for half in halves:
        SpaceLinkFactory(whole=space, part=half)
    whole = BookingFactory(space=space, starts_at=timezone.now())
    half = BookingFactory(space=halves[0], starts_at=whole.ends_at)
    half.starts_at = timezone.now()
    half.save()

    assert arrive(client, half, halves[1]) == BookingState.CONFIRMED
    assert arrive(client, half, space) == BookingState.ATTENDED
    assert arrive(client, whole, halves[1]) == BookingState.ATTENDED


def test_room_that_shares_only_a_projector_is_another_door(client, space):
    other, projector = SpaceFactory(facility=space.facility), SpaceFactory(facility=space.facility)
    for room in (space, other):
        SpaceLinkFactory(whole=room, part=projector, kind=SpaceLink.Kind.SHARES)
    booking = BookingFactory(space=space, starts_at=timezone.now())

    assert arrive(client, booking, other) == BookingState.CONFIRMED
    assert arrive(client, booking, projector) == BookingState.CONFIRMED


def test_page_at_the_door_names_the_hall_that_is_booked(client, space):
    half = SpaceFactory(facility=space.facility)
    SpaceLinkFactory(whole=space, part=half)
    booking = BookingFactory(space=space, starts_at=timezone.now())
    client.force_login(booking.booked_by)

    page = client.get(reverse("room_here", args=[half.pk, check_in.address_of(half)])).content.decode()

    assert "书画室 ·" in page
