"""No page of the staff costs more than 15 queries, however many rows its lists have."""

import pytest

from portal.access import Role
from portal.pages import MOST_QUERIES, walk
from tests.access_world import OWN, make_place
from tests.factories import AccessRoleFactory, BookingFactory, UserFactory, staff
from tests.portal.test_sweep import fill

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "role",
    [
        Role.ACCOUNTANT,
        *(
            pytest.param(role, marks=pytest.mark.prove)
            for role in (Role.APPROVER, Role.OFFICIAL, Role.REGION_ADMIN)
        ),
    ],
)
def test_no_page_costs_more_than_15_queries_with_30_rows(client, role):
    user = staff(role, fill(OWN).community)
    for number in range(2, 32):
        place = fill(f"610102002{number + 100:03d}")
        AccessRoleFactory(user=user, role=role, region=place.community.region)
    client.force_login(user)

    visits = list(walk(client, times=0))

    costly = {one.route: one.queries for one in visits if one.queries > MOST_QUERIES}
    assert costly == {}
    assert [one.address for one in visits if one.status >= 500] == []
    assert len(visits) > 150


@pytest.mark.parametrize("kind", ["resident", "provider"])
def test_no_page_for_people_costs_more_than_15_queries(client, kind):
    """A resident who acts for others and a provider's member, each with 30 bookings."""
    place = make_place(OWN)
    client.force_login(people(place)[kind])

    visits = list(walk(client, times=0))

    costly = {one.route: one.queries for one in visits if one.queries > MOST_QUERIES}
    assert costly == {}
    assert [one.address for one in visits if one.status >= 500] == []
    assert len(visits) > 25


def people(place):
    """Who books rooms for themselves, and who for a provider."""
    member = UserFactory(roles=[(Role.PROVIDER, place.community.region)], provider=place.provider)
    resident = place.resident.account
    AccessRoleFactory(user=resident, role=Role.RESIDENT, region=place.community.region)
    for _number in range(30):
        BookingFactory(space__facility=place.agreement.facility, booked_by=resident)
        BookingFactory(space__facility=place.agreement.facility, booked_by=member, provider=place.provider)
    return {"resident": resident, "provider": member}
