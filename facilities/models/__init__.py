from facilities.models.bookings import (
    BOOKED,
    TAKING,
    Booking,
    BookingRule,
    BookingState,
    Occupancy,
    RefusedWish,
    VisitCount,
)
from facilities.models.hours import Closure, Holiday, OpeningHours
from facilities.models.places import Category, Datum, Facility
from facilities.models.regions import Community, Level, Region, UrbanRural, scope_prefix
from facilities.models.spaces import Leaves, Space, SpaceLink, Zone

__all__ = [
    "BOOKED",
    "TAKING",
    "Booking",
    "BookingRule",
    "BookingState",
    "Category",
    "Closure",
    "Community",
    "Datum",
    "Facility",
    "Holiday",
    "Leaves",
    "Level",
    "Occupancy",
    "OpeningHours",
    "RefusedWish",
    "Region",
    "Space",
    "SpaceLink",
    "UrbanRural",
    "VisitCount",
    "Zone",
    "scope_prefix",
]
