from facilities.admin.norms import NormAdmin
from facilities.admin.places import CategoryAdmin, FacilityAdmin
from facilities.admin.projects import MilestoneAdmin, PhaseAdmin, ProjectAdmin
from facilities.admin.regions import CommunityAdmin, RegionAdmin
from facilities.admin.sites import SiteAdmin

__all__ = [
    "CategoryAdmin",
    "CommunityAdmin",
    "FacilityAdmin",
    "MilestoneAdmin",
    "NormAdmin",
    "PhaseAdmin",
    "ProjectAdmin",
    "RegionAdmin",
    "SiteAdmin",
]
