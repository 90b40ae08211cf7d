from facilities.admin.bookings import BookingAdmin, RefusedWishAdmin, VisitCountAdmin
from facilities.admin.places import CategoryAdmin, FacilityAdmin
from facilities.admin.regions import CommunityAdmin, RegionAdmin
from facilities.admin.spaces import ClosureAdmin, HolidayAdmin, OpeningHoursAdmin, SpaceAdmin, ZoneAdmin

__all__ = [
    "BookingAdmin",
    "CategoryAdmin",
    "ClosureAdmin",
    "CommunityAdmin",
    "FacilityAdmin",
    "HolidayAdmin",
    "OpeningHoursAdmin",
    "RefusedWishAdmin",
    "RegionAdmin",
    "SpaceAdmin",
    "VisitCountAdmin",
    "ZoneAdmin",
]
