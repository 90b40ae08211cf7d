"""Other systems book under the same rights, checks and refusals as people on the pages."""

import pytest
from django.test import Client
from django.urls import reverse

from facilities import bookings
from facilities.bookings import Wish
from facilities.models import Booking, BookingState
from portal.access import Role
from tests.billing.test_races import at_once
from tests.factories import (
    BookingFactory,
    CommunityFactory,
    ProviderFactory,
    ProviderMemberFactory,
    SpaceFactory,
    UserFactory,
    open_daily,
    staff,
)
from tests.factories.rooms import tomorrow


@pytest.fixture
def space(db):
    found = SpaceFactory(name="书画室")
    open_daily(found.facility)
    return found


def asked(space, hour=10, **fields):
    return {
        "space": space.pk,
        "start": tomorrow(hour).isoformat(),
        "end": tomorrow(hour + 1).isoformat(),
        **fields,
    }


def post(client, data, key=""):
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(reverse("api:booking-list"), data, content_type="application/json", headers=headers)


def test_booking_is_made_listed_and_cancelled(client, space):
    client.force_login(UserFactory())

    made = post(client, asked(space, purpose="合唱")).json()
    listed = client.get(reverse("api:booking-list"), {"mine": "true"}).json()["results"]
    cancelled = client.post(reverse("api:booking-cancel", args=[made["id"]])).json()

    assert [row["id"] for row in listed] == [made["id"]]
    assert (made["state"], made["purpose"], cancelled["state"]) == ("confirmed", "合唱", "cancelled")


def test_member_books_in_the_name_of_their_business_and_of_no_other(client, space):
    member = ProviderMemberFactory()
    client.force_login(member.user)

    made = post(client, asked(space, provider=member.provider.ref))
    refused = post(client, asked(space, 14, provider=ProviderFactory().ref))

    assert (made.status_code, refused.status_code) == (201, 404)
    assert Booking.objects.get().provider == member.provider


def test_taken_time_answers_409_with_times_that_can_be_booked(client, space):
    bookings.book(Wish(space, tomorrow(10), tomorrow(11)), by=UserFactory())
    client.force_login(UserFactory())

    refused = post(client, asked(space))
    free = refused.json()["free"][0]
    again = post(client, {key: free[key] for key in ("space", "start", "end")})

    assert (refused.status_code, refused.json()["reason"], again.status_code) == (409, "taken", 201)


def test_same_key_books_once_and_another_wish_under_it_is_refused(client, space):
    client.force_login(UserFactory())

    first, second = (post(client, asked(space), "abc") for _number in range(2))

    assert first.json()["id"] == second.json()["id"]
    assert post(client, asked(space, 14), "abc").status_code == 409
    assert Booking.objects.count() == 1


def test_hold_is_accepted_and_a_taken_time_waited_for(client, space):
    client.force_login(UserFactory())
    held = post(client, asked(space, hold=True)).json()
    accepted = client.post(reverse("api:booking-accept", args=[held["id"]])).json()
    client.force_login(UserFactory())

    waiting = post(client, asked(space, wait=True)).json()

    assert (held["state"], accepted["state"], waiting["state"]) == ("held", "confirmed", "waiting")


@pytest.mark.parametrize(
    "field", [{"start": "junk"}, {"end": "2020-01-01T00:00:00Z"}, {"people": 0}, {"space": "x"}]
)
def test_bad_input_answers_400(client, space, field):
    client.force_login(UserFactory())

    assert post(client, asked(space) | field).status_code == 400
    assert post(client, asked(space), "k" * 65).status_code == 400


def test_room_not_open_to_residents_and_bookings_of_others_do_not_exist(client, space):
    closed, booking = SpaceFactory(is_public=False), BookingFactory(space=space)
    client.force_login(UserFactory())

    assert post(client, asked(closed)).status_code == 404
    assert client.get(reverse("api:booking-detail", args=[booking.pk])).status_code == 404
    assert client.post(reverse("api:booking-cancel", args=[booking.pk])).status_code == 404
    client.force_login(staff(Role.CLERK, CommunityFactory()))
    assert client.get(reverse("api:booking-list")).json()["count"] == 0
    assert client.get(reverse("api:space-detail", args=[closed.pk])).status_code == 404


