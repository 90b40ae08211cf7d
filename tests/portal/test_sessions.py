"""Sessions are answered by the cache and kept by the database."""

import pytest
from django.conf import settings as portal
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from portal.access import Role
from tests.entrance import is_in
from tests.factories import CommunityFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    here = CommunityFactory()
    return UserFactory(roles=[(Role.CLERK, here), (Role.APPROVER, here)])


@pytest.fixture
def inside(client, user):
    client.force_login(user)
    client.post(reverse("role"), {"role": Role.CLERK})
    return client


def role_of(client):
    return client.get(reverse("admin:index")).wsgi_request.user.role_in_use


@pytest.fixture
def no_cache(settings):
    """Nobody listens where the cache should be."""
    settings.CACHES = {"default": {**portal.CACHES["default"], "LOCATION": "redis://127.0.0.1:1"}}


def test_a_page_asks_the_database_for_no_session(inside, django_assert_num_queries):
    with django_assert_num_queries(4):  # user, roles, messages with their number
        inside.get(reverse("inbox"))


def test_emptied_cache_signs_nobody_out_and_forgets_no_role_in_use(inside):
    cache.clear()

    assert role_of(inside) == Role.CLERK


def test_cache_that_is_away_signs_nobody_out(inside, no_cache):
    assert role_of(inside) == Role.CLERK


def test_cookie_of_a_signed_out_session_opens_nothing(inside):
    kept = Client()
    kept.cookies[portal.SESSION_COOKIE_NAME] = inside.cookies[portal.SESSION_COOKIE_NAME].value
    assert role_of(kept) == Role.CLERK

    inside.post(reverse("account_logout"))

    assert not is_in(kept)
