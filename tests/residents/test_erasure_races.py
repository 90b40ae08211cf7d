"""Erasing somebody while others book: nothing personal stays, and nobody waits for ever."""

import datetime as dt
import threading

import pytest
from django.db import connection, transaction

from facilities import bookings
from facilities.bookings import BookingRefused, Taken, Wish
from facilities.models import Booking
from residents import family, privacy
from residents.models import Resident
from tests.billing.test_races import at_once
from tests.factories import BookingFactory, FamilyTieFactory, ResidentFactory, SpaceFactory, open_daily
from tests.factories.rooms import tomorrow
from tests.residents.test_privacy import NAME, everything_stored

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("whose", ["own", "member"])
def test_booking_written_while_its_resident_is_erased_keeps_nothing_personal(whose):
    room = SpaceFactory(rule__horizon_days=60)
    open_daily(room.facility)

    for day in range(1, 9):
        resident = ResidentFactory(community=room.community)
        user = resident.account
        member = FamilyTieFactory(actor=resident).member if whose == "member" else None
        start = tomorrow(10, day)
        wish = Wish(
            room,
            start,
            start + dt.timedelta(hours=1),
            purpose=NAME,
            resident_id=member.pk if member else None,
        )

        results = at_once(
            lambda wish=wish, user=user: bookings.book(wish, by=user),
            lambda resident=resident: privacy.erase(Resident.objects.get(pk=resident.pk)),
        )

        errors = [one for one in results if isinstance(one, Exception)]
        assert all(isinstance(one, BookingRefused) and not isinstance(one, Taken) for one in errors), errors
        assert NAME not in everything_stored()


def test_erasure_waits_for_a_booking_that_has_begun_and_then_forgets_it():
    room = SpaceFactory()
    open_daily(room.facility)
    resident = ResidentFactory(community=room.community)
    erasing = threading.Thread(target=erase_elsewhere, args=[resident.pk])

    with transaction.atomic():
        bookings.book(Wish(room, tomorrow(10), tomorrow(11), purpose=NAME), by=resident.account)
        erasing.start()
        erasing.join(timeout=1)
        is_waiting = erasing.is_alive()
    erasing.join()

    assert is_waiting
    assert NAME not in everything_stored()


@pytest.mark.parametrize("whose", ["own", "member", "removed member"])
def test_erasure_takes_no_room_before_one_that_a_booking_under_way_holds(whose):
    first = SpaceFactory()
    second = SpaceFactory(facility=first.facility)
    open_daily(first.facility)
    resident = ResidentFactory(community=first.community)
    member = None if whose == "own" else FamilyTieFactory(actor=resident).member
    for room, day in ((first, 3), (second, 4)):  # the later, in the second room, is given back first
        times = {"starts_at": tomorrow(10, day), "ends_at": tomorrow(11, day)}
        BookingFactory(space=room, booked_by=resident.account, resident=member, **times)
    neighbour = ResidentFactory(community=first.community).account
    call = remove_elsewhere if whose == "removed member" else erase_elsewhere
    erasing = threading.Thread(target=call, args=[resident.pk])

    with transaction.atomic():
        bookings.book(Wish(first, tomorrow(14), tomorrow(15)), by=neighbour)
        erasing.start()
        erasing.join(timeout=0.5)
        is_waiting = erasing.is_alive()
        bookings.book(Wish(second, tomorrow(14), tomorrow(15)), by=neighbour)
    erasing.join()

    assert is_waiting
    assert Booking.objects.filter(booked_by=neighbour, state="confirmed").count() == 2
    gone = Resident.objects.exclude(erased_at=None)
    assert gone.filter(pk=resident.pk if whose == "own" else member.pk).exists()


def test_erasures_bookings_and_offers_to_those_who_wait_never_deadlock():
    house, here = (first := SpaceFactory(rule__horizon_days=60)).facility, first.community
    rooms = [first, *SpaceFactory.create_batch(3, facility=house, rule__horizon_days=60)]
    open_daily(house)
    for day in range(2, 10):
        gone, also_gone, neighbour, waits = ResidentFactory.create_batch(4, community=here)
        for number, room in enumerate(rooms):  # what is later is given back first: against the order of keys
            held = Wish(room, tomorrow(10 + number, day), tomorrow(11 + number, day))
            bookings.book(held, by=(gone, also_gone)[number % 2].account)
            bookings.wait(held, by=waits.account)
        wanted = [Wish(room, tomorrow(16, day), tomorrow(17, day)) for room in rooms]

        results = at_once(
            lambda one=gone: privacy.erase(Resident.objects.get(pk=one.pk)),
            lambda one=also_gone: privacy.erase(Resident.objects.get(pk=one.pk)),
            lambda one=neighbour, wanted=wanted: bookings.book_all(wanted, by=one.account),
        )

        assert [one for one in results if isinstance(one, Exception)] == []
        assert len(results[2]) == len(rooms)
        offered = Booking.objects.filter(booked_by=waits.account, starts_at__date=tomorrow(10, day).date())
        assert {one.state for one in offered} == {"held"}


def erase_elsewhere(key):
    privacy.erase(Resident.objects.get(pk=key))
    connection.close()


def remove_elsewhere(key):
    actor = Resident.objects.get(pk=key)
    family.remove(actor, actor.acts_for.get().member)
    connection.close()
