"""Jobs of places: bookings whose time is over, calendars kept elsewhere."""

from celery import shared_task

from facilities import bookings
from facilities.calendars import importing
from facilities.models import Booking, ExternalCalendar


@shared_task
def expire_bookings() -> None:
    bookings.expire()
    bookings.mark_no_shows()


@shared_task
def offer_freed(pk: int) -> None:
    """What a booking no longer takes goes to who waits for it."""
    booking = Booking.objects.select_related("space").filter(pk=pk).first()
    if booking is not None:
        bookings.offer_to_waiting(booking.space, booking.starts_at, booking.ends_at)


@shared_task
def prune_bookings() -> None:
    bookings.prune()


@shared_task
def import_calendars() -> None:
    for pk in ExternalCalendar.objects.exclude(url="").values_list("pk", flat=True):
        import_calendar.delay(pk)


@shared_task(soft_time_limit=60, time_limit=90, ignore_result=True)
def import_calendar(pk: int) -> None:
    calendar = ExternalCalendar.objects.select_related("space").filter(pk=pk).exclude(url="").first()
    if calendar is not None:
        importing.refresh(calendar)
