from facilities.models.places import Category, Datum, Facility
from facilities.models.regions import Community, Level, Region, UrbanRural, scope_prefix

__all__ = [
    "Category",
    "Community",
    "Datum",
    "Facility",
    "Level",
    "Region",
    "UrbanRural",
    "scope_prefix",
]
