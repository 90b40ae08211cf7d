from facilities.admin.bookings import BookingAdmin, RefusedWishAdmin, VisitCountAdmin
from facilities.admin.calendars import ExternalCalendarAdmin
from facilities.admin.holidays import HolidayAdmin
from facilities.admin.norms import NormAdmin
from facilities.admin.places import CategoryAdmin, FacilityAdmin
from facilities.admin.projects import MilestoneAdmin, PhaseAdmin, ProjectAdmin
from facilities.admin.regions import CommunityAdmin, RegionAdmin
from facilities.admin.sites import SiteAdmin
from facilities.admin.spaces import ClosureAdmin, OpeningHoursAdmin, SpaceAdmin, ZoneAdmin

__all__ = [
    "BookingAdmin",
    "CategoryAdmin",
    "ClosureAdmin",
    "CommunityAdmin",
    "ExternalCalendarAdmin",
    "FacilityAdmin",
    "HolidayAdmin",
    "MilestoneAdmin",
    "NormAdmin",
    "OpeningHoursAdmin",
    "PhaseAdmin",
    "ProjectAdmin",
    "RefusedWishAdmin",
    "RegionAdmin",
    "SiteAdmin",
    "SpaceAdmin",
    "VisitCountAdmin",
    "ZoneAdmin",
]
