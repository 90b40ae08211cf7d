"""A facility against the requirements: met, not met, not known, and why; the city's row goes first."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from facilities.measuring import MEASURES
from facilities.models import Category, Norm
from facilities.norms import Use, checks_of, norms_for
from portal.access import Role
from tests.factories import (
    CITY,
    AgreementFactory,
    CommunityFactory,
    FacilityFactory,
    RegionFactory,
    SpaceFactory,
    SpaceLinkFactory,
    staff,
)

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


def room(facility, category, **fields):
    return SpaceFactory(facility=facility, category=Category.objects.get(code=category), **fields)


def test_rooms_say_what_a_facility_is_used_for():
    facility = FacilityFactory(area_m2=900)
    room(facility, "infant", floor=4, name="托班")
    room(facility, "meal", floor=1, name="食堂")

    checks = by_code(facility)

    assert (checks["infant-highest"].is_met, checks["infant-highest"].why) == (False, "托班在 4 层。")
    assert "2 类" in checks["functions"].why


def test_agreement_counts_where_no_room_of_its_floor_has_its_function():
    facility = FacilityFactory(area_m2=900)
    room(facility, "elder", floor=2, area_m2=100)
    elder = Category.objects.get(code="elder")
    AgreementFactory(facility=facility, category=elder, floor=2, area_m2=100)
    AgreementFactory(facility=facility, category=elder, floor=1, area_m2=60)

    assert by_code(facility)["elder-area"].why == "现有 160 ㎡。"


def test_halves_of_a_hall_do_not_count_again():
    facility = FacilityFactory(area_m2=900)
    hall = room(facility, "elder", area_m2=100)
    SpaceLinkFactory(whole=hall, part=room(facility, "elder", area_m2=50))

    assert by_code(facility)["elder-area"].why == "现有 100 ㎡。"


@pytest.mark.parametrize(
    ("category", "code", "fields", "is_met"),
    [
        ("infant", "infant-lowest", {"floor": -1}, False),
        ("afterschool", "afterschool-highest", {"floor": 4}, False),
        ("afterschool", "afterschool-highest", {"floor": 3}, True),
        ("play", "play-lowest", {"floor": -2}, False),
        ("afterschool", "afterschool-person", {"area_m2": 80, "capacity": 20}, True),
        ("afterschool", "afterschool-person", {"area_m2": 79, "capacity": 20}, False),
        ("afterschool", "afterschool-person", {"area_m2": None, "capacity": 20}, None),
        ("infant", "infant-upstairs", {"floor": 2, "capacity": 60}, True),
        ("infant", "infant-upstairs", {"floor": 2, "capacity": 61}, False),
        ("elder", "elder-high-area", {"floor": 4, "area_m2": 201}, False),
        ("elder", "elder-high-area", {"floor": 3, "area_m2": 900}, True),
        ("elder", "elder-high-people", {"floor": -1, "capacity": 31}, False),
        ("elder", "elder-high-people", {"floor": -1, "capacity": 30}, True),
        ("infant", "infant-places", {"capacity": 48}, True),
        ("infant", "infant-places", {"capacity": 47}, False),
        ("elder", "elder-per-100", {"area_m2": 300}, True),
        ("elder", "elder-per-100", {"area_m2": 299}, False),
        ("meal", "accessible", {"is_accessible": False}, False),
        ("meal", "accessible", {"is_accessible": True}, True),
        ("infant", "care", {}, True),
        ("meal", "care", {}, False),
    ],
)
def test_each_room_is_measured(category, code, fields, is_met):
    """The community has 2,000 households and 6,000 people."""
    facility = FacilityFactory(area_m2=900)
    room(facility, category, **fields)

    check = by_code(facility)[code]

    assert check.is_met is is_met
    assert check.why


def test_a_district_overrides_the_city_and_may_say_that_a_requirement_does_not_hold():
    facility = FacilityFactory(area_m2=500)
    norm(RegionFactory(code=CITY), 450)
    own = norm(RegionFactory(code=f"{facility.community_id[:6]}000000"), 700)

    assert by_code(facility, [])["complex-area"].is_met is False
    own.is_active = False
    own.save()
    assert "complex-area" not in by_code(facility, [])


def test_every_requirement_has_a_source_and_is_measured_or_a_limit():
    for one in Norm.objects.all():
        assert one.source
        assert one.measure in MEASURES or one.measure == Norm.Measure.USE_SHARE


def test_list_offers_to_write_ones_own_row_after_a_national_one(client):
    city = RegionFactory(code=CITY)
    client.force_login(staff(Role.REGION_ADMIN, city))

    page = client.get(
        reverse("admin:facilities_norm_changelist"), {"q": "complex-area-stretch"}
    ).content.decode()
    add = client.get(
        reverse("admin:facilities_norm_add"), {"code": "functions", "value": "4", "region": CITY}
    ).content.decode()

    assert "按这条另定" in page
    assert f"region={CITY}" in page
    assert 'value="functions"' in add


def test_checks_cost_the_same_queries_for_one_room_and_thirty(django_assert_max_num_queries):
    facility = FacilityFactory(area_m2=900)
    for number in range(30):
        room(facility, "culture", name=f"{number}室")
        AgreementFactory(facility=facility, category=Category.objects.get(code="meal"))

    with django_assert_max_num_queries(8):
        checks_of(facility)


def test_a_figure_in_the_name_is_the_value_that_holds():
    """Everybody reads the name on the page of a facility: it may not say 600 where 260 is asked."""
    norm = Norm(
        code="own", name="综合体一般不小于 600 ㎡", measure=Norm.Measure.AREA, value=260, source="示例"
    )

    with pytest.raises(ValidationError, match="对不上"):
        norm.clean()
    for row in Norm.objects.all():
        row.clean()
