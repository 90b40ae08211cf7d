"""How each kind of requirement is measured: yes, no or not known, with the figures in words."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from facilities.models import Facility, Norm, Space

TENTH = Decimal("0.1")
CARE = ("elder", "infant")
TOP_OF_LOW = 3  # the highest floor from which everybody is out quickly

Answer = tuple[bool | None, str]


class Use(NamedTuple):
    """A room in use for one function; where it lies and how large it is, as far as that is known."""

    category: str
    where: str
    floor: int | None = None
    area_m2: Decimal | None = None
    is_urgent: bool = False
    people: int | None = None
    is_public: bool | None = None
    is_accessible: bool = False

    @classmethod
    def of_room(cls, room: Space) -> "Use":
        category: Any = room.category
        return cls(
            category.code,
            room.name,
            room.floor,
            room.area_m2,
            category.is_urgent,
            room.capacity,
            room.is_public,
            room.is_accessible,
        )

    @classmethod
    def of_agreement(cls, one: Any) -> "Use":
        return cls(one.category.code, one.space or str(one), one.floor, one.area_m2, one.category.is_urgent)


@dataclass(frozen=True, slots=True)
class Standing:
    """A facility with what its rooms are used for, and the same of its whole community."""

    facility: Facility
    uses: list[Use]
    around: list[Use]
    houses: list[Facility]

    def of(self, norm: Norm) -> list[Use]:
        return [use for use in self.uses if use.category == norm.category_id]

    def around_of(self, norm: Norm) -> list[Use]:
        return [use for use in self.around if use.category == norm.category_id]


def area(norm: Norm, here: Standing) -> Answer:
    if here.facility.area_m2 is None:
        return None, _("没有填建筑面积。")
    return here.facility.area_m2 >= norm.value, _("建筑面积 %s ㎡。") % plain(here.facility.area_m2)


def functions(norm: Norm, here: Standing) -> Answer:
    return _counted(norm, {use.category for use in here.uses}, _("现有 %s 类功能。"))


def urgent(norm: Norm, here: Standing) -> Answer:
    return _counted(norm, {use.category for use in here.uses if use.is_urgent}, _("现有 %s 类急需功能。"))


def care(norm: Norm, here: Standing) -> Answer:
    return _counted(
        norm, {use.category for use in here.uses if use.category in CARE}, _("养老、托育现有 %s 类。")
    )


def _counted(norm: Norm, kinds: set[str], text: str) -> Answer:
    return len(kinds) >= norm.value, text % len(kinds)


def per_households(norm: Norm, here: Standing) -> Answer:
    areas = [house.area_m2 for house in here.houses if house.area_m2 is not None]
    if not areas:
        return None, _("没有填建筑面积。")
    return _per_households(norm, here, sum(areas, Decimal(0)))


def category_per_households(norm: Norm, here: Standing) -> Answer:
    total = _total(here.around_of(norm))
    if total is None:
        return None, _("有房间没有填面积。")
    return _per_households(norm, here, total)


def _per_households(norm: Norm, here: Standing, own: Decimal) -> Answer:
    households = here.facility.community.households
    if not households:
        return None, _("社区没有填户数。")
    per = (own * 100 / households).quantize(TENTH, ROUND_HALF_UP)
    text = _("全社区 %(area)s ㎡，%(households)s 户，每百户 %(per)s ㎡。")
    return own * 100 >= norm.value * households, text % {
        "area": plain(own),
        "households": households,
        "per": per,
    }


def places_per_thousand(norm: Norm, here: Standing) -> Answer:
    people = here.facility.community.population
    if not people:
        return None, _("社区没有填人口。")
    uses = here.around_of(norm)
    if any(use.people is None for use in uses):
        return None, _("有房间没有登记可容纳人数。")
    places = sum(use.people or 0 for use in uses)
    per = (Decimal(places) * 1000 / people).quantize(TENTH, ROUND_HALF_UP)
    text = _("全社区 %(places)s 个名额，%(people)s 人，每千人 %(per)s 个。")
    return places * 1000 >= norm.value * people, text % {"places": places, "people": people, "per": per}


def category_area(norm: Norm, here: Standing) -> Answer:
    total = _total(here.of(norm))
    if total is None:
        return None, _("有房间没有填面积。")
    return total >= norm.value, _("现有 %s ㎡。") % plain(total)


def _total(uses: Iterable[Use]) -> Decimal | None:
    areas = [use.area_m2 for use in uses]
    return None if None in areas else sum((one for one in areas if one is not None), Decimal(0))


def lowest_floor(norm: Norm, here: Standing) -> Answer:
    return _floors(here.of(norm), lambda floor: floor < norm.value)


def highest_floor(norm: Norm, here: Standing) -> Answer:
    return _floors(here.of(norm), lambda floor: floor > norm.value)


def _floors(uses: list[Use], is_wrong: Callable[[int], bool]) -> Answer:
    wrong = [use for use in uses if use.floor is not None and is_wrong(use.floor)]
    unknown = [use for use in uses if use.floor is None]
    if wrong:
        return False, _told(wrong)
    if unknown:
        return None, _("没有填楼层：%s。") % "、".join(use.where for use in unknown)
    return True, _told(uses)


def _told(uses: Iterable[Use]) -> str:
    return "、".join(_("%(where)s在 %(floor)s 层") % use._asdict() for use in uses) + "。"


def area_per_person(norm: Norm, here: Standing) -> Answer:
    uses = here.of(norm)
    if any(use.area_m2 is None or not use.people for use in uses):
        return None, _("有房间没有填面积或可容纳人数。")
    each = {
        use.where: (Decimal(use.area_m2 or 0) / (use.people or 1)).quantize(TENTH, ROUND_HALF_UP)
        for use in uses
    }
    is_met = all((use.area_m2 or 0) >= norm.value * (use.people or 1) for use in uses)
    return is_met, "、".join(f"{where} {per} ㎡" for where, per in each.items()) + "。"


def people_upstairs(norm: Norm, here: Standing) -> Answer:
    uses = here.of(norm)
    if any(use.floor is None for use in uses):
        return None, _("有房间没有填楼层。")
    up = [use for use in uses if (use.floor or 0) > 1]
    if any(use.people is None for use in up):
        return None, _("有房间没有登记可容纳人数。")
    total = sum(use.people or 0 for use in up)
    return total <= norm.value, _("2 层以上可容纳 %s 人。") % total


def high_room_area(norm: Norm, here: Standing) -> Answer:
    return _each_high(norm, here, "area_m2", _("%(where)s %(figure)s ㎡"))


def high_room_people(norm: Norm, here: Standing) -> Answer:
    return _each_high(norm, here, "people", _("%(where)s %(figure)s 人"))


def _each_high(norm: Norm, here: Standing, figure: str, text: str) -> Answer:
    """Each room in a basement or above the low floors on its own."""
    uses = here.of(norm)
    if any(use.floor is None for use in uses):
        return None, _("有房间没有填楼层。")
    high = [use for use in uses if not 1 <= (use.floor or 0) <= TOP_OF_LOW]
    if not high:
        return True, _("都在 1 到 3 层。")
    if any(getattr(use, figure) is None for use in high):
        return None, _("有房间没有填面积或可容纳人数。")
    told = [text % {"where": use.where, "figure": plain(getattr(use, figure))} for use in high]
    return all(getattr(use, figure) <= norm.value for use in high), "、".join(told) + "。"


def accessible(norm: Norm, here: Standing) -> Answer:
    rooms = [use for use in here.uses if use.is_public]
    if not rooms:
        return None, _("还没有登记居民可用的空间。")
    without = [use.where for use in rooms if not use.is_accessible]
    is_met = (len(rooms) - len(without)) * 100 >= norm.value * len(rooms)
    if not without:
        return is_met, _("%d 个空间都有。") % len(rooms)
    return is_met, _("%(all)d 个空间中没有的：%(without)s。") % {
        "all": len(rooms),
        "without": "、".join(without),
    }


def plain(number: Any) -> str:
    return f"{Decimal(number).normalize():f}"


MEASURES: dict[Norm.Measure, Callable[[Norm, Standing], Answer]] = {
    Norm.Measure.AREA: area,
    Norm.Measure.AREA_WHERE_POSSIBLE: area,
    Norm.Measure.FUNCTIONS: functions,
    Norm.Measure.URGENT: urgent,
    Norm.Measure.CARE: care,
    Norm.Measure.PER_HOUSEHOLDS: per_households,
    Norm.Measure.CATEGORY_AREA: category_area,
    Norm.Measure.CATEGORY_PER_HOUSEHOLDS: category_per_households,
    Norm.Measure.PLACES_PER_THOUSAND: places_per_thousand,
    Norm.Measure.LOWEST_FLOOR: lowest_floor,
    Norm.Measure.HIGHEST_FLOOR: highest_floor,
    Norm.Measure.AREA_PER_PERSON: area_per_person,
    Norm.Measure.PEOPLE_UPSTAIRS: people_upstairs,
    Norm.Measure.HIGH_ROOM_AREA: high_room_area,
    Norm.Measure.HIGH_ROOM_PEOPLE: high_room_people,
    Norm.Measure.ACCESSIBLE: accessible,
}
