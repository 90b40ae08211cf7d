"""The API answers with what its reader may see, as strings that keep every fen."""

import pytest
from django.urls import reverse

from portal.access import Role
from tests.factories import (
    BillSharingFactory,
    ChargeFactory,
    CommunityFactory,
    CommunityMonthFactory,
    ProviderFactory,
    RebateFactory,
    RegionFactory,
    RegionMonthFactory,
    ShareFactory,
    UserFactory,
    post,
    staff,
)

pytestmark = pytest.mark.django_db

RESOURCES = ["region", "community", "month", "region-month", "share", "charge", "rebate"]


def get(client, name, *args, **query):
    return client.get(reverse(f"api:{name}", args=args), query)


def posted_month(**fields):
    figures = CommunityMonthFactory(**fields)
    post(figures.close)
    return figures


def posted_share(agreement__provider=None, **fields):
    provider = agreement__provider or ProviderFactory()
    share = ShareFactory(agreement__provider=provider, **fields)
    post(share.sharing.close)
    return share


@pytest.mark.parametrize("name", RESOURCES)
def test_guest_is_refused(client, name):
    assert get(client, f"{name}-list").status_code == 403


@pytest.mark.parametrize("name", RESOURCES)
def test_nothing_can_be_written(client, name):
    client.force_login(UserFactory(superuser=True))

    assert client.post(reverse(f"api:{name}-list"), {}).status_code == 405


def test_money_is_text_with_two_decimals(client):
    figures = posted_month()
    client.force_login(staff(Role.OFFICIAL, figures.community))

    row = get(client, "month-list").json()["results"][0]

    assert row["bill_out"] == "1613.99"
    assert row["topup_in"] == "0.00"
    assert row["shortfall"] == "1002.06"
    assert row["self_sufficiency"] == "0.5031"


def test_month_elsewhere_is_not_found_and_not_listed(client):
    own, foreign = posted_month(), posted_month()
    client.force_login(staff(Role.CLERK, own.community))

    assert get(client, "month-detail", foreign.pk).status_code == 404
    assert get(client, "month-statement", foreign.pk).status_code == 404
    assert [row["id"] for row in get(client, "month-list").json()["results"]] == [own.pk]


def test_filter_for_a_foreign_community_shows_nothing(client):
    own, foreign = posted_month(), posted_month()
    client.force_login(staff(Role.CLERK, own.community))

    assert get(client, "month-list", community=foreign.community_id).json()["count"] == 0


def test_draft_is_not_in_the_api(client):
    draft = CommunityMonthFactory()
    client.force_login(staff(Role.CLERK, draft.community))

    assert get(client, "month-detail", draft.pk).status_code == 404


def test_months_below_a_district_leave_out_other_districts(client):
    here = posted_month(close__community=CommunityFactory(code="610102002006"))
    posted_month(close__community=CommunityFactory(code="610104004019"))
    client.force_login(UserFactory(superuser=True))

    found = get(client, "month-list", below="610102000000").json()["results"]

    assert [row["id"] for row in found] == [here.pk]


def test_months_without_shortfall_are_found(client):
    posted_month()
    well = posted_month(closing="12.00")
    client.force_login(UserFactory(superuser=True))

    found = get(client, "month-list", in_shortfall="false").json()["results"]

    assert [row["id"] for row in found] == [well.pk]


def test_member_sees_the_rows_of_their_own_provider_alone(client):
    mine, other = posted_share(), posted_share()
    client.force_login(UserFactory(provider=mine.agreement.provider))

    assert [row["id"] for row in get(client, "share-list").json()["results"]] == [mine.pk]
    assert get(client, "share-detail", other.pk).status_code == 404


def test_statement_tells_every_row_of_the_month(client):
    share = ShareFactory()
    close = share.sharing.close
    ShareFactory(sharing=share.sharing, agreement=None)
    charge = ChargeFactory(close=close, agreement=share.agreement)
    rebate = RebateFactory(close=close, agreement=share.agreement)
    figures = CommunityMonthFactory(close=close)
    post(close)
    client.force_login(staff(Role.ACCOUNTANT, close.community))

    told = get(client, "month-statement", figures.pk).json()

    assert told["figures"]["id"] == figures.pk
    assert [row["agreement"] for row in told["shares"]] == [share.agreement.ref, None]
    assert [row["amount"] for row in told["charges"]] == [f"{charge.amount:.2f}"]
    assert [row["base"] for row in told["rebates"]] == [f"{rebate.base:.2f}"]
    assert told["accounts"] == []


def thirty_rows(name):
    if name in ("region", "region-month"):
        regions = RegionFactory.create_batch(30)
        return [RegionMonthFactory(region=region) for region in regions]
    if name == "community":
        return CommunityFactory.create_batch(30)
    if name == "month":
        return [posted_month() for _number in range(30)]
    if name == "share":
        return [posted_share() for _number in range(30)]
    rows = {"charge": ChargeFactory, "rebate": RebateFactory}[name].create_batch(30)
    return [post(row.close) for row in rows]


@pytest.mark.parametrize("name", RESOURCES)
def test_list_costs_a_fixed_number_of_queries_for_30_rows(client, name, django_assert_num_queries):
    thirty_rows(name)
    client.force_login(staff(Role.OFFICIAL, RegionFactory(code="610000000000")))

    of_providers = name in ("share", "charge", "rebate")  # these ask for memberships too
    with django_assert_num_queries(4 + of_providers):  # user, roles, count, rows
        found = get(client, f"{name}-list").json()

    assert found["count"] >= 30


def test_statement_costs_the_same_for_30_shares(client, django_assert_num_queries):
    sharing = BillSharingFactory()
    ShareFactory.create_batch(30, sharing=sharing)
    figures = CommunityMonthFactory(close=sharing.close)
    post(sharing.close)
    client.force_login(staff(Role.CLERK, figures.community))

    with django_assert_num_queries(8):
        get(client, "month-statement", figures.pk)


def test_docs_page_names_every_resource(client):
    page = client.get(reverse("api:docs")).content.decode()

    assert all(f"/api/v1/{path}/" in page for path in ("months", "shares", "region-months"))


def test_schema_says_money_is_text(client):
    schema = client.get(reverse("api:schema"), headers={"Accept": "application/json"}).json()

    bill_out = schema["components"]["schemas"]["CommunityMonth"]["properties"]["bill_out"]
    assert bill_out["type"] == "string"
    assert bill_out["format"] == "decimal"
