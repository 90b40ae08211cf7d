from facilities.models.funding import Flow, Funding
from facilities.models.norms import Norm
from facilities.models.photos import Photo
from facilities.models.places import Category, Datum, Facility
from facilities.models.projects import Milestone, Phase, Project, ProjectState
from facilities.models.regions import Community, Level, Region, UrbanRural, scope_prefix
from facilities.models.sites import BuildMode, Site, SiteNote, SiteState

__all__ = [
    "BuildMode",
    "Category",
    "Community",
    "Datum",
    "Facility",
    "Flow",
    "Funding",
    "Level",
    "Milestone",
    "Norm",
    "Phase",
    "Photo",
    "Project",
    "ProjectState",
    "Region",
    "Site",
    "SiteNote",
    "SiteState",
    "UrbanRural",
    "scope_prefix",
]
