from typing import Any

import factory

from facilities.models import Category, Community, Facility, Level, Region, scope_prefix
from facilities.models.regions import PREFIX_LENGTHS

CITY = "610100000000"
NAMES = {
    "610000000000": "陕西省",
    CITY: "西安市",
    "610102000000": "新城区",
    "610104000000": "莲湖区",
    "610111000000": "灞桥区",
}
LEVELS = dict(zip(PREFIX_LENGTHS, (1, 2, 3, 4, 5), strict=True))
SUFFIXES = {
    Level.PROVINCE: "省",
    Level.CITY: "市",
    Level.DISTRICT: "区",
    Level.STREET: "街道",
    Level.COMMUNITY: "社区",
    Level.ZONE: "开发区",
}


def parent_code(code: str) -> str | None:
    """The code one level up; a province has none."""
    shorter = [length for length in PREFIX_LENGTHS if length < len(scope_prefix(code))]
    return code[: shorter[-1]].ljust(12, "0") if shorter else None


class RegionFactory(factory.django.DjangoModelFactory):
    """A region with every region above it, all by their codes; a residents' committee unless told."""

    class Meta:
        model = Region
        django_get_or_create = ["code"]

    code = factory.Sequence(lambda n: f"610102{2 + n // 199:03d}{n % 199 + 1:03d}")
    prefix = factory.LazyAttribute(lambda region: scope_prefix(region.code))
    level = factory.LazyAttribute(lambda region: Level(LEVELS[len(region.prefix)]))
    name = factory.LazyAttribute(lambda region: NAMES.get(region.code, _invented_name(region)))

    @factory.lazy_attribute
    def parent(self) -> Region | None:
        code = parent_code(self.code)
        return RegionFactory(code=code) if code else None


def _invented_name(region: Any) -> str:
    return f"示例{region.prefix[-3:]}{SUFFIXES[region.level]}"


class CommunityFactory(factory.django.DjangoModelFactory):
    """A community of its own street unless `code` names one."""

    class Meta:
        model = Community

    class Params:
        code = factory.Sequence(lambda n: f"610102{2 + n // 199:03d}{n % 199 + 1:03d}")
        publishes = factory.Trait(notice_days=7)

    region = factory.SubFactory(RegionFactory, code=factory.SelfAttribute("..code"))
    name = factory.LazyAttribute(lambda community: community.region.name)
    households = 2000
    population = 6000


class CategoryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Category
        django_get_or_create = ["code"]

    code = "meal"
    name = "助餐"
    national_group = "社区助餐"
    icon = "tools-kitchen-2"
    position = 4


class FacilityFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Facility

    ref = factory.Sequence(lambda n: f"F{n:04d}")
    community = factory.SubFactory(CommunityFactory)
    name = factory.Sequence(lambda n: f"示例{n}号服务中心")
    area_m2 = 270
    floors = 2
