"""Operations on bookings, each `*, by=user`; a refusal carries the next free times."""

from facilities.bookings.changing import (
    CAME_TO_NOTHING,
    CORRECTED_WITHIN,
    accept,
    came_after_all,
    cancel,
    check_in,
    decide,
    expire,
    forget,
    mark_no_shows,
    offer_to_waiting,
    prune,
    wait,
)
from facilities.bookings.checking import Availability, Wish
from facilities.bookings.making import book, book_all
from facilities.bookings.refusals import BookingRefused, Closed, Slot, Taken, TooMany, WrongState
from facilities.bookings.series import OnConflict, SeriesResult, book_series, weekly
from facilities.bookings.suggesting import suggest

__all__ = [
    "CAME_TO_NOTHING",
    "CORRECTED_WITHIN",
    "Availability",
    "BookingRefused",
    "Closed",
    "OnConflict",
    "SeriesResult",
    "Slot",
    "Taken",
    "TooMany",
    "Wish",
    "WrongState",
    "accept",
    "book",
    "book_all",
    "book_series",
    "came_after_all",
    "cancel",
    "check_in",
    "decide",
    "expire",
    "forget",
    "mark_no_shows",
    "offer_to_waiting",
    "prune",
    "suggest",
    "wait",
    "weekly",
]
