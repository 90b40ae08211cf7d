"""No page of the staff costs more than 15 queries, however many rows its lists have."""

import pytest

from portal.access import Role
from portal.pages import MOST_QUERIES, walk
from tests.access_world import OWN
from tests.factories import AccessRoleFactory, CommunityFactory, staff
from tests.portal.test_sweep import fill

pytestmark = pytest.mark.django_db

# Computes the whole close of a month to say what looks wrong: the same queries for 1 or 500 communities.
WITH_REASON = {"/review/"}


@pytest.mark.parametrize("role", [Role.ACCOUNTANT, Role.REGION_ADMIN])
def test_no_page_costs_more_than_15_queries_with_30_rows(client, role):
    user = staff(role, fill(OWN).community)
    for number in range(2, 32):
        place = fill(f"610102002{number + 100:03d}")
        AccessRoleFactory(user=user, role=role, region=place.community.region)
    client.force_login(user)

    visits = list(walk(client, times=0))

    costly = {one.address: one.queries for one in visits if one.queries > MOST_QUERIES}
    assert {address for address in costly if not any(end in address for end in WITH_REASON)} == set(), costly
    assert [one.address for one in visits if one.status >= 500] == []
    assert len(visits) > 150
    assert CommunityFactory._meta.model.objects.count() == 31