def test_staff_list_names_nobody(client, space):
    BookingFactory(space=space, purpose="家庭聚会", booked_for="某阿姨", booked_by__display_name="示例某人")
    client.force_login(staff(Role.OFFICIAL, space.community))

    text = client.get(reverse("api:booking-list")).content.decode()

    assert "书画室" in text
    assert not any(word in text for word in ("家庭聚会", "某阿姨", "示例某人"))


def test_list_costs_a_fixed_number_of_queries_for_30_rows(client, space, django_assert_num_queries):
    for number in range(30):
        BookingFactory(space=space, starts_at=tomorrow(10, number + 1))
    client.force_login(staff(Role.OFFICIAL, space.community))

    with django_assert_num_queries(5):  # user, roles, memberships, count, rows
        assert client.get(reverse("api:booking-list")).json()["count"] == 30


def test_schema_tells_how_to_book(client):
    schema = client.get(reverse("api:schema"), headers={"Accept": "application/json"}).json()

    create = schema["paths"]["/api/v1/bookings/"]["post"]
    assert "Idempotency-Key" in {one["name"] for one in create["parameters"]}
    assert {"201", "409"} <= set(create["responses"])


@pytest.mark.parametrize("key", ["x" * 65, "a\u200bb".encode().decode("latin-1")])
def test_key_that_cannot_be_kept_is_told_in_chinese(client, space, key):
    client.force_login(UserFactory())

    answer = post(client, asked(space), key=key)

    assert answer.status_code == 400
    assert answer.json() == {"Idempotency-Key": ["最多 64 个看得见的字符。"]}


def test_purpose_holds_no_number_of_a_person(client, space):
    client.force_login(UserFactory())

    answer = post(client, asked(space, purpose="找 139-0000-1234"))

    assert answer.status_code == 400
    assert "请不要写身份证号" in str(answer.json()["purpose"])


@pytest.mark.django_db(transaction=True)
def test_two_clients_at_once_get_201_and_409_by_api_and_by_page():
    space = SpaceFactory()
    open_daily(space.facility)
    people = [UserFactory(), UserFactory()]

    def by_api(person):
        client = Client()
        client.force_login(person)
        return post(client, asked(space))

    def by_page(person, htmx):
        client = Client(headers={"HX-Request": "true"} if htmx else {})
        client.force_login(person)
        start = tomorrow(14)
        address = f"{reverse('room', args=[space.pk])}?day={start:%Y-%m-%d}&minutes=60"
        data = {"start": f"{start:%Y-%m-%dT%H:%M}", "people": 2, "times": 1, "on_conflict": "suggest"}
        return client.post(address, data)

    api = at_once(lambda: by_api(people[0]), lambda: by_api(people[1]))
    page = at_once(lambda: by_page(people[0], False), lambda: by_page(people[1], True))

    assert sorted(one.status_code for one in api) == [201, 409]
    assert sorted(one.status_code for one in page) == [302, 409]
    lost = next(one for one in page if one.status_code == 409)
    assert "可以改约" in lost.content.decode()
    assert Booking.objects.filter(state=BookingState.CONFIRMED).count() == 2


@pytest.mark.parametrize("year", ["0001", "1970", "2100", "9999"])
@pytest.mark.parametrize("wait", [False, True])
def test_time_long_gone_or_far_ahead_is_refused_to_staff_too(client, space, year, wait):
    client.force_login(staff(Role.CLERK, space.community))
    times = {"start": f"{year}-12-31T10:00:00+08:00", "end": f"{year}-12-31T11:00:00+08:00"}

    answer = post(client, asked(space, wait=wait) | times)

    assert (answer.status_code, answer.json()["reason"]) == (409, "rule")
    assert not Booking.objects.exists()


@pytest.mark.parametrize("odd", [{"second": 59}, {"microsecond": 500_000}])
def test_start_between_two_minutes_is_off_the_grid(client, space, odd):
    client.force_login(staff(Role.CLERK, space.community))
    start, end = (tomorrow(hour).replace(**odd).isoformat() for hour in (10, 11))

    answer = post(client, asked(space) | {"start": start, "end": end})

    assert answer.status_code == 409
    assert "分钟" in answer.json()["detail"]


def test_room_that_is_not_there_is_said_in_chinese(client, space):
    client.force_login(UserFactory())

    assert post(client, asked(space) | {"space": 10**30}).json() == {"detail": "未找到。"}
