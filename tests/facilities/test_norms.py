"""A facility against the requirements: met, not met, not known, and why; the city's row goes first."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from facilities.models import Category, Norm
from facilities.norms import Use, checks_of, norms_for
from portal.access import Role
from tests.factories import CITY, AgreementFactory, CommunityFactory, FacilityFactory, RegionFactory, staff

pytestmark = pytest.mark.django_db


def by_code(facility, uses=None):
    return {check.norm.code: check for check in checks_of(facility, uses)}


@pytest.mark.parametrize(
    ("area", "required", "encouraged"),
    [("599.99", False, False), ("600", True, False), ("800", True, True), (None, None, None)],
)
def test_a_complex_has_600_and_where_possible_800_square_metres(area, required, encouraged):
    checks = by_code(FacilityFactory(area_m2=area and Decimal(area)), [])

    assert checks["complex-area"].is_met is required
    assert checks["complex-area-stretch"].is_met is encouraged


def test_functions_are_counted_once_each_and_the_urgent_ones_apart():
    uses = [
        Use("meal", "食堂", 1, None, True),
        Use("meal", "外卖窗口", 1, None, True),
        Use("culture", "书屋", 1),
        Use("health", "医疗站", 1),
    ]

    checks = by_code(FacilityFactory(), uses)

    assert checks["functions"].is_met is True
    assert checks["urgent-functions"].is_met is False
    assert "1 类" in checks["urgent-functions"].why


@pytest.mark.parametrize("category", ["infant", "afterschool", "play"])
@pytest.mark.parametrize(("floor", "met"), [(-1, False), (1, True), (3, True), (4, False), (None, None)])
def test_children_are_never_in_a_basement_nor_above_floor_3(category, floor, met):
    checks = by_code(FacilityFactory(), [Use(category, "活动室", floor)])
    verdicts = {checks[f"{category}-lowest"].is_met, checks[f"{category}-highest"].is_met}

    assert met in verdicts
    assert (False in verdicts) is (met is False)
    assert any("活动室" in checks[f"{category}-{end}"].why for end in ("lowest", "highest"))


def test_a_rule_about_children_says_nothing_where_there_are_none():
    assert "infant-highest" not in by_code(FacilityFactory(), [Use("meal", "食堂", 4)])


@pytest.mark.parametrize(
    ("area", "basic", "stretch"), [(599, False, False), (600, True, False), (1600, True, True)]
)
def test_area_per_hundred_households_counts_all_facilities_of_the_community(area, basic, stretch):
    community = CommunityFactory(households=2000)
    FacilityFactory(community=community, area_m2=area - 100)
    facility = FacilityFactory(community=community, area_m2=100)

    checks = by_code(facility, [])

    assert checks["per-100-households"].is_met is basic
    assert checks["per-100-households-stretch"].is_met is stretch


def test_unknown_households_are_told_as_unknown():
    facility = FacilityFactory(community=CommunityFactory(households=None))

    assert by_code(facility, [])["per-100-households"].is_met is None


def test_rooms_are_known_by_the_agreements_in_force():
    facility = FacilityFactory(area_m2=900)
    infant = Category.objects.get(code="infant")
    AgreementFactory(facility=facility, category=infant, floor=4, space="托班")
    AgreementFactory(facility=facility, category=Category.objects.get(code="meal"), ended=True)

    checks = by_code(facility)

    assert (checks["infant-highest"].is_met, checks["infant-highest"].why) == (False, "托班在 4 层。")
    assert "1 类" in checks["functions"].why


def norm(region, value, **extra):
    return Norm.objects.create(
        region=region,
        code="complex-area",
        name="本市的要求",
        measure="area",
        value=value,
        source="示例",
        **extra,
    )


def test_the_citys_row_takes_the_place_of_the_national_one_in_its_time():
    facility = FacilityFactory(area_m2=500)
    norm(RegionFactory(code=CITY), 450, valid_from=dt.date(2026, 1, 1), valid_until=dt.date(2030, 12, 31))
    norm(RegionFactory(code="610200000000"), 9999)

    assert by_code(facility, [])["complex-area"].is_met is True
    before = {one.code: one.value for one in norms_for(facility.community_id, dt.date(2025, 12, 31))}
    assert before["complex-area"] == 600


def test_the_city_edits_its_own_rows_and_reads_the_national_ones(client):
    city = RegionFactory(code=CITY)
    own, national = norm(city, 450), Norm.objects.get(code="complex-area", region=None)
    client.force_login(staff(Role.REGION_ADMIN, city))

    def may_change(row):
        page = client.get(reverse("admin:facilities_norm_change", args=[row.pk]))
        return page.context["has_change_permission"]

    assert may_change(own)
    assert not may_change(national)


def test_the_page_of_a_facility_says_what_is_met_and_why(client):
    facility = FacilityFactory(area_m2=270)
    client.force_login(staff(Role.OFFICIAL, facility.community))

    page = client.get(reverse("admin:facilities_facility_change", args=[facility.pk])).content.decode()

    assert "综合体一般不小于 600 ㎡" in page
    assert "建筑面积 270 ㎡。" in page
    assert "未达到" in page
