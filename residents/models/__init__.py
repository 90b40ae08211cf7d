from residents.models.consents import CURRENT, Channel, Consent, Purpose
from residents.models.needs import Need, NeedState
from residents.models.people import (
    CHILD_UNTIL,
    FamilyTie,
    Household,
    Resident,
    TieKind,
)
from residents.models.scope import LOOK_UP_ROLES, PEOPLE_ROLES
from residents.models.views import PersonalView, Reason

__all__ = [
    "CHILD_UNTIL",
    "CURRENT",
    "Channel",
    "Consent",
    "FamilyTie",
    "Household",
    "LOOK_UP_ROLES",
    "Need",
    "NeedState",
    "PEOPLE_ROLES",
    "PersonalView",
    "Purpose",
    "Reason",
    "Resident",
    "TieKind",
]
