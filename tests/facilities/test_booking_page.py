"""What whoever books is told: beside the field, after booking, in their own list."""

import pytest
from django.urls import reverse

from facilities.models import Booking
from tests.facilities.test_room_pages import form
from tests.factories import SpaceFactory, UserFactory, open_daily

pytestmark = pytest.mark.django_db


@pytest.fixture
def space():
    found = SpaceFactory(name="书画室")
    open_daily(found.facility)
    return found


def test_more_people_than_the_room_holds_are_said_beside_the_field(client, space):
    client.force_login(UserFactory())
    address, data = form(space, people=space.capacity + 1)

    answer = client.post(address, data)

    assert answer.status_code == 422
    assert "最多容纳 20 人" in "".join(answer.context["form"].errors["people"])
    assert not Booking.objects.exists()


def test_what_waits_for_approval_is_not_called_booked_and_what_is_over_is_told_apart(client):
    space = SpaceFactory(rule__needs_approval=True)
    open_daily(space.facility)
    client.force_login(UserFactory())
    address, data = form(space)

    page = client.post(address, data, follow=True)
    series = client.post(address, form(space, hour=14, times=2)[1])

    assert "等社区审批，结果会告诉您" in page.content.decode()
    assert "提交了 2 次，等社区审批" in series.content.decode()
    assert "约好" not in page.content.decode() + series.content.decode()
    first = Booking.objects.order_by("pk")[0]
    client.post(reverse("my_booking_step", args=[first.pk]), {"do": "cancel"})
    mine = client.get(reverse("my_bookings")).context
    assert [one.pk for one in mine["past"]] == [first.pk]
    assert first.pk not in [one.pk for one in mine["coming"]]
