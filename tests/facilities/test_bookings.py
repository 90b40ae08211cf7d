"""Bookings: what is allowed, what is refused, what is offered instead."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from facilities import bookings
from facilities.bookings import BookingRefused, Closed, OnConflict, Taken, TooMany, Wish, WrongState
from facilities.models import Booking, BookingState, Occupancy, RefusedWish, SpaceLink
from portal.access import Role
from portal.models import AuditEntry
from tests.factories import (
    BookingFactory,
    CommunityFactory,
    FacilityFactory,
    ProviderFactory,
    SpaceFactory,
    SpaceLinkFactory,
    UserFactory,
    open_daily,
    staff,
)
from tests.factories.rooms import tomorrow

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def room(**fields):
    space = SpaceFactory(**fields)
    open_daily(space.facility)
    return space


def wish(space, hour=10, length=HOUR, days=1, **fields):
    start = tomorrow(hour, days)
    return Wish(space, start, start + length, **fields)


def test_booking_takes_every_leaf_of_the_hall():
    link = SpaceLinkFactory(whole=room())
    other = SpaceLinkFactory(whole=link.whole).part

    bookings.book(wish(link.whole), by=UserFactory())

    assert set(Occupancy.objects.values_list("space", flat=True)) == {link.part_id, other.pk}


def test_rooms_that_contain_each_other_are_not_booked_as_if_nothing_were_taken():
    link = SpaceLinkFactory(whole=room())
    SpaceLinkFactory(whole=link.part, part=link.whole)

    with pytest.raises(BookingRefused, match="互相包含"):
        bookings.book(wish(link.whole), by=UserFactory())

    assert not Booking.objects.exists()


def test_half_hall_is_taken_while_the_whole_is_booked():
    link = SpaceLinkFactory(whole=room())
    bookings.book(wish(link.whole), by=UserFactory())

    with pytest.raises(Taken) as refused:
        bookings.book(wish(link.part), by=UserFactory())

    assert refused.value.free


def test_rooms_that_share_the_projector_are_not_booked_at_once():
    first = room()
    second, projector = SpaceFactory(facility=first.facility), SpaceFactory(facility=first.facility)
    for one in (first, second):
        SpaceLinkFactory(whole=one, part=projector, kind=SpaceLink.Kind.SHARES)
    bookings.book(wish(first), by=UserFactory())

    with pytest.raises(Taken):
        bookings.book(wish(second), by=UserFactory())


def test_database_refuses_an_overlap_whoever_writes_it():
    booking = BookingFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        Occupancy.objects.create(
            space=booking.space, booking=booking, during=(booking.starts_at, booking.ends_at)
        )


def test_buffers_keep_the_next_booking_away():
    space = room(rule__buffer_after=20)
    bookings.book(wish(space, 10), by=UserFactory())

    with pytest.raises(Taken) as refused:
        bookings.book(wish(space, 11), by=UserFactory())

    assert refused.value.free[0].start == tomorrow(11) + dt.timedelta(minutes=20)


def test_refused_wish_is_counted_without_a_person():
    space = room()
    bookings.book(wish(space), by=UserFactory())
    for _number in range(2):
        with pytest.raises(Taken):
            bookings.book(wish(space), by=UserFactory())

    row = RefusedWish.objects.get()

    assert (row.day, row.space, row.reason, row.count) == (tomorrow(10).date(), space, "taken", 2)


def test_closed_time_is_refused_with_the_next_open_one():
    with pytest.raises(Closed) as refused:
        bookings.book(wish(room(), 22), by=UserFactory())

    assert refused.value.free


@pytest.mark.parametrize(
    ("rule", "asked"),
    [
        ({"rule__longest_minutes": 50}, {}),
        ({"rule__shortest_minutes": 90}, {}),
        ({"rule__step_minutes": 45}, {}),
        ({"rule__horizon_days": 5}, {"days": 6}),
        ({"rule__notice_minutes": 60 * 72}, {}),
        ({"capacity": 5}, {"people": 6}),
        ({"is_public": False}, {}),
        ({"rule": False}, {}),
        ({}, {"days": -1}),
    ],
)
def test_rule_refuses(rule, asked):
    with pytest.raises(bookings.BookingRefused):
        bookings.book(wish(room(**rule), **asked), by=UserFactory())

    assert not Booking.objects.exists()


def test_person_holds_no_more_bookings_than_the_rule_says():
    space, person = room(rule__per_person=1), UserFactory()
    bookings.book(wish(space, 10), by=person)

    with pytest.raises(TooMany):
        bookings.book(wish(space, 12), by=person)


def test_price_is_by_the_hour_to_the_fen():
    space = room(rule__price_per_hour=Decimal("20.00"))

    booking = bookings.book(wish(space, length=dt.timedelta(minutes=50)), by=UserFactory())

    assert str(booking.price) == "16.67"


def test_nobody_approves_their_own_request():
    space = room(rule__needs_approval=True)
    clerk = staff(Role.CLERK, space.community)
    booking = bookings.book(wish(space), by=clerk)

    with pytest.raises(bookings.BookingRefused):
        bookings.decide(booking, approve=True, by=clerk)

    bookings.decide(booking, approve=True, by=staff(Role.APPROVER, space.community))
    booking.refresh_from_db()
    assert booking.state == BookingState.CONFIRMED


def test_rejected_request_gives_the_time_back():
    space = room(rule__needs_approval=True)
    booking = bookings.book(wish(space), by=UserFactory())

    bookings.decide(booking, approve=False, by=staff(Role.APPROVER, space.community))

    assert bookings.book(wish(space), by=UserFactory()).pk


def test_cancelled_time_is_held_for_who_waits_first():
    space, waiting = room(), UserFactory()
    booking = bookings.book(wish(space), by=UserFactory())
    queued = bookings.wait(wish(space), by=waiting)
    later = bookings.wait(wish(space), by=UserFactory())

    bookings.cancel(booking, by=booking.booked_by)

    queued.refresh_from_db()
    later.refresh_from_db()
    assert (queued.state, later.state) == (BookingState.HELD, BookingState.WAITING)
    bookings.accept(queued, by=waiting)
    queued.refresh_from_db()
    assert queued.state == BookingState.CONFIRMED


def test_hold_that_ran_out_is_free_for_the_next():
    space = room()
    held = bookings.book(wish(space), by=UserFactory(), hold=True)
    Booking.objects.filter(pk=held.pk).update(hold_until=timezone.now())

    assert bookings.book(wish(space), by=UserFactory()).state == BookingState.CONFIRMED
    held.refresh_from_db()
    assert held.state == BookingState.EXPIRED
    with pytest.raises(WrongState):
        bookings.accept(held, by=held.booked_by)


def test_expired_hold_goes_to_who_waits():
    space = room()
    held = bookings.book(wish(space), by=UserFactory(), hold=True)
    queued = bookings.wait(wish(space), by=UserFactory())
    Booking.objects.filter(pk=held.pk).update(hold_until=timezone.now())

    assert bookings.expire() == 1

    queued.refresh_from_db()
    assert queued.state == BookingState.HELD


def test_free_time_has_no_waiting_list():
    with pytest.raises(bookings.BookingRefused):
        bookings.wait(wish(room()), by=UserFactory())


def weekly_with_the_second_taken(space):
    wishes = bookings.weekly(wish(space), 3)
    bookings.book(wishes[1], by=UserFactory())
    return wishes


def test_series_that_fails_books_nothing():
    space, person = room(), UserFactory()
    wishes = weekly_with_the_second_taken(space)

    with pytest.raises(Taken):
        bookings.book_series(wishes, by=person, on_conflict=OnConflict.FAIL)

    assert not person.bookings.exists()


@pytest.mark.parametrize(("way", "offers"), [(OnConflict.SKIP, False), (OnConflict.SUGGEST, True)])
def test_series_says_which_dates_were_skipped_and_why(way, offers):
    space = room()
    wishes = weekly_with_the_second_taken(space)

    result = bookings.book_series(wishes, by=UserFactory(), on_conflict=way)

    assert len(result.made) == 2
    assert [one.wish for one in result.skipped] == [wishes[1]]
    assert result.skipped[0].reason
    assert bool(result.skipped[0].free) == offers


def test_check_in_counts_as_attended_and_the_rest_as_no_show():
    now = timezone.now()
    here, gone = BookingFactory(starts_at=now), BookingFactory(starts_at=now - 3 * HOUR)

    bookings.check_in(here, by=here.booked_by)

    assert bookings.mark_no_shows() == 1
    here.refresh_from_db()
    gone.refresh_from_db()
    assert (here.state, gone.state) == (BookingState.ATTENDED, BookingState.NO_SHOW)
    with pytest.raises(WrongState):
        bookings.check_in(gone, by=gone.booked_by)


def test_old_booking_forgets_who_it_was_and_stays_a_figure():
    old = BookingFactory(starts_at=timezone.now() - dt.timedelta(days=800), purpose="聚会", booked_for="某人")

    assert bookings.prune() == 1

    old.refresh_from_db()
    assert (old.booked_by, old.purpose, old.booked_for) == (None, "", "")
    assert old.ends_at


def test_what_came_to_nothing_and_names_written_at_the_counter_are_forgotten_after_90_days():
    long_ago, lately = (timezone.now() - dt.timedelta(days=days) for days in (91, 80))
    made = [
        BookingFactory(starts_at=at, state=state, purpose="聚会", booked_for="张阿姨")
        for at in (long_ago, lately)
        for state in (BookingState.CANCELLED, BookingState.ATTENDED)
    ]

    assert bookings.prune() == 1

    kept = [
        (row.booked_by is not None, row.purpose, row.booked_for)
        for row in Booking.objects.filter(pk__in=[one.pk for one in made]).order_by("pk")
    ]
    nothing, all_of_it = (False, "", ""), (True, "聚会", "张阿姨")
    assert kept == [nothing, (True, "聚会", ""), all_of_it, all_of_it]


def test_similar_room_is_offered_when_the_day_is_full():
    here = room(rule__longest_minutes=720)
    other = SpaceFactory(facility=here.facility)
    bookings.book(wish(here, 9, 12 * HOUR), by=UserFactory())

    slots = bookings.suggest(wish(here), by=UserFactory())

    assert (other.pk, "similar") in {(slot.space, slot.how) for slot in slots}


def test_staff_of_elsewhere_see_no_booking_and_residents_only_theirs():
    booking = BookingFactory()

    assert list(Booking.objects.visible_to(staff(Role.CLERK, booking.community))) == [booking]
    assert list(Booking.objects.visible_to(booking.booked_by)) == [booking]
    assert not Booking.objects.visible_to(staff(Role.CLERK, CommunityFactory())).exists()
    assert not Booking.objects.visible_to(UserFactory()).exists()


def test_spaces_cannot_contain_each_other():
    link = SpaceLinkFactory()
    back = SpaceLink(whole=link.part, part=link.whole)

    with pytest.raises(Exception, match="互相包含"):
        back.full_clean()
    with pytest.raises(Exception, match="同一设施"):
        SpaceLink(whole=link.whole, part=SpaceFactory(facility=FacilityFactory())).full_clean()


def test_person_at_their_limit_is_offered_only_other_rooms():
    here, person = room(rule__per_person=1), UserFactory()
    other = SpaceFactory(facility=here.facility)
    bookings.book(wish(here, 10), by=person)

    slots = bookings.suggest(wish(here, 12), by=person)

    assert {slot.space for slot in slots} == {other.pk}


def test_same_request_key_books_once():
    space, person = room(), UserFactory()
    first = bookings.book(wish(space), by=person, key="k1")

    again = bookings.book(wish(space), by=person, key="k1")

    assert again == first
    with pytest.raises(WrongState):
        bookings.book(wish(space, 15), by=person, key="k1")


def test_record_of_own_booking_does_not_keep_the_name_that_is_to_be_forgotten():
    space, clerk = room(), UserFactory()

    booking = bookings.book(wish(space), by=clerk)
    bookings.cancel(booking, by=UserFactory(superuser=True))

    assert [entry.by is None for entry in AuditEntry.objects.order_by("pk")] == [True, False]


def test_members_of_a_provider_see_what_it_booked():
    provider = ProviderFactory()
    booking = BookingFactory(provider=provider)

    assert list(Booking.objects.visible_to(UserFactory(provider=provider))) == [booking]
    assert not Booking.objects.visible_to(UserFactory(provider=ProviderFactory())).exists()


def test_rule_by_which_nobody_could_book_is_refused():
    rule = SpaceFactory(rule__shortest_minutes=30, rule__longest_minutes=50, rule__step_minutes=60).rule

    with pytest.raises(ValidationError, match="谁也约不了"):
        rule.full_clean()
    rule.longest_minutes = 60
    rule.full_clean()
