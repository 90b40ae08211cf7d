"""The ways in which made-up facilities share a utility: every method and basis of the rules occurs."""

from random import Random
from typing import NamedTuple

SUBMETER, SHARED, LUMP_SUM, NO_TERMS = "submeter", "shared", "lump_sum", ""


class Arrangement(NamedTuple):
    """How one facility shares one utility; `methods` are repeated over its agreements."""

    name: str
    methods: tuple[str, ...]
    basis: str = "area"
    residual: str = "share"
    community_meter: bool = False
    community_weight: bool = True
    lump_sums_metered: bool = False
    is_signed: bool = True


ALL_METERED = Arrangement(
    "all_metered", (SUBMETER,), residual="loss", community_meter=True, community_weight=False
)
LARGE_USERS_METERED = Arrangement("large_users_metered", (SUBMETER, SHARED, SHARED), community_meter=True)
BY_AREA = Arrangement("by_area", (SHARED,))
BY_LAW = Arrangement("by_law", (NO_TERMS,), community_weight=False, is_signed=False)
BY_HEADCOUNT = Arrangement("by_headcount", (SHARED,), basis="headcount")
BY_HOURS = Arrangement("by_hours", (SHARED,), basis="hours")
BY_EQUIPMENT = Arrangement("by_equipment", (SHARED,), basis="equipment")
BY_POINTS = Arrangement("by_points", (SHARED, SHARED, LUMP_SUM), basis="points")
LUMP_SUMS = Arrangement("lump_sums", (LUMP_SUM,), community_weight=False)
MIXED = Arrangement("mixed", (SUBMETER, SHARED, LUMP_SUM, SUBMETER), lump_sums_metered=True)

# Out of twenty facilities.
OF_ELECTRICITY = (
    *[ALL_METERED] * 5,
    *[LARGE_USERS_METERED] * 3,
    *[MIXED] * 3,
    *[BY_AREA] * 3,
    *[BY_LAW] * 2,
    BY_EQUIPMENT,
    BY_HOURS,
    BY_POINTS,
    LUMP_SUMS,
)
OF_WATER = (
    *[BY_HEADCOUNT] * 6,
    *[BY_AREA] * 4,
    *[LARGE_USERS_METERED] * 3,
    *[BY_LAW] * 2,
    *[ALL_METERED] * 2,
    BY_POINTS,
    MIXED,
    LUMP_SUMS,
)
CHOICES = {"electricity": OF_ELECTRICITY, "water": OF_WATER}


def arrange(utility: str, chance: Random) -> Arrangement:
    """Pick how one facility shares one utility."""
    return chance.choice(CHOICES[utility])
