"""What waits under another role of mine is said on the opening page, and one click away."""

import pytest
from django.urls import reverse

from billing.models import CloseState
from facilities.models import ProjectState
from portal.access import Role
from portal.today.waiting import elsewhere
from tests.factories import (
    AgreementFactory,
    BookingFactory,
    CommunityFactory,
    LicenceFactory,
    MonthCloseFactory,
    NeedFactory,
    ObjectionFactory,
    ProjectFactory,
    RegionFactory,
    UserFactory,
)
from tests.portal.test_today import in_days

pytestmark = pytest.mark.django_db
ENTERED = ("books_readings", "books_bills", "books_revenue")


@pytest.fixture
def here():
    """A community in which something of every kind waits."""
    here = CommunityFactory(notice_days=5)
    agreement = AgreementFactory(facility__community=here, ends_on=in_days(20))
    LicenceFactory(provider=agreement.provider, valid_until=in_days(3))
    BookingFactory(space__facility=agreement.facility, state="requested")
    NeedFactory(community=here)
    for state in (ProjectState.SUBMITTED, ProjectState.STREET):
        ProjectFactory(community=here, state=state)
    ProjectFactory(community=here, state=ProjectState.DRAFT, returned_for="缺一项")
    MonthCloseFactory(community=here, month="2026-07", state=CloseState.BLOCKED)
    MonthCloseFactory(community=here, month="2026-08", state=CloseState.DRAFT)
    ObjectionFactory(close__community=here, close__month="2026-09")
    return here


def opened(client):
    return client.get(reverse("admin:index")).context


def other(client):
    return [(one.role, one.number) for one in opened(client)["elsewhere"]]


@pytest.mark.parametrize("role", [Role.CLERK, Role.ACCOUNTANT, Role.APPROVER, Role.REGION_ADMIN])
@pytest.mark.parametrize("place", ["community", "district"])
def test_number_under_another_role_is_what_one_finds_after_switching(client, here, role, place):
    region = here.region if place == "community" else RegionFactory(code=f"{here.pk[:6]}000000")
    unrelated = RegionFactory(code="610104000000")
    user = UserFactory(roles=[(role, region), (Role.OFFICIAL, unrelated)], last_role=Role.OFFICIAL)
    client.force_login(user)

    told = other(client)
    client.post(reverse("role"), {"role": role})

    tasks = [one for one in opened(client)["tasks"] if one.kind not in ENTERED]
    assert told == [(role, len(tasks))]
    assert tasks


def test_hint_is_a_button_that_switches(client, here):
    user = UserFactory(roles=[(Role.CLERK, here), (Role.INSPECTOR, here)], last_role=Role.INSPECTOR)
    client.force_login(user)

    page = client.get(reverse("admin:index")).content.decode()

    assert "件事等着“社区经办”" in page
    assert 'name="role" value="clerk"' in page


def test_nothing_is_hinted_where_nothing_waits_or_for_what_one_entered_oneself(client):
    here = CommunityFactory()
    user = UserFactory(roles=[(Role.APPROVER, here), (Role.INSPECTOR, here)], last_role=Role.INSPECTOR)
    BookingFactory(space__facility__community=here, state="requested", booked_by=user)
    BookingFactory(state="requested")
    client.force_login(user)

    assert other(client) == []


def test_hint_of_three_other_roles_costs_one_query(client, here, django_assert_num_queries):
    roles = (Role.CLERK, Role.ACCOUNTANT, Role.APPROVER, Role.OFFICIAL)
    user = UserFactory(roles=[(role, here) for role in roles], last_role=Role.OFFICIAL)
    user.use_role("")  # looks up the roles

    with django_assert_num_queries(1):
        found = elsewhere(user)

    assert {one.role for one in found} == set(roles[:3])
