"""Every factory builds a row that the database takes, with each of its traits."""

import pytest

from facilities.models import Level, Region
from portal.access import Role
from tests import factories
from tests.factories import BillSharingFactory, CommunityFactory, RebateFactory, UserFactory, post

FACTORIES = [getattr(factories, name) for name in factories.__all__ if name.endswith("Factory")]


@pytest.mark.django_db
@pytest.mark.parametrize("factory", FACTORIES, ids=lambda factory: factory.__name__)
def test_factory_and_each_of_its_traits_build_a_row(factory):
    traits = [name for name, trait in factory._meta.parameters.items() if hasattr(trait, "overrides")]

    rows = [factory(), *(factory(**{trait: True}) for trait in traits if trait != "takes_back")]

    assert all(row.pk for row in rows)


@pytest.mark.django_db
def test_community_comes_with_every_region_above_it():
    CommunityFactory(code="610104004019")

    found = list(Region.objects.order_by("code").values_list("code", "level"))

    assert found == [
        ("610000000000", Level.PROVINCE),
        ("610100000000", Level.CITY),
        ("610104000000", Level.DISTRICT),
        ("610104004000", Level.STREET),
        ("610104004019", Level.COMMUNITY),
    ]


@pytest.mark.django_db
def test_user_with_a_role_works_in_that_community_alone():
    community, other = CommunityFactory.create_batch(2)

    user = UserFactory(roles=[(Role.CLERK, community)])

    assert user.holds(community.code, Role.CLERK)
    assert not user.holds(other.code, Role.CLERK)


@pytest.mark.django_db
def test_posted_close_keeps_the_rows_of_its_draft():
    rebate = RebateFactory()
    BillSharingFactory(close=rebate.close, bill__facility=rebate.agreement.facility)

    close = post(rebate.close)

    assert close.is_posted
    assert close.rebates.count() == close.sharings.count() == 1
