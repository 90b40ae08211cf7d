"""The staff's opening page: what waits for me, where a click leads, and what it costs."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from billing.models import CloseState
from portal.access import STAFF_ROLES, Role
from portal.months import Month
from services.models import Licence
from tests.factories import (
    AgreementFactory,
    BookingFactory,
    CommunityFactory,
    FacilityFactory,
    LicenceFactory,
    MeterFactory,
    MonthCloseFactory,
    NeedFactory,
    ObjectionFactory,
    ProjectFactory,
    ProviderFactory,
    RebateTermFactory,
    RevenueFactory,
    UserFactory,
    staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return CommunityFactory()


@pytest.fixture
def provider(here):
    return AgreementFactory(facility__community=here).provider


def opened(client, role, place):
    client.force_login(staff(role, place))
    return client.get(reverse("admin:index"))


def waits(client, role, place):
    return {task.what: task for task in opened(client, role, place).context["tasks"]}


def in_days(number):
    return timezone.localdate() + dt.timedelta(number)


@pytest.mark.parametrize(("days", "said"), [(30, "快到期"), (0, "快到期"), (-1, "已过期")])
def test_a_licence_within_30_days_of_its_end_waits_for_the_clerk(client, here, provider, days, said):
    LicenceFactory(provider=provider, valid_until=in_days(days))

    task = waits(client, Role.CLERK, here)[f"食品经营许可证 {said}"]

    assert task.due == in_days(days)
    assert client.get(task.href).status_code == 200


@pytest.mark.parametrize("days", [31, None])
def test_a_licence_that_still_holds_does_not_wait(client, here, provider, days):
    LicenceFactory(provider=provider, valid_until=None if days is None else in_days(days))

    assert waits(client, Role.CLERK, here) == {}


def test_a_licence_that_was_renewed_does_not_wait(client, here, provider):
    LicenceFactory(provider=provider, valid_until=in_days(3))
    LicenceFactory(provider=provider, valid_until=in_days(400))

    assert waits(client, Role.CLERK, here) == {}


def test_a_licence_of_another_community_waits_for_nobody_here(client, here):
    elsewhere = AgreementFactory().provider
    LicenceFactory(provider=elsewhere, valid_until=in_days(3))

    assert waits(client, Role.CLERK, here) == {}
    assert not Licence.objects.visible_to(staff(Role.CLERK, here)).exists()


def test_a_licence_is_registered_on_the_page_of_its_provider(client, here):
    provider = ProviderFactory(region=here.region)
    client.force_login(staff(Role.CLERK, here))
    address = reverse("admin:services_provider_change", args=[provider.pk])
    form = {"ref": provider.ref, "name": provider.name, "kind": provider.kind, "region": here.pk}
    for name, first in (("licences", 1), ("members", 0)):
        form |= {f"{name}-TOTAL_FORMS": first, f"{name}-INITIAL_FORMS": 0}
    row = {"kind": "food", "number": "JY-1", "valid_from": "2026-11-02", "valid_until": "2026-11-01"}

    refused = client.post(address, form | {f"licences-0-{name}": value for name, value in row.items()})
    row["valid_until"] = "2031-11-01"
    taken = client.post(address, form | {f"licences-0-{name}": value for name, value in row.items()})

    assert "有效期结束不能早于开始" in refused.content.decode()
    assert taken.status_code == 302
    assert str(Licence.objects.get()) == "食品经营许可证 JY-1"


def test_a_need_waits_until_the_clerk_answers_it_on_the_page_the_task_leads_to(client, here):
    need = NeedFactory(community=here)
    NeedFactory(community=here, state="in_hand")
    NeedFactory()

    [task] = opened(client, Role.CLERK, here).context["tasks"]
    page = client.get(task.href)
    client.post(task.href, {"reply": "下周三起每天 11 点供餐。"})

    assert (task.kind, task.do) == ("need", "去答复")
    assert need.text in page.content.decode()
    assert waits(client, Role.CLERK, here) == {}


def test_a_need_does_not_wait_for_those_who_may_not_answer_it(client, here):
    NeedFactory(community=here)

    assert waits(client, Role.ACCOUNTANT, here) == {}


def test_what_is_urgent_comes_first_then_by_the_day_it_is_due(client, here, provider):
    LicenceFactory(provider=provider, valid_until=in_days(9))
    LicenceFactory(provider=provider, kind="business", valid_until=in_days(-9))
    MonthCloseFactory(community=here, state=CloseState.BLOCKED, blocks=[{}])

    tasks = opened(client, Role.ACCOUNTANT, here).context["tasks"]

    assert [task.kind for task in tasks][:3] == ["month", "licence", "licence"]
    assert tasks[1].what == "营业执照 已过期"


def test_readings_bills_and_revenue_of_the_month_wait_each_with_its_button(client, here):
    month = Month.of(timezone.localdate()).previous()
    agreement = AgreementFactory(facility__community=here, starts_on=None, ends_on=None)
    MeterFactory(facility=agreement.facility, agreement=agreement)
    RebateTermFactory(agreement=agreement, from_month=str(month))
    RevenueFactory(agreement=agreement, month=str(month), status="submitted")

    tasks = opened(client, Role.ACCOUNTANT, here).context["tasks"]

    assert {"去抄表", "去核实"} <= {task.do for task in tasks}
    for task in tasks:
        assert client.get(task.href).status_code == 200


def test_a_booking_that_waits_is_one_click_from_being_approved(client, here):
    at = timezone.localtime().replace(hour=10, minute=0, second=0, microsecond=0) + dt.timedelta(days=3)
    asked, other = (
        BookingFactory(
            space__facility__community=here,
            state="requested",
            starts_at=at,
            ends_at=at + dt.timedelta(hours=1),
        )
        for _number in range(2)
    )

    tasks = waits(client, Role.CLERK, here)
    page = client.get(tasks[f"预约待审批：{asked.space}"].href).content.decode()

    assert "同意" in page
    assert reverse("admin:rooms_step", args=[asked.pk]) in page
    assert reverse("admin:rooms_step", args=[other.pk]) not in page


def test_todays_bookings_lie_on_a_line_of_their_room(client, here):
    ten = timezone.localtime().replace(hour=10, minute=0, second=0, microsecond=0)
    BookingFactory(space__facility__community=here, starts_at=ten, ends_at=ten + dt.timedelta(hours=3))
    BookingFactory(starts_at=ten, ends_at=ten + dt.timedelta(hours=1))

    rooms = opened(client, Role.CLERK, here).context["rooms"]

    assert rooms.count == 1
    [(_name, href, [bar])] = rooms.rows
    assert (bar.start, bar.length) == (20, 20)
    assert client.get(href).status_code == 200


@pytest.fixture
def busy():
    """Seven communities where everything there is waits for somebody."""
    communities = [CommunityFactory() for _number in range(7)]
    for number in range(30):
        agreement = AgreementFactory(facility__community=communities[number % 7], ends_on=in_days(20))
        LicenceFactory(provider=agreement.provider, valid_until=in_days(number - 5))
        BookingFactory(space__facility=agreement.facility, state="requested")
        NeedFactory(community=communities[number % 7])
    month = str(Month.of(timezone.localdate()).previous())
    for here in communities:
        ProjectFactory(community=here, state="submitted")
        ProjectFactory(community=here, state="draft", returned_for="请补资料")
        ObjectionFactory(close=MonthCloseFactory(community=here, month=month, notice=True))
        MeterFactory(facility=FacilityFactory(community=here))
        RevenueFactory(agreement__facility__community=here, month=month, status="submitted")
    return communities


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_the_opening_page_costs_at_most_15_queries(client, role, busy, django_assert_max_num_queries):
    client.force_login(staff(role, *busy))

    with django_assert_max_num_queries(15):
        page = client.get(reverse("admin:index"))

    assert page.status_code == 200


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_the_opening_page_costs_no_more_for_who_holds_every_role(
    client, role, busy, django_assert_max_num_queries
):
    client.force_login(UserFactory(roles=[(one, here) for one in STAFF_ROLES for here in busy]))
    client.post(reverse("role"), {"role": role})

    with django_assert_max_num_queries(15):
        page = client.get(reverse("admin:index"))

    assert page.context["elsewhere"]
