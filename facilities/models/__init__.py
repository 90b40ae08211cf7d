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
from facilities.models.calendars import Block, ExternalCalendar
from facilities.models.funding import Flow, Funding
from facilities.models.hours import Closure, Holiday, OpeningHours
from facilities.models.norms import Norm
from facilities.models.photos import Photo
from facilities.models.places import Category, Datum, Facility
from facilities.models.projects import Milestone, Phase, Project, ProjectState
from facilities.models.regions import Community, Level, Region, UrbanRural, scope_prefix
from facilities.models.sites import BuildMode, Site, SiteNote, SiteState
from facilities.models.spaces import Leaves, Space, SpaceLink, Zone

__all__ = [
    "BOOKED",
    "Block",
    "Booking",
    "BookingRule",
    "BookingState",
    "BuildMode",
    "Category",
    "Closure",
    "Community",
    "Datum",
    "ExternalCalendar",
    "Facility",
    "Flow",
    "Funding",
    "Holiday",
    "Leaves",
    "Level",
    "Milestone",
    "Norm",
    "Occupancy",
    "OpeningHours",
    "Phase",
    "Photo",
    "Project",
    "ProjectState",
    "RefusedWish",
    "Region",
    "Site",
    "SiteNote",
    "SiteState",
    "Space",
    "SpaceLink",
    "TAKING",
    "UrbanRural",
    "VisitCount",
    "Zone",
    "scope_prefix",
]
