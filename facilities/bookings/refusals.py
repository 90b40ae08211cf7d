"""Why a booking is not made, and what is free instead."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.errors import Refused


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that can be booked now; `how` says what differs from the wish."""

    space: int
    name: str
    start: dt.datetime
    end: dt.datetime
    how: str = field(default="next", compare=False)

    @property
    def minutes(self) -> int:
        return int((self.end - self.start).total_seconds()) // 60

    @property
    def words(self) -> Any:
        return {
            "moved": _("前后挪一点"),
            "shorter": _("短一些"),
            "similar": _("相近的房间"),
            "next": _("最近的空闲"),
        }[self.how]


class BookingRefused(Refused):
    """A booking that the rules do not allow."""

    reason = "rule"

    def __init__(self, text: Any, free: Sequence[Slot] = ()) -> None:
        super().__init__(text)
        self.free = free


class Taken(BookingRefused):
    """Somebody else has the room at that time."""

    reason = "taken"


class Closed(BookingRefused):
    """The place is not open at that time."""

    reason = "closed"


class TooMany(BookingRefused):
    """One person does not hold more bookings of a room than its rule says."""

    reason = "limit"


class WrongState(BookingRefused):
    """What was asked does not fit the state of the booking."""

    reason = "state"
