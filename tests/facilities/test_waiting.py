"""What becomes free goes to who waits, and to nobody who may not have it."""

import pytest
from celery import current_app
from django.utils import timezone

from facilities import bookings, tasks
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
