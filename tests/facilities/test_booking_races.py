"""Two people want one time at once: one gets it, the other is told what is free, nobody sees a deadlock."""

import datetime as dt
import os
import time
from collections import Counter

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facilities import bookings
from facilities.bookings import Taken, Wish
from facilities.models import Booking, Closure, Occupancy, OpeningHours, RefusedWish, Space, SpaceLink
from tests.billing.test_races import at_once
from tests.facilities.racing import Racers
from tests.factories import SpaceFactory, SpaceLinkFactory, UserFactory, open_daily
from tests.factories.rooms import tomorrow

HOUR = dt.timedelta(hours=1)


def wish(space, hour=10, days=1):
    return Wish(space, tomorrow(hour, days), tomorrow(hour, days) + HOUR)


def hall():
    whole = SpaceFactory(rule__horizon_days=365)
    halves = [SpaceLinkFactory(whole=whole, part__rule__horizon_days=365).part for _number in range(2)]
    open_daily(whole.facility)
    return whole, *halves


def won_by_one(results):
    lost = [one for one in results if isinstance(one, Taken)]
    return len(lost) == 1 and all(one.free for one in lost) and len(results) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("pair", [(0, 0), (0, 1), (2, 0)], ids=["same", "whole-half", "half-whole"])
def test_one_of_two_gets_the_room_and_the_other_the_next_times(pair):
    spaces, people = hall(), [UserFactory(), UserFactory()]

    for day in range(1, 5):
        results = at_once(
            *[
                lambda space=spaces[index], by=by, day=day: bookings.book(wish(space, days=day), by=by)
                for index, by in zip(pair, people, strict=True)
            ]
        )
        assert won_by_one(results), results


@pytest.mark.django_db(transaction=True)
def test_two_rooms_in_opposite_order_end_without_a_deadlock():
    _whole, first, second = hall()
    people = [UserFactory(), UserFactory()]

    for day in range(1, 5):
        there = [wish(first, days=day), wish(second, days=day)]
        results = at_once(
            lambda there=there: bookings.book_all(there, by=people[0]),
            lambda there=there: bookings.book_all(there[::-1], by=people[1]),
        )
        assert won_by_one(results), results
        assert Booking.objects.filter(starts_at=there[0].start).count() == 2


def rivals(number, halls):
    """What two people want at once: the same, parts of the same, or two rooms in opposite order."""
    whole, first, second = halls[number % len(halls)]
    slot = number // len(halls)
    hour, day = 9 + slot % 12, slot // 12 + 1

    def wants(*spaces):
        wishes = [wish(space, hour, day) for space in spaces]
        return lambda by: bookings.book_all(wishes, by=by)

    return [
        (wants(whole), wants(whole)),
        (wants(whole), wants(first)),
        (wants(second), wants(whole)),
        (wants(first, second), wants(second, first)),
        (wants(second, first), wants(whole)),
    ][number % 5]


def deadlocks():
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


@pytest.mark.prove
@pytest.mark.django_db(transaction=True)
def test_ten_thousand_races_have_one_winner_each():
    races, halls = int(os.environ.get("RACES", "10000")), [hall() for _number in range(4)]
    people, before, began = [UserFactory(), UserFactory()], deadlocks(), time.monotonic()
    wins = Counter()

    with Racers(2) as racers:
        for number in range(races):
            one, other = rivals(number, halls)
            results = racers.race(lambda one=one: one(people[0]), lambda other=other: other(people[1]))
            assert won_by_one(results), results
            wins[isinstance(results[0], Taken)] += 1

    took = time.monotonic() - began
    print(
        f"\n{races} races: {took:.0f} s, won {wins[False]} to {wins[True]}, deadlocks {deadlocks() - before}"
    )
    assert RefusedWish.objects.aggregate(all=Sum("count"))["all"] == races
    assert deadlocks() == before


@pytest.fixture
def person(db):
    return get_user_model().objects.create(username="somebody")


