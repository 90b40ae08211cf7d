"""The pages on which rooms are found, booked and looked after."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from facilities import bookings, feeds, utilisation
from facilities.bookings import BookingRefused, Wish, WrongState
from facilities.hours import local
from facilities.models import Booking, BookingState, Occupancy, OpeningHours, Space
from portal.access import Role
from portal.audit import AuditEntry
from tests.factories import (
    BookingFactory,
    CommunityFactory,
    FacilityFactory,
    ProviderFactory,
    ProviderMemberFactory,
    SpaceFactory,
    SpaceLinkFactory,
    UserFactory,
    open_daily,
    staff,
)
from tests.factories.rooms import tomorrow

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def space():
    found = SpaceFactory(name="书画室", uses="绘画、书法")
    open_daily(found.facility)
    return found


def form(space, hour=10, **fields):
    start = tomorrow(hour)
    address = f"{reverse('room', args=[space.pk])}?day={start:%Y-%m-%d}&minutes=60"
    data = {"start": f"{start:%Y-%m-%dT%H:%M}", "people": 2, "times": 1, "on_conflict": "suggest"}
    return address, data | fields


def test_resident_finds_a_room_books_it_and_cancels(client, space):
    person = UserFactory()
    client.force_login(person)

    assert "书画室" in client.get(reverse("rooms"), {"q": "绘画"}).content.decode()
    address, data = form(space)
    assert "10:00–11:00 空闲" in client.get(address).content.decode()
    assert client.post(address, data).status_code == 302
    booking = Booking.objects.get()
    assert "书画室" in client.get(reverse("my_bookings")).content.decode()
    client.post(reverse("my_booking_step", args=[booking.pk]), {"do": "cancel"})

    booking.refresh_from_db()
    assert (booking.state, booking.booked_by) == (BookingState.CANCELLED, person)
    assert not Occupancy.objects.exists()


def test_taken_time_answers_409_with_what_is_free(client, space):
    bookings.book(Wish(space, tomorrow(10), tomorrow(11)), by=UserFactory())
    client.force_login(UserFactory())
    address, data = form(space)

    response = client.post(address, data)

    assert response.status_code == 409
    assert "可以改约" in response.content.decode()


def test_taken_time_can_be_waited_for(client, space):
    bookings.book(Wish(space, tomorrow(10), tomorrow(11)), by=UserFactory())
    client.force_login(UserFactory())
    address, data = form(space, wait="1")

    assert client.post(address, data).status_code == 302
    assert Booking.objects.filter(state=BookingState.WAITING).count() == 1


def test_series_page_names_what_was_skipped(client, space):
    bookings.book(Wish(space, tomorrow(10), tomorrow(11)), by=UserFactory())
    client.force_login(UserFactory())
    address, data = form(space, times=3)

    text = client.post(address, data).content.decode()

    assert "约好 2 次" in text
    assert "没约上 1 次" in text


def test_another_persons_booking_is_not_found(client, space):
    booking = BookingFactory(space=space)
    client.force_login(UserFactory())

    assert client.post(reverse("my_booking_step", args=[booking.pk]), {"do": "cancel"}).status_code == 404


def test_approver_approves_on_the_calendar(client, space):
    space.rule.needs_approval = True
    space.rule.save()
    booking = bookings.book(Wish(space, tomorrow(10), tomorrow(11)), by=UserFactory())
    client.force_login(staff(Role.APPROVER, space.community))

    text = client.get(reverse("admin:rooms_calendar"), {"day": f"{tomorrow(10):%Y-%m-%d}"}).content.decode()
    client.post(reverse("admin:rooms_step", args=[booking.pk]), {"do": "approve"})

    booking.refresh_from_db()
    assert "同意" in text
    assert booking.state == BookingState.CONFIRMED


def test_clerk_sees_no_room_of_elsewhere(client, space):
    client.force_login(staff(Role.CLERK, CommunityFactory()))

    assert "书画室" not in client.get(reverse("admin:rooms_calendar")).content.decode()
    assert "书画室" not in client.get(reverse("rooms")).content.decode()
    assert client.get(reverse("api:space-list")).json()["count"] == 0


def test_week_of_332_rooms_costs_few_queries_and_less_than_a_megabyte(client, django_assert_max_num_queries):
    facility = FacilityFactory()
    open_daily(facility)
    rooms = Space.objects.bulk_create(
        Space(facility=facility, community=facility.community, name=f"{n}室") for n in range(332)
    )
    for room in rooms[:30]:
        BookingFactory(space=room)
    client.force_login(staff(Role.CLERK, facility.community))

    with django_assert_max_num_queries(15):
        response = client.get(reverse("admin:rooms_calendar"), {"day": f"{tomorrow(10):%Y-%m-%d}"})

    assert len(response.content) < 1_000_000


def test_api_gives_the_free_times_of_a_day(client, space):
    bookings.book(Wish(space, tomorrow(10), tomorrow(11)), by=UserFactory())
    client.force_login(UserFactory())

    slots = client.get(
        reverse("api:space-free", args=[space.pk]), {"day": f"{tomorrow(10):%Y-%m-%d}", "minutes": "60"}
    ).json()

    starts = {dt.datetime.fromisoformat(slot["start"]) for slot in slots}
    assert tomorrow(9) in starts
    assert tomorrow(10) not in starts


def test_evening_room_shows_its_true_share():
    space = SpaceFactory()
    for weekday in range(8):
        OpeningHours.objects.create(
            facility=space.facility, weekday=weekday, opens_at=dt.time(9), closes_at=dt.time(21)
        )
    day = timezone.localdate() - dt.timedelta(days=3)
    evening = BookingFactory(space=space, starts_at=local(day, dt.time(19)), state=BookingState.NO_SHOW)
    evening.ends_at = local(day, dt.time(21))
    evening.save()

    [row] = utilisation.use_of([space], day, day)

    assert (row.use.open, row.use.booked, row.use.attended) == (720, 120, 0)
    assert row.use.is_low()


def test_booked_hall_uses_both_halves():
    link = SpaceLinkFactory()
    open_daily(link.whole.facility)
    day = timezone.localdate() - dt.timedelta(days=3)
    BookingFactory(space=link.whole, starts_at=local(day, dt.time(10)), state=BookingState.ATTENDED)

    rows = utilisation.use_of(list(Space.objects.all()), day, day)

    assert [(row.space, row.use.attended) for row in rows] == [(link.part, 60)]


def test_use_page_names_rooms_little_used(client, space):
    client.force_login(staff(Role.OFFICIAL, space.community))

    assert "书画室" in client.get(reverse("admin:rooms_use")).content.decode()


def composed(client, space, *parts):
    client.force_login(staff(Role.CLERK, space.community))
    data = {"name": space.name, "floor": 1, "capacity": 20}
    data |= {f"{name}-TOTAL_FORMS": 0 for name in ("rule", "photos")}
    data |= {f"{name}-INITIAL_FORMS": 0 for name in ("rule", "photos", "links")}
    data |= {"links-TOTAL_FORMS": len(parts)}
    for number, part in enumerate(parts):
        data |= {f"links-{number}-part": part.pk, f"links-{number}-kind": "contains"}
        data |= {f"links-{number}-whole": space.pk}
    return client.post(reverse("admin:facilities_space_change", args=[space.pk]), data, follow=True)


def test_bookings_move_along_when_a_hall_is_divided(client, space):
    booking = BookingFactory(space=space)
    halves = [SpaceFactory(facility=space.facility) for _number in range(2)]

    composed(client, space, *halves)

    assert {row.space for row in booking.occupancies.all()} == set(halves)
    with pytest.raises(bookings.Taken):
        bookings.book(Wish(halves[0], tomorrow(10), tomorrow(11)), by=UserFactory())


def test_composition_in_which_two_bookings_would_meet_is_refused_by_name(client, space):
    part = SpaceFactory(facility=space.facility, name="北半间")
    for one in (space, part):
        BookingFactory(space=one)

    page = composed(client, space, part).content.decode()

    assert f"{tomorrow(10):%m-%d} 10:00" in page
    assert "北半间" in page
    assert "请先改期或取消" in page
    assert not space.links.exists()


def test_closure_names_the_bookings_it_leaves_outside(client, space):
    BookingFactory(space=space)
    client.force_login(staff(Role.CLERK, space.community))
    data = {"facility": space.facility_id, "space": space.pk, "reason": "检修"}
    for name, at in (("starts_at", tomorrow(9)), ("ends_at", tomorrow(12))):
        data |= {f"{name}_0": f"{at:%Y-%m-%d}", f"{name}_1": f"{at:%H:%M}"}

    page = client.post(reverse("admin:facilities_closure_add"), data, follow=True).content.decode()

    assert f"1 个预约不在开放时间里了：书画室 {tomorrow(10):%m-%d} 10:00" in page
    assert "书画室" in client.get(reverse("admin:rooms_touched")).content.decode()


def test_clerk_corrects_a_no_show_of_this_week_and_it_is_audited(client, space):
    missed = BookingFactory(
        space=space, starts_at=tomorrow(10, -1), ends_at=tomorrow(11, -1), state=BookingState.NO_SHOW
    )
    client.force_login(staff(Role.CLERK, space.community))
    page = client.get(reverse("admin:rooms_booking", args=[missed.pk])).content.decode()

    client.post(reverse("admin:rooms_step", args=[missed.pk]), {"do": "came"})

    missed.refresh_from_db()
    assert "更正为已到" in page
    assert missed.state == BookingState.ATTENDED
    assert AuditEntry.objects.filter(action="booking.attended").count() == 1


def test_no_show_is_not_corrected_after_a_week_nor_by_whoever_booked(space):
    old = BookingFactory(
        space=space, starts_at=tomorrow(10, -9), ends_at=tomorrow(11, -9), state=BookingState.NO_SHOW
    )
    mine = BookingFactory(
        space=space, starts_at=tomorrow(10, -1), ends_at=tomorrow(11, -1), state=BookingState.NO_SHOW
    )

    with pytest.raises(WrongState):
        bookings.came_after_all(old, by=staff(Role.CLERK, space.community))
    with pytest.raises(BookingRefused):
        bookings.came_after_all(mine, by=mine.booked_by)


def test_person_at_the_limit_reads_why(client, space):
    person = UserFactory()
    space.rule.per_person = 1
    space.rule.save()
    BookingFactory(space=space, booked_by=person)
    client.force_login(person)

    page = client.get(f"{reverse('room', args=[space.pk])}?day={tomorrow(10):%Y-%m-%d}").content.decode()

    assert "您的预约已经到上限" in page
    assert "这一天没有可约的时间" not in page


def test_member_books_for_their_business_and_a_colleague_sees_and_cancels_it(client, space):
    member, colleague = ProviderMemberFactory(), UserFactory()
    ProviderMemberFactory(user=colleague, provider=member.provider)
    client.force_login(member.user)
    address, data = form(space, business=member.provider.pk)
    offered = client.get(address).content.decode()

    client.post(address, data)

    made = Booking.objects.get()
    assert f"以 {member.provider} 名义" in offered
    assert made.provider == member.provider
    client.force_login(colleague)
    assert f"以{member.provider}名义" in client.get(reverse("my_bookings")).content.decode()
    client.post(reverse("my_booking_step", args=[made.pk]), {"do": "cancel"})
    made.refresh_from_db()
    assert made.state == BookingState.CANCELLED


def test_nobody_books_in_the_name_of_a_business_they_do_not_belong_to(client, space):
    client.force_login(ProviderMemberFactory().user)
    stranger = ProviderFactory()
    address, data = form(space, business=stranger.pk)

    answer = client.post(address, data)

    assert answer.status_code == 422
    with pytest.raises(BookingRefused):
        bookings.book(Wish(space, tomorrow(10), tomorrow(11), provider_id=stranger.pk), by=UserFactory())
    assert not Booking.objects.exists()


def test_new_address_of_the_feed_closes_the_old_one(client, space):
    old = reverse("room_feed", args=[space.pk, feeds.address_of(space)])
    client.force_login(staff(Role.CLERK, space.community))

    client.post(reverse("admin:rooms_feed_renew", args=[space.pk]), {"do": "renew"})
    space.refresh_from_db()
    new = reverse("room_feed", args=[space.pk, feeds.address_of(space)])

    assert (client.get(old).status_code, client.get(new).status_code) == (404, 200)
    client.post(reverse("admin:rooms_feed_renew", args=[space.pk]), {"do": "close"})
    assert client.get(new).status_code == 404


def test_forgotten_booking_counts_in_use_as_before(space):
    day = timezone.localdate() - dt.timedelta(days=800)
    BookingFactory(space=space, starts_at=local(day, dt.time(10)), state=BookingState.ATTENDED)
    [before] = utilisation.use_of([space], day, day)

    assert bookings.prune() == 1

    [after] = utilisation.use_of([space], day, day)
    assert after.use == before.use
    assert after.use.attended == 60


def test_feed_says_when_and_never_who(client, space):
    BookingFactory(space=space, purpose="合唱排练", booked_by__display_name="示例某人")

    text = client.get(reverse("room_feed", args=[space.pk, feeds.address_of(space)])).content.decode()

    assert f"DTSTART:{tomorrow(10).astimezone(dt.UTC):%Y%m%dT%H%M%SZ}" in text
    assert "合唱" not in text
    assert "某人" not in text


@pytest.mark.parametrize("page", ["room_feed", "room_here"])
def test_address_signed_for_another_room_opens_nothing(client, space, page):
    other = SpaceFactory()

    assert client.get(reverse(page, args=[space.pk, feeds.address_of(other)])).status_code == 404
