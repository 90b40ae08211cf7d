from facilities.admin.places import CategoryAdmin, FacilityAdmin
from facilities.admin.regions import CommunityAdmin, RegionAdmin

__all__ = ["CategoryAdmin", "CommunityAdmin", "FacilityAdmin", "RegionAdmin"]
