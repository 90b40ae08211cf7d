"""No page of the staff costs more than 15 queries, however many rows its lists have."""

import pytest

from portal.access import Role
from portal.pages import MOST_QUERIES, walk
from tests.access_world import OWN
from tests.factories import AccessRoleFactory, staff
from tests.portal.test_sweep import fill

pytestmark = pytest.mark.django_db

# A part that the month's page asks for once it stands: it computes a whole close, with the same queries
# for 1 or 500 communities.
MORE = {"review/": 29}


@pytest.mark.parametrize("role", [Role.ACCOUNTANT, pytest.param(Role.REGION_ADMIN, marks=pytest.mark.prove)])
def test_no_page_costs_more_than_15_queries_with_30_rows(client, role):
    user = staff(role, fill(OWN).community)
    for number in range(2, 32):
        place = fill(f"610102002{number + 100:03d}")
        AccessRoleFactory(user=user, role=role, region=place.community.region)
    client.force_login(user)

    visits = list(walk(client, times=0))

    costly = {one.route: one.queries for one in visits if one.queries > most(one.route)}
    assert costly == {}
    assert [one.address for one in visits if one.status >= 500] == []
    assert len(visits) > 150


def most(route):
    return next((limit for end, limit in MORE.items() if route.endswith(end)), MOST_QUERIES)
