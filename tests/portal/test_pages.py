"""What the pages of the portal show, to whom, and at what cost."""

import pytest
from django.urls import reverse

from billing.models import Objection
from portal.access import Role
from tests.factories import (
    AgreementFactory,
    BillFactory,
    BillSharingFactory,
    ChargeFactory,
    CommunityFactory,
    CommunityMonthFactory,
    MeterFactory,
    MonthCloseFactory,
    ObjectionFactory,
    RebateFactory,
    RegionFactory,
    ShareFactory,
    UserFactory,
    post,
    staff,
)

pytestmark = pytest.mark.django_db


def page(client, name, *args, **query):
    return client.get(reverse(name, args=args), query)


def text(client, name, *args, **query):
    return page(client, name, *args, **query).content.decode()


def month_args(close):
    return close.community_id, close.month


@pytest.fixture
def notice():
    figures = CommunityMonthFactory(close__notice=True)
    return figures.close


# Where the money went


def test_anybody_reads_a_published_month(client, notice):
    shown = text(client, "month", *month_args(notice))

    assert "还差" in shown
    assert "1,002.06" in shown
    assert "50\xa0%" in shown or "50 %" in shown


def test_community_page_shows_the_latest_published_month(client, notice):
    CommunityMonthFactory(close__community=notice.community, close__month="2026-10")

    assert "2026年9月" in text(client, "community", notice.community_id)


def test_community_without_a_month_offers_the_next_step(client):
    shown = text(client, "community", CommunityFactory().code)

    assert "还没有公布过月账" in shown
    assert reverse("communities") in shown


def test_blocked_month_tells_staff_what_to_do(client):
    close = MonthCloseFactory(blocked=True)
    client.force_login(staff(Role.CLERK, close.community))

    shown = text(client, "month", *month_args(close))

    assert "M0001" in shown
    assert "请补抄" in shown


def test_revenue_of_a_provider_is_on_no_public_page(client):
    rebate = RebateFactory(base="86431.50", close__notice=True)
    CommunityMonthFactory(close=rebate.close)

    for name in ("month", "notice", "objections"):
        shown = text(client, name, *month_args(rebate.close))
        assert "86,431.50" not in shown
        assert "86431.50" not in shown


def test_notice_lists_the_hash_of_a_row_whose_content_is_not_public(client):
    rebate = RebateFactory(close__notice=True)
    CommunityMonthFactory(close=rebate.close)

    shown = text(client, "notice", *month_args(rebate.close))

    assert shown.count("<li><code>") == 2  # give-back and the month itself


def test_bill_page_names_every_part_of_the_bill(client, notice):
    sharing = BillSharingFactory(close=notice, bill=BillFactory(facility__community=notice.community))
    shares = ShareFactory.create_batch(3, sharing=sharing)

    shown = text(client, "bill", *month_args(notice), sharing.bill.ref)

    assert all(share.agreement.provider.name in shown for share in shares)


def test_month_costs_the_same_for_30_rows(client, notice, django_assert_num_queries):
    sharing = BillSharingFactory(close=notice, bill=BillFactory(facility__community=notice.community))
    agreements = [share.agreement for share in ShareFactory.create_batch(30, sharing=sharing)]
    for agreement in agreements:
        ChargeFactory(close=notice, agreement=agreement)
        RebateFactory(close=notice, agreement=agreement)

    with django_assert_num_queries(12):
        page(client, "month", *month_args(notice))


# Objections


def test_resident_of_the_community_objects_and_the_month_waits(client, notice):
    client.force_login(UserFactory(roles=[(Role.RESIDENT, notice.community)]))

    answer = client.post(reverse("objections", args=month_args(notice)), {"text": "电费不对"})

    assert answer.status_code == 302
    assert Objection.objects.open().get().text == "电费不对"


def test_staff_write_an_objection_down_for_somebody(client, notice):
    client.force_login(staff(Role.CLERK, notice.community))

    client.post(reverse("objections", args=month_args(notice)), {"text": "电费不对", "raised_for": "三号楼"})

    assert Objection.objects.get().raised_for == "三号楼"


def test_resident_of_another_community_cannot_object(client, notice):
    client.force_login(UserFactory(roles=[(Role.RESIDENT, CommunityFactory())]))

    answer = client.post(reverse("objections", args=month_args(notice)), {"text": "电费不对"})

    assert answer.status_code == 403
    assert not Objection.objects.exists()


def test_objection_to_a_posted_month_is_refused_with_its_reason(client):
    close = post(MonthCloseFactory())
    client.force_login(UserFactory(roles=[(Role.RESIDENT, close.community)]))

    answer = client.post(reverse("objections", args=month_args(close)), {"text": "电费不对"})

    assert answer.status_code == 409
    assert "公示" in answer.content.decode()


def test_objection_without_words_comes_back_with_the_form(client, notice):
    client.force_login(UserFactory(roles=[(Role.RESIDENT, notice.community)]))

    answer = client.post(reverse("objections", args=month_args(notice)), {"text": ""})

    assert answer.status_code == 422


def test_objections_are_public_without_the_names_of_who_raised_them(client, notice):
    writer = UserFactory(display_name="不该出现的名字")
    ObjectionFactory(close=notice, raised_by=writer, raised_for="也不该出现", answered=True)

    shown = text(client, "objections", *month_args(notice))

    assert "电费比上月多了一倍" in shown
    assert "已核对" in shown
    assert "不该出现" not in shown


# The way to one's work


