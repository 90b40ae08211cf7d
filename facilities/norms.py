"""A facility against the requirements: met, not met or not known, each with the reason."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, prefetch_related_objects
from django.utils import timezone

from facilities.measuring import MEASURES, Standing, Use
from facilities.models import Facility, Norm, Space, SpaceLink

__all__ = ["Check", "Use", "checks_of", "limits_for", "norms_for", "uses_of"]


@dataclass(frozen=True, slots=True)
class Check:
    """One requirement as this facility stands to it; `is_met` is None where the figures are missing."""

    norm: Norm
    is_met: bool | None
    why: str


def checks_of(
    facility: Facility, uses: Sequence[Use] | None = None, norms: Sequence[Norm] | None = None
) -> list[Check]:
    """Every requirement on a facility today; `uses` stands in for what its rooms and agreements say."""
    on = timezone.localdate()
    houses = list(Facility.objects.filter(community=facility.community_id))
    of_house = uses_in(houses, on)
    own = of_house.get(facility.pk, []) if uses is None else list(uses)
    around = [use for key, some in of_house.items() if key != facility.pk for use in some]
    standing = Standing(facility, own, [*own, *around], houses)
    holding = norms_for(facility.community_id, on) if norms is None else norms
    applying = [norm for norm in holding if _applies(norm, own)]
    return [Check(norm, *MEASURES[Norm.Measure(norm.measure)](norm, standing)) for norm in applying]


def _applies(norm: Norm, uses: Iterable[Use]) -> bool:
    """A rule about one function says nothing where there is none of it."""
    if norm.measure not in MEASURES:
        return False
    return norm.category_id is None or any(use.category == norm.category_id for use in uses)


def norms_for(code: str, on: dt.date) -> list[Norm]:
    """The requirements that hold at a place: of those with one code the nearest region's, the latest."""
    rows = Norm.objects.holding_at(code, on).select_related("category", "region")
    found = _nearest(rows)
    return sorted(found, key=lambda norm: (not norm.is_required, norm.measure, norm.code))


def limits_for(codes: Iterable[str], measure: str, on: dt.date) -> dict[str, Decimal]:
    """The value of a measure at each of these places, as far as one holds there; one query for all."""
    rows = list(Norm.objects.filter(measure=measure).holding_on(on).select_related("region"))
    limits = {}
    for code in set(codes):
        here = [norm for norm in rows if norm.region is None or code.startswith(norm.region.prefix)]
        for norm in _nearest(here):
            limits[code] = norm.value
    return limits


def _nearest(rows: Iterable[Norm]) -> list[Norm]:
    """Of the rows with one code the one of the nearest region; what is not active there does not hold."""
    nearest = {norm.code: norm for norm in sorted(rows, key=_nearness)}
    return [norm for norm in nearest.values() if norm.is_active]


def _nearness(norm: Norm) -> tuple[int, dt.date]:
    """How near a row is to the place: a street's before the city's before the national one."""
    prefix = norm.region.prefix if norm.region else ""
    return len(prefix), norm.valid_from or dt.date.min


def uses_of(facility: Facility, on: dt.date) -> list[Use]:
    """What the rooms of a facility are used for on a day."""
    return uses_in([facility], on).get(facility.pk, [])


def uses_in(facilities: Iterable[Facility], on: dt.date) -> dict[int, list[Use]]:
    """Every room with its function, and what agreements say of functions for which no room is entered."""
    facilities = list(facilities)
    agreements = Facility._meta.get_field("agreements").related_model._default_manager  # lies above
    prefetch_related_objects(facilities, Prefetch("agreements", agreements.select_related("category")))
    found: dict[int, list[Use]] = {facility.pk: [] for facility in facilities}
    for space in _rooms(found):
        found[space.facility_id].append(Use.of_room(space))
    for facility in facilities:
        rooms = list(found[facility.pk])
        for agreement in sorted(facility.agreements.all(), key=attrgetter("pk")):
            use = Use.of_agreement(agreement) if _is_running(agreement, on) else None
            if use and not any(
                use.category == room.category and use.floor in (None, room.floor) for room in rooms
            ):
                found[facility.pk].append(use)
    return found


def _is_running(agreement: Any, on: dt.date) -> bool:
    starts, ends = agreement.starts_on or on, agreement.ends_on or on
    return bool(agreement.category_id) and starts <= on <= ends


def _rooms(facilities: Iterable[int]) -> list[Space]:
    """Rooms with a function; a half of a hall is left out where the whole hall has the same one."""
    wholes = SpaceLink.objects.filter(
        part=OuterRef("pk"), kind=SpaceLink.Kind.CONTAINS, whole__category=OuterRef("category")
    )
    spaces = Space.objects.filter(~Exists(wholes), facility__in=facilities, category__isnull=False)
    return list(spaces.select_related("category").order_by("floor", "pk"))
