"""The same time every week: whole or not at all, or leaving out what cannot be had."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from facilities.bookings.checking import Wish
from facilities.bookings.making import book, book_all
from facilities.bookings.refusals import BookingRefused, Slot
from facilities.models import Booking

MOST = 26


class OnConflict(StrEnum):
    FAIL = "fail"
    SKIP = "skip"
    SUGGEST = "suggest"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A date that could not be booked, why, and what is free instead."""

    wish: Wish
    reason: str
    free: list[Slot] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SeriesResult:
    made: list[Booking]
    skipped: list[Skipped]


def weekly(wish: Wish, times: int) -> list[Wish]:
    """The wish and the same clock time in the weeks after it."""
    number = max(1, min(times, MOST))
    return [
        wish.at(wish.start + dt.timedelta(weeks=week), wish.end + dt.timedelta(weeks=week))
        for week in range(number)
    ]


def book_series(wishes: list[Wish], *, by: Any, on_conflict: OnConflict) -> SeriesResult:
    """Book dates together: all or none (fail), or those that can be had, the others with reasons."""
    if on_conflict == OnConflict.FAIL:
        return SeriesResult(book_all(wishes, by=by), [])
    made: list[Booking] = []
    skipped: list[Skipped] = []
    for wish in wishes:
        try:
            made.append(book(wish, by=by))
        except BookingRefused as refusal:
            free = list(refusal.free) if on_conflict == OnConflict.SUGGEST else []
            skipped.append(Skipped(wish, str(refusal), free))
    if len(made) > 1:
        Booking.objects.filter(pk__in=[booking.pk for booking in made]).update(series=uuid.uuid4())
    return SeriesResult(made, skipped)
