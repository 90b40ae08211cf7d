"""A facility against the requirements: met, not met or not known, each with the reason."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from facilities.models import Facility, Norm

TENTH = Decimal("0.1")


class Use(NamedTuple):
    """A room in use for one function; where it lies and how large it is, as far as that is known."""

    category: str
    where: str
    floor: int | None = None
    area_m2: Decimal | None = None
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """One requirement as this facility stands to it; `is_met` is None where the figures are missing."""

    norm: Norm
    is_met: bool | None
    why: str


def uses_of(facility: Facility, on: dt.date) -> list[Use]:
    """What the rooms of a facility are used for on a day: the agreements in force say it."""
    running = facility.agreements.filter(
        Q(starts_on=None) | Q(starts_on__lte=on), Q(ends_on=None) | Q(ends_on__gte=on), category__isnull=False
    )
    return [
        Use(one.category.code, one.space or str(one), one.floor, one.area_m2, one.category.is_urgent)
        for one in running.select_related("category").order_by("pk")
        if one.category
    ]


def norms_for(code: str, on: dt.date) -> list[Norm]:
    """The requirements that hold at a place: of those with one code the nearest region's, the latest."""
    nearest: dict[str, Norm] = {}
    rows = Norm.objects.holding_at(code, on).select_related("category", "region")
    for norm in sorted(rows, key=_nearness):
        nearest[norm.code] = norm
    return sorted(nearest.values(), key=lambda norm: (not norm.is_required, norm.measure, norm.code))


def _nearness(norm: Norm) -> tuple[int, dt.date]:
    """How near a row is to the place: a street's before the city's before the national one."""
    prefix = norm.region.prefix if norm.region else ""
    return len(prefix), norm.valid_from or dt.date.min


def checks_of(facility: Facility, uses: Sequence[Use] | None = None) -> list[Check]:
    """Every requirement on a facility today; `uses` stands in for what its agreements say."""
    on = timezone.localdate()
    found = uses_of(facility, on) if uses is None else uses
    applying = [norm for norm in norms_for(facility.community_id, on) if _applies(norm, found)]
    return [Check(norm, *MEASURES[Norm.Measure(norm.measure)](norm, facility, found)) for norm in applying]


def _applies(norm: Norm, uses: Iterable[Use]) -> bool:
    """A rule about one function says nothing where there is none of it."""
    return norm.category_id is None or bool(_of(norm, uses))


Answer = tuple[bool | None, str]


def _area(norm: Norm, facility: Facility, uses: Iterable[Use]) -> Answer:
    if facility.area_m2 is None:
        return None, _("没有填建筑面积。")
    return facility.area_m2 >= norm.value, _("建筑面积 %s ㎡。") % _plain(facility.area_m2)


def _functions(norm: Norm, facility: Facility, uses: Iterable[Use]) -> Answer:
    return _counted(norm, {use.category for use in uses}, _("现有 %s 类功能。"))


def _urgent(norm: Norm, facility: Facility, uses: Iterable[Use]) -> Answer:
    return _counted(norm, {use.category for use in uses if use.is_urgent}, _("现有 %s 类急需功能。"))


def _counted(norm: Norm, kinds: set[str], text: str) -> Answer:
    return len(kinds) >= norm.value, text % len(kinds)


def _per_households(norm: Norm, facility: Facility, uses: Iterable[Use]) -> Answer:
    community = facility.community
    if not community.households:
        return None, _("社区没有填户数。")
    own = Facility.objects.filter(community=community).aggregate(total=Sum("area_m2"))["total"]
    if own is None:
        return None, _("没有填建筑面积。")
    per = (own * 100 / community.households).quantize(TENTH, ROUND_HALF_UP)
    text = _("全社区 %(area)s ㎡，%(households)s 户，每百户 %(per)s ㎡。")
    values = {"area": _plain(own), "households": community.households, "per": per}
    return own * 100 >= norm.value * community.households, text % values


def _category_area(norm: Norm, facility: Facility, uses: Iterable[Use]) -> Answer:
    own = _of(norm, uses)
    if any(use.area_m2 is None for use in own):
        return None, _("有房间没有填面积。")
    total = sum((use.area_m2 or Decimal(0) for use in own), Decimal(0))
    return total >= norm.value, _("现有 %s ㎡。") % _plain(total)


def _lowest(norm: Norm, facility: Facility, uses: Iterable[Use]) -> Answer:
    return _floors(norm, uses, lambda floor: floor < norm.value)


def _highest(norm: Norm, facility: Facility, uses: Iterable[Use]) -> Answer:
    return _floors(norm, uses, lambda floor: floor > norm.value)


def _floors(norm: Norm, uses: Iterable[Use], is_wrong: Callable[[int], bool]) -> Answer:
    own = _of(norm, uses)
    wrong = [use for use in own if use.floor is not None and is_wrong(use.floor)]
    unknown = [use for use in own if use.floor is None]
    if wrong:
        return False, "、".join(_("%(where)s在 %(floor)s 层") % use._asdict() for use in wrong) + "。"
    if unknown:
        return None, _("没有填楼层：%s。") % "、".join(use.where for use in unknown)
    return True, "、".join(_("%(where)s在 %(floor)s 层") % use._asdict() for use in own) + "。"


def _of(norm: Norm, uses: Iterable[Use]) -> list[Use]:
    return [use for use in uses if use.category == norm.category_id]


def _plain(number: Any) -> str:
    return f"{Decimal(number).normalize():f}"


MEASURES: dict[Norm.Measure, Callable[[Norm, Facility, Iterable[Use]], Answer]] = {
    Norm.Measure.AREA: _area,
    Norm.Measure.AREA_WHERE_POSSIBLE: _area,
    Norm.Measure.FUNCTIONS: _functions,
    Norm.Measure.URGENT: _urgent,
    Norm.Measure.PER_HOUSEHOLDS: _per_households,
    Norm.Measure.CATEGORY_AREA: _category_area,
    Norm.Measure.LOWEST_FLOOR: _lowest,
    Norm.Measure.HIGHEST_FLOOR: _highest,
}
