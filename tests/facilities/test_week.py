"""A room's week on the calendar: whatever takes it, on each day, in order."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from facilities.hours import local
from facilities.models import Block, ExternalCalendar
from portal.access import Role
from tests.factories import BookingFactory, SpaceFactory, SpaceLinkFactory, open_daily, staff

pytestmark = pytest.mark.django_db


def test_half_a_hall_shows_when_the_whole_is_booked_and_a_long_block_stands_on_each_of_its_days(client):
    hall = SpaceFactory(name="多功能厅")
    half = SpaceFactory(facility=hall.facility, name="东厅")
    SpaceLinkFactory(whole=hall, part=half)
    open_daily(hall.facility)
    monday = timezone.localdate() + dt.timedelta(days=7 - timezone.localdate().weekday())
    BookingFactory(space=hall, starts_at=local(monday, dt.time(10)))
    calendar = ExternalCalendar.objects.create(space=half, name="装修")
    start, end = local(monday + dt.timedelta(days=1), dt.time(15)), local(monday + dt.timedelta(days=3))
    Block.objects.create(calendar=calendar, starts_at=start, ends_at=end)
    client.force_login(staff(Role.CLERK, hall.community))

    page = client.get(reverse("admin:rooms_calendar"), {"room": half.pk, "day": f"{monday}"})

    cells = page.context["rows"][0]["cells"]
    times = [
        [(f"{timezone.localtime(one['start']):%H:%M}", one["is_own"]) for one in cell["items"]]
        for cell in cells[:4]
    ]
    assert times == [[("10:00", False)], [("15:00", True)], [("00:00", True)], []]
    assert "随“多功能厅”占用" in page.content.decode()
    assert "00:00–24:00" in page.content.decode()


@pytest.mark.parametrize("days", ["1", "7"])
def test_day_and_week_of_a_few_rooms_name_what_takes_them_and_what_may_be_done(client, days):
    hall = SpaceFactory(name="多功能厅")
    half = SpaceFactory(facility=hall.facility, name="东厅")
    SpaceLinkFactory(whole=hall, part=half)
    open_daily(hall.facility)
    booking = BookingFactory(space=hall, booked_for="张阿姨")
    day = timezone.localtime(booking.starts_at).date()
    calendar = ExternalCalendar.objects.create(space=half, name="装修")
    Block.objects.create(
        calendar=calendar, starts_at=local(day, dt.time(15)), ends_at=local(day, dt.time(16))
    )
    client.force_login(staff(Role.CLERK, hall.community))

    page = client.get(reverse("admin:rooms_calendar"), {"days": days, "day": f"{day}"}).content.decode()

    assert page.count("张阿姨") == 1
    assert page.count("随“多功能厅”占用") == 1
    assert "装修" in page
    assert reverse("admin:rooms_step", args=[booking.pk]) in page