PLACES = st.fixed_dictionaries(
    {
        "opens": st.integers(7, 12),
        "closes": st.integers(14, 22),
        "step": st.sampled_from([5, 10, 15, 20, 30, 45]),
        "before": st.integers(0, 30),
        "after": st.integers(0, 30),
        "hour": st.integers(6, 22),
        "length": st.integers(1, 6),
        "closed": st.integers(0, 30),
        "holidays": st.booleans(),
        "made_of": st.sampled_from(["itself", "halves", "half", "projector"]),
        "limit": st.integers(0, 3),
        "season": st.booleans(),
        "night": st.booleans(),
        "taken": st.lists(st.integers(7, 20), max_size=4),
    }
)
# 春节, the last make-up Saturday known, and an ordinary week.
DAYS = st.sampled_from([dt.date(2026, 2, 12), dt.date(2026, 10, 8), dt.date(2026, 6, 3)])


def a_place(case):
    space = SpaceFactory(
        rule__step_minutes=case["step"],
        rule__shortest_minutes=case["step"],
        rule__longest_minutes=720,
        rule__buffer_before=case["before"],
        rule__buffer_after=case["after"],
        rule__per_person=case["limit"],
    )
    open_daily(space.facility, case["opens"], case["closes"], case["holidays"])
    other = SpaceFactory(facility=space.facility)
    compose(space, other, case["made_of"])
    OpeningHours.objects.bulk_create(more_hours(space, case))
    Closure.objects.create(
        facility=space.facility,
        space=space,
        starts_at=tomorrow(case["closed"] % 20),
        ends_at=tomorrow(case["closed"] % 20) + HOUR,
        reason="检修",
    )
    return space


def compose(space, other, made_of):
    """The space holds two halves, is a half of the other, or shares a projector with it."""
    if made_of == "halves":
        for part in (other, SpaceFactory(facility=space.facility)):
            SpaceLinkFactory(whole=space, part=part)
    elif made_of == "half":
        for part in (space, SpaceFactory(facility=space.facility)):
            SpaceLinkFactory(whole=other, part=part)
    elif made_of == "projector":
        thing = SpaceFactory(facility=space.facility, rule=False)
        for whole in (space, other):
            SpaceLinkFactory(whole=whole, part=thing, kind=SpaceLink.Kind.SHARES)


def more_hours(space, case):
    """Shorter days in a season over the New Year and in June, and night school after supper."""
    seasons = [("12-01", "02-28"), ("06-01", "06-30")] if case["season"] else []
    for weekday in range(7):
        for first, last in seasons:
            yield OpeningHours(
                facility=space.facility,
                weekday=weekday,
                opens_at=dt.time(10),
                closes_at=dt.time(13, 30),
                season_from=first,
                season_until=last,
            )
        if case["night"]:
            yield OpeningHours(
                facility=space.facility,
                weekday=weekday,
                kind=OpeningHours.Kind.NIGHT,
                opens_at=dt.time(22),
                closes_at=dt.time(23),
            )


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=PLACES, day=DAYS)
def test_every_suggested_time_can_be_booked(person, case, day):
    now = dt.datetime.combine(day, dt.time(8), tomorrow(1).tzinfo)
    with pytest.MonkeyPatch.context() as clock:
        clock.setattr("django.utils.timezone.now", lambda: now)
        space, stranger = a_place(case), UserFactory()
        others = list(Space.objects.bookable().filter(facility=space.facility))
        for number, hour in enumerate(case["taken"]):
            try_to_book(wish(others[number % len(others)], hour), person if number % 2 else stranger)
        length = dt.timedelta(minutes=case["step"] * case["length"])
        wanted = Wish(space, tomorrow(case["hour"]), tomorrow(case["hour"]) + length)

        slots = bookings.suggest(wanted, by=person)

        for slot in slots:
            room = Space.objects.get(pk=slot.space)
            made = bookings.book(Wish(room, slot.start, slot.end), by=person)
            Occupancy.objects.filter(booking=made).delete()
            Booking.objects.filter(pk=made.pk).delete()


def try_to_book(one, person):
    try:
        bookings.book(one, by=person)
    except bookings.BookingRefused:
        return
