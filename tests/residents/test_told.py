import pytest
from django.urls import reverse

from facilities import bookings
from facilities.bookings import Wish
from portal.access import Role
from portal.models import Message
from portal.notifications import readable
from residents import needs
from tests.factories import CommunityFactory, NeedFactory, ResidentFactory, SpaceFactory, open_daily, staff
from tests.factories.rooms import tomorrow

pytestmark = pytest.mark.django_db


def kinds_told(user) -> list[str]:
    return list(Message.objects.filter(to=user).order_by("pk").values_list("kind", flat=True))


def test_who_said_a_need_hears_that_it_is_in_hand_and_that_it_is_answered():
    need = NeedFactory()
    clerk = staff(Role.CLERK, need.community)

    needs.take_up(need, by=clerk)
    needs.answer(need, "下月开示例班", by=clerk)

    user = need.resident.account
    told = list(Message.objects.filter(to=user).order_by("pk"))
    assert [one.kind for one in told] == ["need.in_hand", "need.answered"]
    assert {one.url for one in told} == {reverse("needs")}
    assert readable(told, user) == {one.pk for one in told}
    assert "示例班" not in "".join(one.title + one.text for one in told)


def test_a_need_of_somebody_unnamed_tells_nobody():
    need = NeedFactory(resident=None, community=CommunityFactory())

    needs.take_up(need, by=staff(Role.CLERK, need.community))

    assert not Message.objects.exists()


def test_a_resident_hears_of_what_the_counter_booked_and_cancelled_for_them():
    room = SpaceFactory()
    open_daily(room.facility)
    resident = ResidentFactory(community=room.community)
    clerk = staff(Role.CLERK, room.community)

    booking = bookings.book(Wish(room, tomorrow(10), tomorrow(11), resident_id=resident.pk), by=clerk)
    bookings.cancel(booking, by=clerk)

    assert kinds_told(resident.account) == ["booking.confirmed", "booking.cancelled"]
    assert kinds_told(clerk) == []
