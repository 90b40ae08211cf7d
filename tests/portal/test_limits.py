"""Limits per number and per address, and a password that closes after too many tries."""

import logging
import re
from random import SystemRandom

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from portal import signing_in
from tests.entrance import (
    ask,
    by_password,
    code_in,
    enter,
    is_in,
    new_phone,
    owner_of_phone,
    texts_to,
)
from tests.factories import UserFactory
from tests.factories.people import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _limits(settings):
    """The limits of production; every test asks from an address of its own."""
    settings.ACCOUNT_RATE_LIMITS = signing_in.ACCOUNT_RATE_LIMITS


def somewhere(**headers):
    number = SystemRandom().randrange(2**24)
    address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
    return Client(REMOTE_ADDR=address, **headers)


def fail(client, login, times):
    return [by_password(client, login, "wrong") for _time in range(times)][-1]


# Codes


def test_second_code_for_one_number_has_to_wait():
    phone = new_phone()
    owner_of_phone(phone)
    ask(somewhere(), phone)

    shown = ask(somewhere(), phone).content.decode()

    assert "要得太快了" in shown
    assert len(texts_to(phone)) == 1


def test_waiting_is_the_same_for_a_number_nobody_has():
    phone = new_phone()
    ask(somewhere(), phone)

    assert "要得太快了" in ask(somewhere(), phone).content.decode()


def test_one_address_may_ask_for_ten_codes_a_minute():
    client = somewhere()
    answers = []
    for _time in range(11):
        client.logout()
        answers.append(ask(client, new_phone()))

    assert [one.status_code for one in answers[:10]] == [302] * 10
    assert "要得太快了" in answers[10].content.decode() or answers[10].status_code == 429


def test_sign_ups_of_one_address_are_limited():
    answers = []
    client = somewhere()
    for _time in range(11):
        client.logout()
        data = {"contact": new_phone(), "display_name": "居民甲"}
        answers.append(client.post(reverse("account_signup"), data))

    assert answers[0].status_code == 302
    assert answers[10].status_code == 429
    assert "请慢一点" in answers[10].content.decode()


def test_second_code_of_a_sign_up_has_to_wait_too():
    phone = new_phone()
    data = {"contact": phone, "display_name": "居民甲"}
    somewhere().post(reverse("account_signup"), data)

    answer = somewhere().post(reverse("account_signup"), data)

    assert answer.status_code == 429
    assert "请慢一点" in answer.content.decode()


def test_resets_of_one_number_are_limited():
    phone = new_phone()
    owner_of_phone(phone)
    somewhere().post(reverse("account_reset_password"), {"contact": phone})

    answer = somewhere().post(reverse("account_reset_password"), {"contact": phone})

    assert answer.status_code == 429
    assert len(texts_to(phone)) == 1


def test_address_is_the_one_the_proxy_saw(settings):
    """Whatever a client writes into the header itself stands before it."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    answers = []
    for number in range(11):
        client = somewhere(HTTP_X_FORWARDED_FOR=f"203.0.113.{number}, 198.51.100.77")
        answers.append(ask(client, new_phone()))

    assert answers[0].status_code == 302
    assert answers[10].status_code != 302


def test_header_is_not_believed_without_a_proxy():
    client = somewhere()
    answers = []
    for number in range(11):
        client.logout()
        answers.append(ask(client, new_phone()) if number < 10 else _pretend(client))

    assert answers[10].status_code != 302


def _pretend(client):
    address = reverse("account_request_login_code")
    return client.post(address, {"contact": new_phone()}, headers={"X-Forwarded-For": "203.0.113.9"})


# A password that closes


def test_fifth_wrong_password_closes_it_for_a_while():
    user = UserFactory()

    answer = fail(somewhere(), user.username, 5)

    shown = answer.content.decode()
    assert answer.status_code == 429
    assert "密码登录暂时关闭" in shown
    assert reverse("account_request_login_code") in shown


def test_right_password_does_not_open_it_meanwhile():
    user = UserFactory()
    fail(somewhere(), user.username, 5)
    client = somewhere()

    answer = by_password(client, user.username, PASSWORD)

    assert answer.status_code == 429
    assert not is_in(client)


def test_tries_by_name_and_by_number_count_together():
    phone = new_phone()
    user = owner_of_phone(phone)
    fail(somewhere(), user.username, 3)

    assert fail(somewhere(), f"+86 {phone}", 2).status_code == 429


def test_code_still_opens_what_a_stranger_closed():
    phone = new_phone()
    owner_of_phone(phone)
    fail(somewhere(), phone, 5)
    client = somewhere()

    ask(client, phone)
    enter(client, code_in(texts_to(phone)))

    assert is_in(client)


def test_name_nobody_has_closes_just_the_same():
    assert fail(somewhere(), f"nobody{new_phone()}", 5).status_code == 429


def test_success_begins_the_count_anew():
    user = UserFactory()
    fail(somewhere(), user.username, 4)
    by_password(somewhere(), user.username, PASSWORD)

    assert fail(somewhere(), user.username, 4).status_code == 200


def test_passwords_of_others_stay_open():
    fail(somewhere(), UserFactory().username, 5)
    client, other = somewhere(), UserFactory()

    by_password(client, other.username, PASSWORD)

    assert is_in(client)


def test_proof_of_who_one_is_closes_as_well():
    client, user = somewhere(), UserFactory()
    client.force_login(user)

    answers = [client.post(reverse("account_reauthenticate"), {"password": "wrong"}) for _time in range(5)]

    assert answers[-1].status_code == 429


def test_neither_name_nor_number_nor_address_reaches_a_log(caplog):
    phone = new_phone()
    user = owner_of_phone(phone)
    client = somewhere()
    with caplog.at_level(logging.INFO):
        fail(client, user.username, 3)
        fail(client, phone, 3)
        ask(client, phone)
        enter(client, code_in(texts_to(phone)))

    said = caplog.text
    assert "closed" in said
    assert user.username not in said
    assert phone not in said
    assert client.defaults["REMOTE_ADDR"] not in said


def test_cache_keeps_no_number():
    phone = new_phone()
    owner_of_phone(phone)
    fail(somewhere(), phone, 2)
    ask(somewhere(), phone)

    keys = [key.decode() for key in cache._cache.get_client().scan_iter()]

    assert keys
    assert not any(re.search(phone, key) for key in keys)
