"""Who counts themselves at the door is counted once an hour, not more often than can be true, and not known."""

import datetime as dt

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from facilities import visits
from facilities.views import check_in
from tests.factories import SpaceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def space():
    return SpaceFactory(capacity=30)


def scan(space, client=None, address="203.0.113.7"):
    """Somebody scans the code and presses the button; a new browser unless one is given."""
    door = reverse("room_here", args=[space.pk, check_in.address_of(space)])
    return (client or Client()).post(door, REMOTE_ADDR=address, follow=True).content.decode()


def counted(space):
    return sum(space.visits.values_list("count", flat=True))


def test_refreshing_or_pressing_twice_counts_once(space, client):
    first, second = (scan(space, client) for _time in "12")

    assert "已打卡，谢谢" in first
    assert "这一小时已经打过卡" in second
    assert counted(space) == 1


def test_full_hour_that_strikes_does_not_make_a_second_visit_of_a_stay_of_minutes(space, client):
    scan(space, client)
    session = client.session
    session[f"here-{space.pk}"] = int((timezone.now() - dt.timedelta(minutes=50)).timestamp())
    session.save()

    scan(space, client)
    kept = counted(space)
    session[f"here-{space.pk}"] = int((timezone.now() - dt.timedelta(minutes=61)).timestamp())
    session.save()
    scan(space, client)

    assert (kept, counted(space)) == (1, 2)


def test_class_behind_one_address_is_counted_whole_but_a_script_is_stopped_at_the_seats(space):
    said = [scan(space) for _person in range(35)]

    assert counted(space) == 30
    assert "这次没有记" in said[-1]


def test_many_addresses_count_no_more_than_a_room_can_turn_over(space):
    for number in range(130):
        visits.count(space, address=f"198.51.100.{number}")

    assert counted(space) == 120


def test_limit_of_one_room_or_address_stops_no_other(space):
    other = SpaceFactory(capacity=30)
    for _time in range(31):
        visits.count(space, address="203.0.113.7")

    assert visits.count(other, address="203.0.113.7")
    assert visits.count(space, address="203.0.113.8")


def test_address_is_kept_nowhere_as_it_is(space):
    scan(space, address="203.0.113.77")

    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(v)::text FROM facilities_visitcount v")
        [(row,)] = cursor.fetchall()
    keys = [key.decode() for key in cache._cache.get_client().keys("*visits*")]
    assert "203.0" not in row
    assert keys
    assert not [key for key in keys if "203.0" in key]


def test_browser_without_cookies_is_told_and_not_counted(space):
    door = reverse("room_here", args=[space.pk, check_in.address_of(space)])

    answer = Client(enforce_csrf_checks=True).post(door)

    assert answer.status_code == 403
    assert "Cookie" in answer.content.decode()
    assert counted(space) == 0
