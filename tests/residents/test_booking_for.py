import pytest
from django.urls import reverse

from facilities import bookings
from facilities.bookings import BookingRefused, Wish
from facilities.models import Booking
from portal.access import Role
from residents import consents, privacy
from residents.models import Purpose, TieKind
from tests.factories import FamilyTieFactory, ResidentFactory, SpaceFactory, open_daily, staff
from tests.factories.residents import PHONE
from tests.factories.rooms import tomorrow


@pytest.fixture
def room(db):
    space = SpaceFactory()
    open_daily(space.facility)
    return space


def wish(room, **more):
    return Wish(room, tomorrow(10), tomorrow(11), **more)


def form(**more):
    return {"start": f"{tomorrow(10):%Y-%m-%dT%H:%M}", "people": 1, "times": 1, "on_conflict": "skip", **more}


def address(room):
    return f"{reverse('room', args=[room.pk])}?day={tomorrow(10):%Y-%m-%d}&minutes=60"


def test_resident_books_for_a_family_member_they_act_for(client, room):
    tie = FamilyTieFactory()
    client.force_login(tie.actor.account)

    page = client.get(address(room))
    client.post(address(room), form(whom=tie.member.pk))

    assert tie.member.called in page.content.decode()
    assert Booking.objects.get().resident == tie.member


def test_nobody_books_for_a_resident_they_do_not_act_for(client, room):
    stranger, actor = ResidentFactory(), FamilyTieFactory().actor
    client.force_login(actor.account)

    answer = client.post(address(room), form(whom=stranger.pk))

    assert answer.status_code == 422
    with pytest.raises(BookingRefused):
        bookings.book(wish(room, resident_id=stranger.pk), by=actor.account)
    assert not Booking.objects.exists()


def test_withdrawn_consent_stops_ones_own_bookings_until_given_again(room):
    resident = ResidentFactory()
    consents.withdraw(resident, Purpose.SERVICE)

    with pytest.raises(BookingRefused):
        bookings.book(wish(room), by=resident.account)
    consents.give(resident, Purpose.SERVICE, by=resident.account)

    assert bookings.book(wish(room), by=resident.account).state == "confirmed"


def test_guardians_consent_withdrawn_stops_bookings_for_the_child(room):
    tie = FamilyTieFactory(kind=TieKind.GUARDIAN, member__child=True)
    consents.withdraw(tie.member, Purpose.CHILD)

    with pytest.raises(BookingRefused):
        bookings.book(wish(room, resident_id=tie.member.pk), by=tie.actor.account)


def test_withdrawn_consent_stops_the_offer_of_a_waited_for_time(room):
    tie = FamilyTieFactory()
    taken = bookings.book(wish(room), by=ResidentFactory().account)
    waiting = bookings.wait(wish(room, resident_id=tie.member.pk), by=tie.actor.account)
    consents.withdraw(tie.member, Purpose.SERVICE)

    bookings.cancel(taken, by=taken.booked_by)

    waiting.refresh_from_db()
    assert waiting.state == "waiting"


def test_clerk_books_for_the_resident_found_by_the_full_number(client, room):
    resident = ResidentFactory(community=room.community, number=PHONE)
    client.force_login(staff(Role.CLERK, room.community))

    client.post(address(room), form(phone="138 0000 0000"))
    client.force_login(resident.account)

    assert Booking.objects.get().resident == resident
    assert room.name in client.get(reverse("my_bookings")).content.decode()


def test_resident_cancels_what_the_counter_booked_for_them(client, room):
    resident = ResidentFactory(community=room.community)
    booking = bookings.book(wish(room, resident_id=resident.pk), by=staff(Role.CLERK, room.community))
    client.force_login(resident.account)

    client.post(reverse("my_booking_step", args=[booking.pk]), {"do": "cancel"})

    booking.refresh_from_db()
    assert booking.state == "cancelled"


@pytest.mark.parametrize("text", ["13800000001", "1380000", "居民"])
def test_number_that_nobody_here_has_finds_nobody(client, room, text):
    ResidentFactory(community=room.community, number=PHONE)
    client.force_login(staff(Role.CLERK, room.community))

    answer = client.post(address(room), form(phone=text))

    assert answer.status_code == 422
    assert not Booking.objects.exists()


def test_resident_of_another_community_is_not_found_by_number(client, room):
    ResidentFactory(number=PHONE)
    client.force_login(staff(Role.CLERK, room.community))

    assert client.post(address(room), form(phone=PHONE)).status_code == 422


def test_clerk_chooses_among_those_who_share_a_number_and_reads_no_number(client, room):
    both = ResidentFactory.create_batch(2, community=room.community, number=PHONE)
    client.force_login(staff(Role.CLERK, room.community))

    asked = client.post(address(room), form(phone=PHONE))
    client.post(address(room), form(phone=PHONE, whom=both[1].pk))

    assert both[0].called in asked.content.decode()
    assert Booking.objects.get().resident == both[1]


def test_erased_resident_gives_back_what_was_to_come_and_keeps_the_figure(room):
    resident = ResidentFactory()
    booking = bookings.book(wish(room, purpose="示例生日会"), by=resident.account)

    privacy.erase(resident)

    booking.refresh_from_db()
    assert (booking.state, booking.booked_by, booking.purpose) == ("cancelled", None, "")
    assert not booking.occupancies.exists()
    assert booking.starts_at == tomorrow(10)
