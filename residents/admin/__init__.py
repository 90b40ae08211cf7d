from residents.admin.needs import NeedAdmin
from residents.admin.people import HouseholdAdmin, PersonalViewAdmin, ResidentAdmin

__all__ = ["HouseholdAdmin", "NeedAdmin", "PersonalViewAdmin", "ResidentAdmin"]
