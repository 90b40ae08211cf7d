"""The staff's calendar with 332 rooms full of bookings: few queries, soon there, not large."""

import os
import statistics
import time

import pytest
from django.db import connection
from django.urls import reverse

from facilities.models import Booking, BookingRule, BookingState, Occupancy, Space
from portal.access import Role
from tests.factories import FacilityFactory, UserFactory, open_daily, staff
from tests.factories.rooms import tomorrow

ROOMS = 332


def full_rooms(rooms, hours=range(9, 21), days=7):
    """Rooms booked every hour of a week that begins on a Monday."""
    facility, person = FacilityFactory(), UserFactory()
    open_daily(facility)
    made = Space.objects.bulk_create(
        Space(facility=facility, community=facility.community, name=f"{n}室") for n in range(rooms)
    )
    BookingRule.objects.bulk_create(BookingRule(space=space) for space in made)
    first = 7 - tomorrow(0, 0).weekday()
    booked = Booking.objects.bulk_create(
        Booking(
            space=space,
            community=facility.community,
            starts_at=tomorrow(hour, first + day),
            ends_at=tomorrow(hour + 1, first + day),
            state=BookingState.CONFIRMED,
            booked_by=person,
        )
        for space in made
        for day in range(days)
        for hour in hours
    )
    Occupancy.objects.bulk_create(
        Occupancy(space_id=one.space_id, booking=one, during=(one.starts_at, one.ends_at)) for one in booked
    )
    return facility, f"{tomorrow(0, first):%Y-%m-%d}"


@pytest.mark.django_db
@pytest.mark.parametrize("length", ["1", "7"])
@pytest.mark.parametrize("rooms", [20, 40])
def test_calendar_costs_the_same_queries_for_any_number_of_full_rooms(
    client, django_assert_num_queries, rooms, length
):
    facility, day = full_rooms(rooms, range(9, 11))
    client.force_login(staff(Role.CLERK, facility.community))

    with django_assert_num_queries(11 if length == "7" else 12):
        client.get(reverse("admin:rooms_calendar"), {"day": day, "days": length})


def processor_of(pid):
    """Seconds of processor a process on this machine has used."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.prove
@pytest.mark.django_db
@pytest.mark.parametrize("length", ["7", "1"])
def test_332_full_rooms_take_less_than_300_ms_and_a_megabyte(client, length):
    facility, day = full_rooms(ROOMS)
    client.force_login(staff(Role.CLERK, facility.community))
    asked = {"day": day, "days": length}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("SELECT pg_backend_pid()")
        database = cursor.fetchone()[0]
    page = client.get(reverse("admin:rooms_calendar"), asked)

    took, busy, before = [], [], processor_of(database)
    for _number in range(5):
        began, worked = time.perf_counter(), time.process_time()
        client.get(reverse("admin:rooms_calendar"), asked)
        took.append(time.perf_counter() - began)
        busy.append(time.process_time() - worked)
    median, python = statistics.median(took), statistics.median(busy)
    postgres = (processor_of(database) - before) / 5

    print(
        f"\n{ROOMS} rooms, {length} days: {median * 1000:.0f} ms; processor {python * 1000:.0f} ms of Python"
        f" and {postgres * 1000:.0f} ms of PostgreSQL; {len(page.content):,} bytes"
    )
    assert len(page.content) < 1_000_000
    assert python + postgres < 0.3
    assert median < 0.3
