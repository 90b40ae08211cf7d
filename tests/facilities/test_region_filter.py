"""One step down the tree at a time, within the reader's own regions, in the address and for every list alike."""

import pytest
from django.contrib import admin
from django.urls import reverse

from facilities.admin.filters import RegionFilter
from facilities.models import Community, Region
from portal.access import Role
from tests.access_world import OWN, make_place
from tests.factories import staff

pytestmark = pytest.mark.django_db

CITY, DISTRICT, STREET = "610100000000", "610102000000", "610102002000"
BESIDE, TIANFU = "610102002007", "610116001060"
LIST = "admin:facilities_facility_changelist"


@pytest.fixture
def places():
    return [make_place(code) for code in (OWN, BESIDE, TIANFU)]


def offered(client, chosen=""):
    page = client.get(reverse(LIST), {"region": chosen} if chosen else {})
    found = [one for one in page.context["cl"].filter_specs if isinstance(one, RegionFilter)]
    return {code for one in found for code, _name in one.lookup_choices}


def rows(client, chosen):
    page = client.get(reverse(LIST), {"region": chosen})
    return {one.community_id for one in page.context["cl"].result_list}


def test_an_official_of_the_city_steps_from_district_to_street_to_community(client, places):
    client.force_login(staff(Role.OFFICIAL, Region.objects.get(code=CITY)))

    assert {DISTRICT, "610116000000"} <= offered(client)
    assert STREET in offered(client, DISTRICT)
    assert {DISTRICT, STREET, OWN, BESIDE} <= offered(client, STREET)
    assert [rows(client, code) for code in (DISTRICT, STREET, OWN)] == [{OWN, BESIDE}, {OWN, BESIDE}, {OWN}]


def test_nothing_above_or_beside_ones_own_regions_is_offered_or_shown(client, places):
    client.force_login(staff(Role.APPROVER, Region.objects.get(code=STREET)))

    assert offered(client) == {OWN, BESIDE}
    assert offered(client, STREET) == {STREET, OWN, BESIDE}
    assert offered(client, TIANFU) == set()
    assert rows(client, TIANFU) == set()


@pytest.mark.parametrize("chosen", ["x", "61010200200６", "0" * 12, "%", "1" * 40])
def test_a_region_that_is_none_breaks_no_list(client, places, chosen):
    client.force_login(staff(Role.CLERK, Community.objects.get(pk=OWN)))

    assert client.get(reverse(LIST), {"region": chosen}).status_code == 200


def test_every_list_of_rows_that_lie_in_a_region_has_the_filter():
    without = {
        model.__name__
        for model, one in admin.site._registry.items()
        if hasattr(model._default_manager.all(), "region_path") and RegionFilter not in one.list_filter
    }

    # A price or requirement holds below the region it was set for: few rows, shown all together.
    # A message goes to a person, who may have roles in several regions.
    assert without == {"Norm", "Tariff", "Delivery"}
