"""The list of accounts is narrowed by the region of a role, among the roles of one's own regions only."""

import pytest
from django.urls import reverse

from portal.access import Role
from tests.factories import CommunityFactory, UserFactory, staff

pytestmark = pytest.mark.django_db

LIST = reverse("admin:portal_user_changelist")


@pytest.fixture
def places():
    return [CommunityFactory(), CommunityFactory(), CommunityFactory()]


@pytest.fixture
def admin(client, places):
    user = staff(Role.REGION_ADMIN, *places[:2])
    client.force_login(user)
    return user


def shown(client, **asked):
    answer = client.get(LIST, asked)
    assert answer.status_code == 200
    return {user.username for user in answer.context["cl"].result_list}


def test_accounts_are_narrowed_to_a_region(client, places, admin):
    one, other = staff(Role.CLERK, places[0]), staff(Role.ACCOUNTANT, places[1])

    narrowed = shown(client, region=places[0].code)
    district = shown(client, region=f"{places[0].code[:6]}000000")

    assert one.username in narrowed
    assert other.username not in narrowed
    assert one.username in district


def test_the_filter_offers_the_regions_of_the_administrator(client, places, admin):
    page = client.get(LIST).content.decode()

    assert f"region={places[0].code}" in page
    assert f"region={places[1].code}" in page
    assert f"region={places[2].code}" not in page


def test_a_role_held_elsewhere_is_not_found_by_its_region(client, places, admin):
    both = UserFactory(roles=[(Role.CLERK, places[0]), (Role.CLERK, places[2])])

    assert both.username in shown(client, region=places[0].code)
    assert shown(client, region=places[2].code) == set()


def test_a_superuser_narrows_to_any_region(client, places):
    there = staff(Role.CLERK, places[2])
    client.force_login(UserFactory(is_superuser=True, is_staff=True))

    assert shown(client, region=places[2].code) == {there.username}


@pytest.mark.parametrize("code", ["x", "9" * 300, "１２", "%"])
def test_what_is_no_region_finds_nobody(client, admin, code):
    assert shown(client, region=code) == set()


def test_a_narrowed_list_costs_the_same_for_30_people(client, places, admin, django_assert_num_queries):
    for _number in range(30):
        staff(Role.CLERK, places[0])
    client.get(LIST)

    # as many as with one person: the user, the roles, the filter, count, people and their roles
    with django_assert_num_queries(7):
        assert len(shown(client, region=places[0].code)) >= 31
