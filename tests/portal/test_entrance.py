"""Signing in by phone number, e-mail address or name, with a password or a code."""

import re
import time

import pytest
from django.test import Client
from django.urls import reverse

from portal import sms
from portal.access import Role
from portal.entrance import codes
from portal.personal import encrypt
from tests.entrance import (
    ask,
    by_password,
    code_in,
    enter,
    is_in,
    mails_to,
    new_email,
    new_phone,
    owner_of_email,
    owner_of_phone,
    texts_to,
    wrong,
)
from tests.factories import UserFactory, staff
from tests.factories.people import PASSWORD

pytestmark = pytest.mark.django_db


def later(monkeypatch, seconds):
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + seconds)


# By password


def test_name_and_password_of_an_administrator_go_on_working(client):
    clerk = staff(Role.CLERK)

    by_password(client, clerk.username, PASSWORD)

    assert is_in(client)


@pytest.mark.parametrize("written", ["{}", "+86 {}", " {} "])
def test_phone_and_password_open_the_account(client, written):
    phone = new_phone()
    owner_of_phone(phone)

    by_password(client, written.format(phone), PASSWORD)

    assert is_in(client)


def test_address_and_password_open_the_account(client):
    email = new_email()
    owner_of_email(email)

    by_password(client, email.upper(), PASSWORD)

    assert is_in(client)


def test_number_nobody_proved_opens_nothing(client):
    phone = new_phone()
    user = owner_of_phone(phone)
    user.phone_verified = False
    user.save()

    by_password(client, phone, PASSWORD)

    assert not is_in(client)


def test_wrong_password_and_unknown_account_get_the_same_answer(client):
    known, unknown = new_phone(), new_phone()
    owner_of_phone(known)

    answers = [by_password(client, phone, "wrong") for phone in (known, unknown)]

    texts = [one.content.decode().replace(known, "").replace(unknown, "") for one in answers]
    assert len({re.sub(r"\w{64}", "", text) for text in texts}) == 1
    assert "账号和密码对不上" in texts[0]


def test_stopped_account_stays_closed(client):
    phone = new_phone()
    owner_of_phone(phone, is_active=False)

    by_password(client, phone, PASSWORD)

    assert not is_in(client)


# By code


def test_code_by_text_message_opens_the_account(client):
    phone = new_phone()
    owner_of_phone(phone)

    ask(client, phone)
    enter(client, code_in(texts_to(phone)))

    assert is_in(client)


def test_code_by_mail_opens_the_account(client):
    email = new_email()
    owner_of_email(email)

    ask(client, email)
    enter(client, code_in(mails_to(email)))

    assert is_in(client)


def test_wrong_code_is_told_and_the_right_one_still_works(client):
    phone = new_phone()
    owner_of_phone(phone)
    ask(client, phone)
    code = code_in(texts_to(phone))

    shown = enter(client, wrong(code)).content.decode()
    enter(client, code)

    assert "验证码不对" in shown
    assert is_in(client)


def test_third_wrong_code_ends_the_try(client):
    phone = new_phone()
    owner_of_phone(phone)
    ask(client, phone)
    code = code_in(texts_to(phone))

    for _time in range(3):
        enter(client, wrong(code))
    enter(client, code)

    assert not is_in(client)


def test_old_code_opens_nothing(client, monkeypatch):
    phone = new_phone()
    owner_of_phone(phone)
    ask(client, phone)
    code = code_in(texts_to(phone))

    later(monkeypatch, 10 * 60 + 1)
    answer = enter(client, code)

    assert not is_in(client)
    assert "验证码已经过期" in client.get(answer.url).content.decode()


def test_another_code_is_had_where_the_first_did_not_come(client):
    """While one sign-in is half done, its page leads back to where codes are asked for."""
    phone = new_phone()
    owner_of_phone(phone)
    ask(client, phone)
    page = client.get(reverse("account_confirm_login_code")).content.decode()

    client.post(reverse("account_logout"), {"next": reverse("account_request_login_code")})
    again = client.get(reverse("account_request_login_code"))

    assert f'name="next" value="{reverse("account_request_login_code")}"' in page
    assert again.status_code == 200
    assert 'name="contact"' in again.content.decode()


def test_code_opens_once(client):
    phone = new_phone()
    owner_of_phone(phone)
    ask(client, phone)
    code = code_in(texts_to(phone))
    enter(client, code)
    client.logout()

    enter(client, code)

    assert not is_in(client)


def test_code_is_of_no_use_in_another_browser(client):
    phone = new_phone()
    owner_of_phone(phone)
    ask(client, phone)
    code = code_in(texts_to(phone))
    elsewhere = Client()

    enter(elsewhere, code)

    assert not is_in(elsewhere)


@pytest.mark.parametrize("make", [new_phone, new_email])
def test_asking_for_a_code_does_not_tell_whether_an_account_exists(client, make):
    known, unknown = make(), make()
    (owner_of_email if "@" in known else owner_of_phone)(known)

    answers = []
    for contact in (known, unknown):
        client.logout()
        first = ask(client, contact)
        second = client.get(first.url)
        answers.append((first.status_code, first.url, second.status_code, len(second.content)))

    assert answers[0] == answers[1]


def test_unknown_number_gets_no_message(client):
    phone = new_phone()

    ask(client, phone)

    assert texts_to(phone) == []


def test_what_is_no_number_is_told_in_chinese(client):
    shown = ask(client, "12345").content.decode()

    assert "请填写 11 位的大陆手机号码" in shown


def test_code_lies_sealed_in_the_queue_and_is_not_sent_when_it_is_too_old():
    phone = new_phone()

    sealed = encrypt(f'[{time.time() - codes.TOO_OLD - 1}, "sms", "+86{phone}", "123456", ""]')
    codes.deliver(sealed)

    assert phone not in sealed
    assert [one for one in sms.outbox if one.phone == f"+86{phone}"] == []


def test_session_keeps_neither_number_nor_address_once_somebody_is_in(client):
    phone = new_phone()
    owner_of_phone(phone)
    ask(client, phone)
    enter(client, code_in(texts_to(phone)))

    assert phone not in str(dict(client.session))


# Where it leads


@pytest.mark.parametrize(
    "target", ["https://example.com/", "//example.com/", "/\\example.com", "javascript:alert(1)"]
)
def test_nobody_is_led_elsewhere_after_signing_in(client, target):
    user = UserFactory()

    answer = client.post(
        reverse("account_login", query={"next": target}),
        {"login": user.username, "password": PASSWORD, "next": target},
    )

    assert answer.url == "/"


def test_code_leads_on_to_the_page_that_was_asked_for(client):
    phone = new_phone()
    owner_of_phone(phone)
    asked = ask(client, phone, next="/bookings/")

    answer = client.post(asked.url, {"code": code_in(texts_to(phone))})

    assert answer.url == "/bookings/"


def test_link_alone_signs_nobody_out(client):
    client.force_login(UserFactory())

    answer = client.get(reverse("account_logout"))

    assert answer.status_code == 405
    assert is_in(client)


@pytest.mark.parametrize("way", ["password", "code"])
def test_demo_account_does_not_open_outside_a_demo(client, way):
    phone = new_phone()
    owner = owner_of_phone(phone, email="somebody@demo.invalid")

    if way == "password":
        by_password(client, owner.username, PASSWORD)
    else:
        ask(client, phone)
        enter(client, code_in(texts_to(phone)))

    assert not is_in(client)
