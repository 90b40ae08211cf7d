"""Where a page lies: the regions above a place, as far up as the reader may open them."""

from typing import Any

from django.urls import reverse

from facilities.models import Region
from facilities.models.regions import PREFIX_LENGTHS, scope_prefix
from portal.access import STAFF_ROLES

Crumb = tuple[str, str]


def codes_above(code: str) -> list[str]:
    """The codes of every region above this one, the highest first; a country has no code."""
    own = len(scope_prefix(code))
    return [code[:length].ljust(12, "0") for length in PREFIX_LENGTHS if length < own]


def crumbs_to(region: Region, user: Any, *, is_here: bool = True) -> list[Crumb]:
    """The path from the city down to a region; links where the reader's work reaches."""
    above = Region.objects.filter(code__in=codes_above(region.code), level__gt=1).order_by("code")
    places = [*above, region]
    reach = user.region_prefixes(*STAFF_ROLES) if user.is_authenticated else []
    return [
        (place.name, "" if is_here and place is region else _address(place, user, reach)) for place in places
    ]


def _address(region: Region, user: Any, reach: list[str]) -> str:
    opens = user.is_superuser or any(region.code.startswith(prefix) for prefix in reach)
    return reverse("region", args=[region.code]) if opens else ""
