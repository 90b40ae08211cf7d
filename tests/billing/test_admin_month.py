"""A whole month by hand through the admin, each step by the role whose step it is."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from billing.models import CloseBatch, CloseState, MonthClose, Objection, Reading, Revenue, UtilityBill
from portal.access import Role
from portal.months import Month
from tests.billing.worlds import OCTOBER, close, world
from tests.factories import (
    AgreementFactory,
    BillFactory,
    CloseRunFactory,
    CommunityFactory,
    FacilityFactory,
    MeterFactory,
    MonthCloseFactory,
    ReadingFactory,
    RebateTermFactory,
    RevenueFactory,
    SharingRuleFactory,
    TariffFactory,
    UtilityTermFactory,
    staff,
)

pytestmark = pytest.mark.django_db
MONTH = "2026-09"


@pytest.fixture
def community():
    return CommunityFactory(publishes=True)


@pytest.fixture
def canteen(community):
    """A metered canteen that gives back 5 % and shares its electricity by what it used."""
    facility = FacilityFactory(community=community)
    agreement = AgreementFactory(facility=facility)
    UtilityTermFactory(agreement=agreement)
    RebateTermFactory(agreement=agreement)
    SharingRuleFactory(facility=facility)
    TariffFactory()
    MeterFactory(facility=facility, master=True)
    meter = MeterFactory(agreement=agreement)
    ReadingFactory(meter=meter, read_on="2026-08-31", value="1000")
    return agreement


def url(name, community, *rest):
    return reverse(f"admin:{name}", args=[community.pk, MONTH, *rest])


def step(client, community, name):
    return client.post(url("books_step", community), {"do": name}, follow=True)


def enter_everything(client, community, canteen):
    """What the clerk types in: one reading, one bill, one revenue."""
    meter, facility = canteen.meters.get(), canteen.facility
    client.post(
        url("books_readings", community),
        {f"m{meter.pk}-value": "1520", f"m{meter.pk}-read_on": "2026-09-30", f"m{meter.pk}-kind": "regular"},
    )
    bill = f"b{facility.pk}electricity"
    client.post(
        url("books_bills", community),
        {
            f"{bill}-ref": "B-2026-09",
            f"{bill}-period_start": "2026-09-01",
            f"{bill}-period_end": "2026-09-30",
            f"{bill}-quantity": "1286",
            f"{bill}-amount": "640.81",
        },
    )
    client.post(url("books_revenue", community), {f"a{canteen.pk}-amount": "86431.50"})


def test_a_month_is_done_by_hand_from_the_first_reading_to_the_printed_statement(client, community, canteen):
    clerk, accountant = staff(Role.CLERK, community), staff(Role.ACCOUNTANT, community)
    approver = staff(Role.APPROVER, community)

    client.force_login(clerk)
    enter_everything(client, community, canteen)
    assert Reading.objects.get(value=1520).meter == canteen.meters.get()
    assert UtilityBill.objects.get().community == community
    assert Revenue.objects.get().submitted_by == clerk

    client.force_login(accountant)
    revenue = Revenue.objects.get()
    client.post(url("books_revenue", community), {"verify": revenue.pk})
    revenue.refresh_from_db()
    assert (revenue.status, revenue.verified_by) == ("verified", accountant)
    page = step(client, community, "draft").content.decode()
    assert "4,321.58" in page
    assert "259.11" in page
    assert "怎么算的" in page
    close = MonthClose.objects.get()
    assert close.state == CloseState.DRAFT
    step(client, community, "publish")
    close.refresh_from_db()
    assert close.state == CloseState.NOTICE

    client.force_login(approver)
    step(client, community, "confirm")
    close.refresh_from_db()
    assert close.confirmed_by == approver
    sheet = client.get(url("books_statement", community)).content.decode()
    assert "4,321.58" in sheet
    own = client.get(url("books_agreement_statement", community, canteen.pk)).content.decode()
    assert "4,580.69" in own


def test_without_a_notice_the_approver_posts_at_once(client, canteen):
    community = canteen.community
    type(community).objects.filter(pk=community.pk).update(notice_days=0)
    client.force_login(staff(Role.CLERK, community))
    enter_everything(client, community, canteen)
    client.force_login(staff(Role.ACCOUNTANT, community))
    client.post(url("books_revenue", community), {"verify": Revenue.objects.get().pk})
    step(client, community, "draft")

    client.force_login(staff(Role.APPROVER, community))
    page = step(client, community, "confirm").content.decode()

    assert MonthClose.objects.get().state == CloseState.POSTED
    assert "已入账" in page
    bill = UtilityBill.objects.get()
    assert client.get(reverse("admin:billing_utilitybill_change", args=[bill.pk])).status_code == 200


def test_nobody_verifies_what_they_reported(client, community, canteen):
    accountant = staff(Role.ACCOUNTANT, community)
    client.force_login(accountant)
    client.post(url("books_revenue", community), {f"a{canteen.pk}-amount": "100"})

    answer = client.post(url("books_revenue", community), {"verify": Revenue.objects.get().pk})

    assert answer.status_code == 409
    assert "另一位会计" in answer.content.decode()
    assert Revenue.objects.get().status == "submitted"


def test_a_changed_figure_is_to_be_verified_anew(client, community, canteen):
    row = RevenueFactory(agreement=canteen, month=MONTH, amount="100", status="verified")
    clerk = staff(Role.CLERK, community)
    client.force_login(clerk)

    client.post(url("books_revenue", community), {f"a{canteen.pk}-amount": "120"})

    row.refresh_from_db()
    assert (row.amount, row.status, row.submitted_by, row.verified_by) == (
        Decimal(120),
        "submitted",
        clerk,
        None,
    )


@pytest.mark.parametrize(
    ("role", "name"),
    [
        (Role.CLERK, "draft"),
        (Role.INSPECTOR, "draft"),
        (Role.ACCOUNTANT, "confirm"),
        (Role.APPROVER, "publish"),
        (Role.OFFICIAL, "withdraw"),
    ],
)
def test_each_step_belongs_to_its_role(client, community, role, name):
    MonthCloseFactory(community=community, month=MONTH)
    client.force_login(staff(role, community))

    assert client.post(url("books_step", community), {"do": name}).status_code == 403


def test_an_inspector_looks_and_types_nothing(client, community, canteen):
    client.force_login(staff(Role.INSPECTOR, community))

    page = client.get(url("books_readings", community))

    assert page.status_code == 200
    assert "保存读数" not in page.content.decode()
    assert client.post(url("books_readings", community), {}).status_code == 403


PAGES = ["books_month", "books_review", "books_readings", "books_bills", "books_revenue", "books_statement"]


@pytest.mark.parametrize("name", PAGES)
def test_a_month_elsewhere_does_not_exist(client, community, name):
    client.force_login(staff(Role.ACCOUNTANT, CommunityFactory()))

    assert client.get(url(name, community)).status_code == 404


def test_the_list_of_months_has_ones_own_communities_only(client, community):
    elsewhere = CommunityFactory()
    client.force_login(staff(Role.CLERK, community))

    page = client.get(reverse("admin:books"), {"month": MONTH}).content.decode()

    assert community.pk in page
    assert elsewhere.pk not in page


def test_what_blocks_a_month_says_what_where_and_leads_to_the_place(client, community, canteen):
    BillFactory(facility=canteen.facility)
    client.force_login(staff(Role.ACCOUNTANT, community))

    page = step(client, community, "draft").content.decode()

    assert MonthClose.objects.get().state == CloseState.BLOCKED
    assert "请补抄" in page
    assert url("books_readings", community) in page


def test_an_odd_reading_is_taken_and_marked(client, community, canteen):
    client.force_login(staff(Role.CLERK, community))
    meter = canteen.meters.get()

    page = client.post(
        url("books_readings", community),
        {f"m{meter.pk}-value": "900", f"m{meter.pk}-read_on": "2026-09-30", f"m{meter.pk}-kind": "regular"},
        follow=True,
    ).content.decode()

    assert Reading.objects.filter(meter=meter, value=900).exists()
    assert "比上次小" in page


def test_a_wrong_row_saves_none_of_the_sheet(client, community, canteen):
    other = MeterFactory(facility=canteen.facility)
    meter = canteen.meters.get()
    client.force_login(staff(Role.CLERK, community))

    answer = client.post(
        url("books_readings", community),
        {
            f"m{meter.pk}-value": "1520",
            f"m{meter.pk}-read_on": "2026-09-30",
            f"m{meter.pk}-kind": "regular",
            f"m{other.pk}-value": "many",
            f"m{other.pk}-read_on": "2026-09-30",
            f"m{other.pk}-kind": "regular",
        },
    )

    assert answer.status_code == 422
    assert not Reading.objects.filter(read_on="2026-09-30").exists()


def test_a_change_under_notice_returns_the_month_to_draft(client, community, canteen):
    client.force_login(staff(Role.ACCOUNTANT, community))
    enter_everything(client, community, canteen)
    step(client, community, "draft")
    step(client, community, "publish")
    reading = Reading.objects.get(value=1520)

    client.post(
        reverse("admin:billing_reading_change", args=[reading.pk]),
        {"meter": reading.meter_id, "read_on": "2026-09-30", "kind": "regular", "value": "1530"},
    )

    assert MonthClose.objects.get().state == CloseState.DRAFT


def test_an_objection_is_taken_down_and_answered_by_the_street(client, community, canteen):
    client.force_login(staff(Role.ACCOUNTANT, community))
    enter_everything(client, community, canteen)
    step(client, community, "draft")
    step(client, community, "publish")
    client.post(url("books_object", community), {"text": "电费太高", "raised_for": "某商家"})
    objection = Objection.objects.get()

    client.force_login(staff(Role.APPROVER, community))
    client.post(url("books_answer", community, objection.pk), {"answer": "已核对分表读数。"})

    objection.refresh_from_db()
    assert objection.answer == "已核对分表读数。"


def test_the_methods_of_a_bill_stand_side_by_side(client, community, canteen):
    bill = BillFactory(facility=canteen.facility)
    client.force_login(staff(Role.CLERK, community))

    page = client.get(url("books_methods", community, bill.pk), {f"hours-{canteen.ref}": "3", "hours-": "1"})

    assert page.status_code == 200
    hours = next(column for column in page.context["columns"] if column.method == "hours")
    assert sum(hours.amounts.values()) == bill.amount
    assert hours.amounts[canteen.ref] > hours.amounts[""]


def test_no_page_of_a_month_costs_more_than_15_queries(
    client, community, canteen, django_assert_max_num_queries
):
    client.force_login(staff(Role.ACCOUNTANT, community))
    for _number in range(10):
        agreement = AgreementFactory(facility=canteen.facility)
        UtilityTermFactory(agreement=agreement)
        RebateTermFactory(agreement=agreement)
        meter = MeterFactory(agreement=agreement)
        ReadingFactory(meter=meter, read_on="2026-08-31", value="10")
        ReadingFactory(meter=meter, read_on="2026-09-30", value="20")
    enter_everything(client, community, canteen)
    step(client, community, "draft")
    bill = UtilityBill.objects.get()

    assert MonthClose.objects.get().blocks == []
    pages = [url(name, community) for name in PAGES]
    pages += [
        url("books_methods", community, bill.pk),
        url("books_agreement_statement", community, canteen.pk),
    ]
    for page in [*pages, reverse("admin:books")]:
        with django_assert_max_num_queries(15):
            answer = client.get(page)
        assert answer.status_code == 200, page


def test_a_review_of_bills_taken_back_and_late_revenue_costs_no_more(client, django_assert_max_num_queries):
    here = world()
    here.revenue.delete()
    close(here)
    RevenueFactory(agreement=here.shops[0], verified=True)
    BillFactory(facility=here.bill.facility, takes_back=True, corrects=here.bill)
    client.force_login(staff(Role.ACCOUNTANT, here.community))

    with django_assert_max_num_queries(15):
        page = client.get(reverse("admin:books_review", args=[here.code, OCTOBER]))

    assert page.status_code == 200


def test_every_label_of_a_page_is_in_chinese(client, community, canteen):
    client.force_login(staff(Role.CLERK, community))

    page = client.get(url("books_month", community)).content.decode()

    assert not re.search(r">\s*(Save|Add|Delete|Search)\s*<", page)


def test_a_run_is_seen_where_it_ran_and_drafts_are_ordered_by_accountants_alone(client, community, canteen):
    street = community.region.parent
    accountant, clerk = staff(Role.ACCOUNTANT, street), staff(Role.CLERK, street)
    client.force_login(clerk)
    assert (
        client.post(reverse("admin:books_run_start"), {"month": MONTH, "region": street.pk}).status_code
        == 404
    )
    run = CloseRunFactory(region=street, month=MONTH, goal="draft")
    CloseBatch.objects.create(
        run=run,
        number=1,
        codes=[community.pk],
        state="done",
        outcomes={community.pk: {"code": community.pk, "state": "draft", "blocks": [], "notice_until": None}},
    )
    page = reverse("admin:books_run", args=[run.pk])

    assert "1 / 1" in client.get(page).content.decode()
    assert client.post(reverse("admin:books_run_do", args=[run.pk]), {"do": "cancel"}).status_code == 403
    client.force_login(accountant)
    client.post(reverse("admin:books_run_do", args=[run.pk]), {"do": "cancel"})
    run.refresh_from_db()
    assert run.cancelled_at is not None
    client.force_login(staff(Role.ACCOUNTANT, CommunityFactory()))
    assert client.get(page).status_code == 404


def test_the_opening_page_says_what_waits_for_whom(client, community, canteen, django_assert_max_num_queries):
    month = str(Month.of(timezone.localdate()).previous())
    RevenueFactory(agreement=canteen, month=month)
    MonthCloseFactory(community=community, month=month, notice=True)
    client.force_login(staff(Role.CLERK, community))

    with django_assert_max_num_queries(15):
        clerk_sees = client.get(reverse("admin:index")).content.decode()
    client.force_login(staff(Role.ACCOUNTANT, community))
    accountant_sees = client.get(reverse("admin:index")).content.decode()
    client.force_login(staff(Role.APPROVER, community))
    approver_sees = client.get(reverse("admin:index")).content.decode()

    assert "1 块表未抄" in clerk_sees
    assert "份收入待核" not in clerk_sees
    assert "1 份收入待核" in accountant_sees
    assert "待您确认入账" in approver_sees
    assert "块表未抄" not in approver_sees
