"""Acts on many rows at once: those of one's own regions alone, each recorded, each refusal said."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from facilities.models import Booking, Space
from portal.access import Role
from portal.models import AuditEntry
from tests.factories import BookingFactory, CommunityFactory, SpaceFactory, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return CommunityFactory()


def act(client, model, action, rows, **data):
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    chosen = {"action": action, "_selected_action": [row.pk for row in rows]}
    answer = client.post(address, chosen | data)
    return [str(one) for one in get_messages(answer.wsgi_request)]


def states(*bookings):
    return [Booking.objects.get(pk=one.pk).state for one in bookings]


def test_a_clerk_approves_many_bookings_at_once_and_reads_why_one_was_not(client, here):
    first, second = (BookingFactory(space__facility__community=here, state="requested") for _time in "12")
    decided = BookingFactory(space__facility__community=here, state="confirmed")
    elsewhere = BookingFactory(state="requested")
    client.force_login(staff(Role.CLERK, here))

    said = act(client, Booking, "approve", [first, second, decided, elsewhere])

    assert states(first, second, decided, elsewhere) == ["confirmed", "confirmed", "confirmed", "requested"]
    assert "已办理 2 条。" in said
    assert [text for text in said if "这个预约不在待审批状态" in text]
    assert len(said) == 2


def test_nobody_approves_in_bulk_what_they_booked_themselves(client, here):
    clerk = staff(Role.CLERK, here)
    own = BookingFactory(space__facility__community=here, state="requested", booked_by=clerk)
    client.force_login(clerk)

    [said] = act(client, Booking, "approve", [own])

    assert "不能审批自己提交的预约" in said
    assert states(own) == ["requested"]


def test_cancelling_in_bulk_wants_a_reason_and_keeps_it(client, here):
    booking = BookingFactory(space__facility__community=here, state="confirmed")
    client.force_login(staff(Role.CLERK, here))

    [asked] = act(client, Booking, "cancel", [booking])
    before = states(booking)
    act(client, Booking, "cancel", [booking], reason="closed")

    assert "原因" in asked
    assert (before, states(booking)) == (["confirmed"], ["cancelled"])
    assert AuditEntry.objects.filter(action="booking.cancelled").get().data["reason"] == "closed"


def test_an_official_who_only_looks_is_offered_no_act(client, here):
    booking = BookingFactory(space__facility__community=here, state="requested")
    client.force_login(staff(Role.OFFICIAL, here))

    act(client, Booking, "approve", [booking])

    assert states(booking) == ["requested"]


def test_rooms_are_opened_to_residents_and_closed_in_bulk_each_with_its_record(client, here):
    shut, shown = (SpaceFactory(facility__community=here, is_public=is_public) for is_public in (False, True))
    elsewhere = SpaceFactory(is_public=False)
    client.force_login(staff(Role.CLERK, here))

    said = act(client, Space, "open_to_all", [shut, shown, elsewhere])

    assert set(Space.objects.filter(is_public=True)) == {shut, shown}
    assert [text for text in said if "本来就对居民开放" in text]
    assert AuditEntry.objects.filter(action="space.changed").count() == 1
