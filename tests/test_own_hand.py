"""Nobody approves what they entered themselves: every such act, by user, whatever role is in use."""

from collections.abc import Callable
from typing import Any

import pytest

from billing import closing, objections, revenue
from facilities import projects
from facilities.bookings import changing
from portal import audit
from portal.access import Role
from portal.errors import Refused
from residents import accounts
from tests.factories import (
    BookingFactory,
    CommunityFactory,
    MonthCloseFactory,
    ObjectionFactory,
    ProjectFactory,
    RegionFactory,
    ResidentFactory,
    RevenueFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

ROLES = (Role.CLERK, Role.ACCOUNTANT, Role.APPROVER, Role.REGION_ADMIN)


@pytest.fixture
def here():
    return CommunityFactory(publishes=True)


@pytest.fixture
def somebody(here):
    """Somebody who holds every role that enters or approves, here and in the district."""
    district = RegionFactory(code="610102000000")
    return UserFactory(roles=[(role, place) for role in ROLES for place in (here, district)])


def month_drafted(user, here):
    return MonthCloseFactory(community=here, notice=True, drafted_by=user)


def month_with_own_bill(user, here):
    close = MonthCloseFactory(community=here, notice=True)
    audit.record("bills.entered", here, by=user, region=here.code, month=close.month, rows=1)
    return close


def month_with_own_row(user, here):
    close = MonthCloseFactory(community=here, notice=True)
    audit.record("topup.added", here, by=user, region=here.code)
    return close


def month_with_imported_money(user, here):
    close = MonthCloseFactory(community=here, notice=True)
    audit.record("correction.imported", here, by=user, region=here.code, added=1, changed=0, rows=[1])
    return close


def month_with_own_terms(user, here):
    close = MonthCloseFactory(community=here, notice=True)
    audit.record("rebateterm.changed", here, by=user, region=here.code)
    return close


def month_with_own_tariff(user, here):
    close = MonthCloseFactory(community=here, notice=True)
    audit.record("tariff.added", here, by=user, region="610100000000")
    return close


def plan_imported(user, here):
    """Taken in from a spreadsheet by one person, handed in by another."""
    project = ProjectFactory(community=here, state="submitted", entered_by=UserFactory())
    audit.record("project.imported", here, by=user, region=here.code, rows=[project.pk])
    return project


# What somebody entered, and the act that would approve it.
ACTS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "project, street": (
        lambda user, here: ProjectFactory(community=here, state="submitted", entered_by=user),
        projects.approve_for_street,
    ),
    "project, district": (
        lambda user, here: ProjectFactory(
            community=here, state="street", entered_by=user, street_by=UserFactory()
        ),
        projects.approve_for_district,
    ),
    "project, district after street": (
        lambda user, here: ProjectFactory(community=here, state="street", street_by=user),
        projects.approve_for_district,
    ),
    "booking": (
        lambda user, here: BookingFactory(space__facility__community=here, state="requested", booked_by=user),
        lambda row, by: changing.decide(row, approve=True, by=by),
    ),
    "revenue": (
        lambda user, here: RevenueFactory(agreement__facility__community=here, submitted_by=user),
        revenue.verify,
    ),
    "month, drafted": (month_drafted, closing.confirm),
    "month, own bill": (month_with_own_bill, closing.confirm),
    "month, own row": (month_with_own_row, closing.confirm),
    "month, imported money": (month_with_imported_money, closing.confirm),
    "month, own terms": (month_with_own_terms, closing.confirm),
    "month, own tariff": (month_with_own_tariff, closing.confirm),
    "project, imported": (plan_imported, projects.approve_for_street),
    "objection": (
        lambda user, here: ObjectionFactory(close__community=here, raised_by=user, raised_for="居民甲"),
        lambda row, by: objections.answer(row, "已核对。", by=by),
    ),
    "resident": (
        lambda user, here: ResidentFactory(community=here, account=user),
        accounts.confirm,
    ),
}


@pytest.mark.parametrize("role", [None, *ROLES])
@pytest.mark.parametrize("name", ACTS)
def test_nobody_approves_what_they_entered(somebody, here, name, role):
    enter, approve = ACTS[name]
    row = enter(somebody, here)
    if role:
        somebody.use_role(role)

    with pytest.raises(Refused):
        approve(row, by=somebody)
