"""How much rooms are used: worked numbers, what is counted once, what is not counted."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.urls import reverse
from django.utils import timezone

from facilities import utilisation
from facilities.hours import local
from facilities.models import (
    BookingRule,
    BookingState,
    Closure,
    Norm,
    OpeningHours,
    Space,
    SpaceLink,
    VisitCount,
)
from portal.access import Role
from tests.factories import (
    BookingFactory,
    FacilityFactory,
    RegionFactory,
    SpaceFactory,
    SpaceLinkFactory,
    open_daily,
    staff,
)
from tests.factories.rooms import tomorrow

pytestmark = pytest.mark.django_db

MONDAY = dt.date(2026, 11, 2)
SUNDAY = dt.date(2026, 11, 8)
NATIONAL_DAY = dt.date(2026, 10, 1)


def used(space, day, start, end, state=BookingState.ATTENDED):
    booking = BookingFactory(space=space, starts_at=local(day, dt.time(start)), state=state)
    booking.ends_at = local(day, dt.time(end))
    booking.save()


def use(space, first=MONDAY, last=SUNDAY):
    rows = utilisation.use_of(list(Space.objects.select_related("facility")), first, last)
    return next(row.use for row in rows if row.space == space)


def test_room_used_only_from_seven_to_nine_shows_its_true_share():
    """Open 9–21 on seven days are 84 hours; five evenings of two hours are 10: 11.9 %."""
    space = SpaceFactory()
    open_daily(space.facility)
    for number in range(5):
        used(space, MONDAY + dt.timedelta(days=number), 19, 21)

    found = use(space)

    assert (found.open, found.booked, found.attended) == (84 * 60, 600, 600)
    assert found.share == Fraction(10, 84)
    assert found.is_low()


def test_room_open_only_in_the_evening_and_always_used_is_full():
    space = SpaceFactory()
    for day in range(5):
        OpeningHours.objects.create(
            facility=space.facility, weekday=day, opens_at=dt.time(19), closes_at=dt.time(21), kind="night"
        )
        used(space, MONDAY + dt.timedelta(days=day), 19, 21)

    assert use(space).share == 1


def test_booked_and_attended_are_told_apart():
    space = SpaceFactory()
    open_daily(space.facility)
    used(space, MONDAY, 9, 12)
    used(space, MONDAY, 13, 16, BookingState.NO_SHOW)
    used(space, MONDAY, 17, 18, BookingState.CANCELLED)

    found = use(space, MONDAY, MONDAY)

    assert (found.booked, found.attended) == (360, 180)


def test_closures_and_holidays_are_not_counted_as_open():
    space = SpaceFactory()
    open_daily(space.facility, holidays=False)
    Closure.objects.create(
        facility=space.facility,
        starts_at=local(MONDAY, dt.time(9)),
        ends_at=local(MONDAY, dt.time(15)),
        reason="检修",
    )

    assert use(space, MONDAY, MONDAY).open == 6 * 60
    assert use(space, NATIONAL_DAY, NATIONAL_DAY).open == 0
    assert use(space, NATIONAL_DAY, NATIONAL_DAY).share is None


def test_weekend_hours_count():
    space = SpaceFactory()
    open_daily(space.facility)

    assert use(space, SUNDAY, SUNDAY).open == 12 * 60


def test_halves_are_counted_and_the_hall_is_not_counted_again():
    hall = SpaceFactory()
    halves = [SpaceFactory(facility=hall.facility) for _number in range(2)]
    for half in halves:
        SpaceLinkFactory(whole=hall, part=half)
    open_daily(hall.facility)
    used(hall, MONDAY, 10, 12)

    rows = utilisation.use_of(list(Space.objects.all()), MONDAY, MONDAY)

    assert {row.space for row in rows} == set(halves)
    assert [row.use.booked for row in rows] == [120, 120]
    assert utilisation.total_of("", [row.use for row in rows]).share == Fraction(2, 12)


def test_shared_things_and_rooms_nobody_can_book_are_left_out():
    room, projector = SpaceFactory(), SpaceFactory(rule=False)
    SpaceLinkFactory(whole=room, part=projector, kind=SpaceLink.Kind.SHARES)
    SpaceFactory(facility=room.facility, rule=False)
    open_daily(room.facility)

    rows = utilisation.use_of(list(Space.objects.all()), MONDAY, MONDAY)

    assert [row.space for row in rows] == [room]


def test_visits_of_the_time_are_added_up():
    space = SpaceFactory()
    open_daily(space.facility)
    for day, count in ((MONDAY, 3), (SUNDAY, 4), (SUNDAY + dt.timedelta(days=1), 50)):
        VisitCount.objects.create(space=space, hour=local(day, dt.time(10)), count=count)

    assert use(space).visits == 7


def test_visits_of_a_whole_hall_and_of_rooms_nobody_books_are_counted_too():
    hall, canteen = SpaceFactory(), SpaceFactory(rule=False, name="共享食堂")
    half = SpaceFactory(facility=hall.facility)
    SpaceLinkFactory(whole=hall, part=half)
    open_daily(hall.facility)
    for space, count in ((hall, 3), (half, 4), (canteen, 50)):
        VisitCount.objects.create(space=space, hour=local(MONDAY, dt.time(10)), count=count)

    rows = utilisation.use_of([hall, half, canteen], MONDAY, MONDAY)

    assert {row.space.pk: row.use.visits for row in rows} == {hall.pk: 3, half.pk: 4, canteen.pk: 50}
    total = utilisation.total_of("", [row.use for row in rows])
    assert (total.open, total.visits) == (12 * 60, 57)
    assert [row.space for row in utilisation.low_of(rows, MONDAY)] == [half]


def test_what_is_low_is_said_by_the_nearest_region():
    here, there = SpaceFactory(), SpaceFactory(facility__community__code="610116001060")
    for space in (here, there):
        open_daily(space.facility)
        used(space, MONDAY, 9, 15)
    Norm.objects.create(
        region=RegionFactory(code=f"{here.community_id[:9]}000"),
        code="use-share",
        name="本街道",
        measure=Norm.Measure.USE_SHARE,
        value=60,
        source="示例",
    )
    rows = utilisation.use_of([here, there], MONDAY, MONDAY)

    assert [row.space for row in utilisation.low_of(rows, MONDAY)] == [here]
    assert utilisation.low_of(rows, MONDAY, Decimal(50)) == []


def test_every_idle_time_offered_can_be_booked(client):
    space = SpaceFactory()
    open_daily(space.facility)
    BookingFactory(space=space)
    client.force_login(staff(Role.CLERK, space.community))

    found = utilisation.idle_of([space])[space.pk]

    assert len(found) == 3
    for start, _end in found:
        at = timezone.localtime(start)
        page = client.get(
            reverse("room", args=[space.pk]),
            {"day": f"{at:%Y-%m-%d}", "minutes": 60, "start": at.isoformat()},
        )
        assert page.context["form"].fields["start"].valid_value(f"{at:%Y-%m-%dT%H:%M}")


def test_idle_time_leaves_room_for_the_rooms_own_buffers_and_fits_its_rule(client):
    """Free are 9–10 and 11–12 and what is left of the day; ten minutes after each booking are kept free."""
    space = SpaceFactory(rule__buffer_after=10, rule__shortest_minutes=75, rule__step_minutes=25)
    open_daily(space.facility)
    for hour in (10, 12):
        BookingFactory(space=space, starts_at=tomorrow(hour))
    client.force_login(staff(Role.CLERK, space.community))

    found = utilisation.idle_of([space])[space.pk]

    assert found
    for start, _end in found:
        at = timezone.localtime(start)
        page = client.get(reverse("room", args=[space.pk]), {"day": f"{at:%Y-%m-%d}"})
        assert page.context["form"].fields["start"].valid_value(f"{at:%Y-%m-%dT%H:%M}")


def test_idle_time_offered_begins_after_the_rooms_notice():
    space = SpaceFactory(rule__notice_minutes=26 * 60)
    open_daily(space.facility)

    found = utilisation.idle_of([space])[space.pk]

    assert found[0][0] >= timezone.now() + dt.timedelta(hours=26) - dt.timedelta(minutes=1)


def test_page_of_332_rooms_and_a_month_costs_few_queries(client, django_assert_max_num_queries):
    facility = FacilityFactory()
    open_daily(facility)
    rooms = Space.objects.bulk_create(
        Space(facility=facility, community=facility.community, name=f"{n}室") for n in range(332)
    )
    BookingRule.objects.bulk_create(BookingRule(space=room) for room in rooms)
    for room in rooms[:30]:
        BookingFactory(space=room, starts_at=local(MONDAY, dt.time(10)), state=BookingState.ATTENDED)
    client.force_login(staff(Role.OFFICIAL, facility.community))

    with django_assert_max_num_queries(20):
        page = client.get(reverse("admin:rooms_use"), {"from": "2026-10-20", "until": "2026-11-19"})

    assert len(page.context["rows"]) == 332
    assert len(page.content) < 1_000_000
