"""The provider's desk: what to report, what is owed and why, which rooms are booked."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from billing.models import Revenue
from portal.models import AuditEntry
from portal.months import Month
from tests.factories import (
    AgreementFactory,
    BookingFactory,
    ProviderFactory,
    RebateFactory,
    RevenueFactory,
    UserFactory,
)
from tests.factories.rooms import tomorrow
from tests.portal.test_pages import page, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def last_month():
    return str(Month.of(timezone.localdate()).previous())


@pytest.fixture
def agreement():
    return AgreementFactory()


@pytest.fixture
def member(client, agreement):
    user = UserFactory(provider=agreement.provider)
    client.force_login(user)
    return user


def report(client, agreement, month, amount="1234.50"):
    return client.post(reverse("desk:revenue", args=[month, agreement.ref]), {"amount": amount})


def test_member_reports_revenue_for_others_to_verify(client, member, agreement, last_month):
    assert report(client, agreement, last_month).status_code == 302

    row = Revenue.objects.get()
    assert (row.status, row.submitted_by, str(row.amount)) == ("submitted", member, "1234.50")
    assert AuditEntry.objects.get().by == member


def test_verified_revenue_stays_as_it_is(client, member, agreement, last_month):
    RevenueFactory(agreement=agreement, month=last_month, amount="10.00", verified=True)

    assert report(client, agreement, last_month).status_code == 409
    assert str(Revenue.objects.get().amount) == "10.00"


def test_revenue_of_a_month_long_gone_is_not_taken(client, member, agreement):
    assert report(client, agreement, "2020-01").status_code == 404


def test_negative_revenue_comes_back_with_the_form(client, member, agreement, last_month):
    assert report(client, agreement, last_month, "-1").status_code == 422


def test_member_sees_why_of_their_own_rows_alone(client, member, agreement):
    own = RebateFactory(agreement=agreement, close__notice=True, amount="4321.58")
    RebateFactory(agreement=AgreementFactory(facility=agreement.facility), close=own.close, amount="777.77")

    shown = text(client, "desk:statement", own.close.month, agreement.ref)

    assert "4,321.58" in shown
    assert "777.77" not in shown


def test_draft_is_no_statement(client, member, agreement):
    rebate = RebateFactory(agreement=agreement)

    assert page(client, "desk:statement", rebate.close.month, agreement.ref).status_code == 404


def test_desk_costs_the_same_for_30_agreements(client, member, agreement, django_assert_num_queries):
    for _number in range(29):
        AgreementFactory(
            provider=agreement.provider, facility=agreement.facility, starts_on=dt.date(2026, 1, 1)
        )
    RebateFactory(agreement=agreement, close__notice=True)
    for number in range(30):
        BookingFactory(provider=agreement.provider, starts_at=tomorrow(10, number))

    with django_assert_num_queries(11):
        page(client, "desk:home")


def test_desk_shows_what_is_booked_in_the_name_of_the_business_and_leads_to_it(client, member, agreement):
    theirs = {"provider": agreement.provider, "booked_by": None}
    later = BookingFactory(**theirs, starts_at=tomorrow(10, 2), state="requested", space__name="多功能厅")
    first = BookingFactory(**theirs, space__name="书画室")
    BookingFactory(**theirs, starts_at=tomorrow(10, -1))
    BookingFactory(**theirs, starts_at=tomorrow(12), state="cancelled")
    BookingFactory(provider=ProviderFactory())

    opened = page(client, "desk:home")
    mine = page(client, "my_bookings").content.decode()

    assert opened.context["bookings"] == [first, later]
    for booking in (first, later):
        assert f"{reverse('my_bookings')}#booking-{booking.pk}" in opened.content.decode()
        assert f'id="booking-{booking.pk}"' in mine
        assert reverse("my_booking_step", args=[booking.pk]) in mine


def test_desk_without_bookings_leads_to_booking(client, member):
    assert f'href="{reverse("rooms")}"' in page(client, "desk:home").content.decode()
