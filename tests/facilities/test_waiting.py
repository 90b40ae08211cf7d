"""What becomes free goes to who waits, and to nobody who may not have it."""

import datetime as dt

import pytest
from celery import current_app
from django.utils import timezone

from facilities import bookings, tasks
from facilities.hours import local
from facilities.models import Booking, BookingState
from tests.facilities.test_bookings import HOUR, room, wish
from tests.factories import ProviderMemberFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_what_the_next_booking_leaves_of_a_hold_that_ran_out_goes_to_who_waits(
    monkeypatch, django_capture_on_commit_callbacks
):
    space = room()
    held = bookings.book(wish(space, 9, 3 * HOUR), by=UserFactory(), hold=True)
    queued = bookings.wait(wish(space, 11), by=UserFactory())
    Booking.objects.filter(pk=held.pk).update(hold_until=timezone.now())
    sent = []
    monkeypatch.setattr(current_app, "send_task", lambda task, args, **_rest: sent.append((task, args)))

    with django_capture_on_commit_callbacks(execute=True):
        bookings.book(wish(space, 9), by=UserFactory())
    tasks.offer_freed(*dict(sent)["facilities.tasks.offer_freed"])

    queued.refresh_from_db()
    assert queued.state == BookingState.HELD


def test_nothing_is_held_in_the_name_of_a_business_one_has_left():
    space, membership = room(), ProviderMemberFactory()
    taken = bookings.book(wish(space), by=UserFactory())
    queued = bookings.wait(wish(space, provider_id=membership.provider_id), by=membership.user)
    membership.delete()

    bookings.cancel(taken, by=taken.booked_by)

    queued.refresh_from_db()
    assert queued.state == BookingState.WAITING


@pytest.mark.parametrize(
    ("freed_at", "held_until"),
    [(dt.time(14), (0, 16)), (dt.time(19), (0, 21)), (dt.time(21), (1, 9)), (dt.time(3), (0, 9))],
)
def test_hold_for_who_waits_does_not_run_out_at_night(freed_at, held_until, monkeypatch):
    """Held are two hours, but not the sleeper's."""
    space = room(rule__hold_minutes=120)
    day = timezone.localdate() + dt.timedelta(days=3)
    taken = bookings.book(wish(space, days=5), by=UserFactory())
    queued = bookings.wait(wish(space, days=5), by=UserFactory())
    now = local(day, freed_at)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)

    bookings.cancel(taken, by=taken.booked_by)

    queued.refresh_from_db()
    days, hour = held_until
    assert queued.hold_until == local(day + dt.timedelta(days=days), dt.time(hour))