def test_resident_by_role_begins_with_their_community(client):
    community = CommunityFactory()
    client.force_login(UserFactory(roles=[(Role.RESIDENT, community)]))

    assert reverse("community", args=[community.code]) in text(client, "home")


def test_provider_goes_to_the_desk(client):
    client.force_login(UserFactory(provider=AgreementFactory().provider))

    assert page(client, "home").url == reverse("desk:home")


def test_staff_see_their_own_months_alone(client, notice):
    foreign = CommunityMonthFactory(close__notice=True)
    client.force_login(staff(Role.CLERK, notice.community))

    shown = text(client, "home")

    assert reverse("month", args=month_args(notice)) in shown
    assert reverse("month", args=month_args(foreign.close)) not in shown


def test_somebody_without_a_role_is_led_to_joining_a_community(client):
    client.force_login(UserFactory())

    answer = client.get(reverse("home"), follow=True)

    assert [address for address, _status in answer.redirect_chain] == [reverse("me"), reverse("me_join")]


def test_provider_role_without_a_provider_is_told_whom_to_ask(client):
    client.force_login(UserFactory(roles=[(Role.PROVIDER, CommunityFactory())]))

    assert "请本地区的管理员" in text(client, "home")


def test_community_is_found_by_its_street(client):
    wanted, other = CommunityFactory(code="610102002006"), CommunityFactory(code="610104004019")
    street = wanted.region.parent
    type(street).objects.filter(pk=street.pk).update(name="示例大街")

    shown = text(client, "communities", q="示例大街")

    assert reverse("community", args=[wanted.code]) in shown
    assert reverse("community", args=[other.code]) not in shown


# Regions


def test_region_adds_up_posted_months_and_leaves_out_drafts(client):
    posted = CommunityMonthFactory(close__community=CommunityFactory(code="610102002006"))
    post(posted.close)
    CommunityMonthFactory(close__community=CommunityFactory(code="610102003001"), bill_out="99999.00")
    city = RegionFactory(code="610100000000")
    client.force_login(staff(Role.OFFICIAL, city))

    shown = text(client, "region", city.code)

    assert "1,613.99" in shown
    assert "99,999.00" not in shown
    assert "/ 2" in shown


def test_zone_shows_the_streets_it_manages(client):
    figures = CommunityMonthFactory(close__community=CommunityFactory(code="610111001010"))
    post(figures.close)
    zone = RegionFactory(code="610191000000", level=9)
    street = figures.community.region.parent
    type(street).objects.filter(pk=street.pk).update(managed_by=zone)
    client.force_login(staff(Role.OFFICIAL, zone))

    assert street.name in text(client, "region", zone.code)
    assert "1,613.99" in text(client, "region", zone.code)


def test_region_whose_month_has_not_begun_says_so_by_empty_figures(client):
    post(CommunityMonthFactory(close__community=CommunityFactory(code="610102002006")).close)
    client.force_login(staff(Role.OFFICIAL, RegionFactory(code="610100000000")))

    later = page(client, "region", "610102000000", month="2099-01")

    assert later.status_code == 200
    assert "0 / 1" in later.content.decode()
    assert page(client, "region", "610102000000", month="2099-13").status_code == 404


def test_region_opens_on_the_newest_month_that_has_figures(client):
    posted = CommunityMonthFactory(close__community=CommunityFactory(code="610102002006"))
    post(posted.close)
    MonthCloseFactory(community=posted.close.community, month="2099-01")
    client.force_login(staff(Role.OFFICIAL, RegionFactory(code="610100000000")))

    assert "1,613.99" in text(client, "region", "610102000000")


@pytest.mark.parametrize(("code", "queries"), [("610100000000", 12), ("610102002000", 12)])
def test_region_costs_the_same_for_30_communities(client, django_assert_num_queries, code, queries):
    for number in range(30):
        place = CommunityFactory(code=f"610102002{number + 1:03d}")
        post(CommunityMonthFactory(close__community=place).close)
    client.force_login(staff(Role.OFFICIAL, RegionFactory(code="610100000000")))

    with django_assert_num_queries(queries):
        page(client, "region", code)


# Addresses nobody would write by hand


@pytest.mark.parametrize("month", ["0000-01", "0001-01", "1899-12", "3000-01", "9999-12", "2026-13"])
def test_months_outside_the_calendar_of_the_books_are_not_found(client, month):
    agreement = AgreementFactory()
    client.force_login(UserFactory(provider=agreement.provider))

    assert client.get(f"/desk/revenue/{month}/{agreement.ref}/").status_code == 404
    assert client.get(f"/communities/{agreement.community_id}/{month}/").status_code == 404

    client.force_login(staff(Role.CLERK, agreement.community.region))

    books = reverse("admin:books_month", args=[agreement.community_id, month])
    assert client.get(books).status_code == 404
    assert client.get(reverse("admin:books"), {"month": month}).status_code == 404


@pytest.mark.parametrize("month", ["1900-01", "2999-12"])
def test_books_open_at_both_ends_of_their_calendar(client, month):
    meter = MeterFactory()
    client.force_login(staff(Role.CLERK, meter.community.region))

    for name in ("books_month", "books_review", "books_readings"):
        assert page(client, f"admin:{name}", meter.community_id, month).status_code == 200


def test_nul_is_refused_wherever_it_comes_in(client, notice):
    client.force_login(staff(Role.CLERK, notice.community.region))
    reading = reverse("admin:billing_reading_add")

    assert page(client, "bill", *month_args(notice), "\0").status_code == 400
    assert client.get("/api/v1/shares/?bill=%00").status_code == 400
    assert client.post(reading, {"meter": "\0"}).status_code == 400
