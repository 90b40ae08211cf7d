"""Jobs of places: bookings whose time is over."""

from celery import shared_task

from facilities import bookings


@shared_task
def expire_bookings() -> None:
    bookings.expire()
    bookings.mark_no_shows()


@shared_task
def prune_bookings() -> None:
    bookings.prune()
