"""Signing up, resetting a password, and keeping one's ways of signing in."""

import datetime as dt
import time

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.entrance import accounts
from portal.models import User
from portal.personal import lookup
from tests.entrance import (
    by_password,
    code_in,
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

NEW = "a-new-password-of-mine"


def sign_up(client, contact, password="", name="居民甲"):
    return client.post(
        reverse("account_signup"), {"contact": contact, "display_name": name, "password1": password}
    )


def prove(client, kind, code):
    name = "account_verify_phone" if kind == "phone" else "account_email_verification_sent"
    return client.post(reverse(name), {"code": code})


def account_of(phone):
    return User.objects.filter(phone_lookup=lookup(f"+86{phone}"))


# Signing up


def test_resident_signs_up_with_a_phone_and_is_in(client):
    phone = new_phone()

    sign_up(client, phone)
    prove(client, "phone", code_in(texts_to(phone)))

    user = account_of(phone).get()
    assert is_in(client)
    assert user.phone_verified
    assert user.display_name == "居民甲"
    assert not user.has_usable_password()


def test_resident_signs_up_with_an_address_and_is_in(client):
    email = new_email()

    sign_up(client, email, NEW)
    prove(client, "email", code_in(mails_to(email)))

    assert is_in(client)
    assert EmailAddress.objects.get(email=email).verified


def test_text_that_did_not_come_is_sent_again(client, monkeypatch):
    phone, now = new_phone(), time.time()
    sign_up(client, phone)
    first = code_in(texts_to(phone))
    monkeypatch.setattr(time, "time", lambda: now + 31)

    client.post(reverse("account_verify_phone"), {"action": "resend"})
    second = code_in(texts_to(phone))
    prove(client, "phone", second)

    assert second != first
    assert is_in(client)


def test_sending_again_for_a_number_that_has_an_account_tells_nothing(client, monkeypatch):
    phone, now = new_phone(), time.time()
    owner_of_phone(phone)
    sign_up(client, phone)
    monkeypatch.setattr(time, "time", lambda: now + 31)

    answer = client.post(reverse("account_verify_phone"), {"action": "resend"})

    assert answer.url == reverse("account_verify_phone")
    assert not is_in(client)


def test_name_of_the_account_tells_nobody_the_number(client):
    phone = new_phone()

    sign_up(client, phone)

    assert phone not in account_of(phone).get().username


def test_account_opens_only_once_its_number_is_proven(client):
    phone = new_phone()
    sign_up(client, phone, NEW)

    prove(client, "phone", wrong(code_in(texts_to(phone))))
    by_password(Client(), phone, NEW)

    assert not is_in(client)
    assert not account_of(phone).get().phone_verified


@pytest.mark.parametrize("make", [new_phone, new_email])
def test_signing_up_does_not_tell_whether_an_account_exists(make):
    known, unknown = make(), make()
    (owner_of_email if "@" in known else owner_of_phone)(known)

    answers = []
    for contact in (known, unknown):
        client = Client()
        first = sign_up(client, contact, NEW)
        second = client.get(first.url)
        answers.append((first.status_code, first.url, second.status_code, len(second.content)))

    assert answers[0] == answers[1]


def test_number_that_has_an_account_makes_no_second_one(client):
    phone = new_phone()
    owner = owner_of_phone(phone)

    sign_up(client, phone)

    assert list(account_of(phone)) == [owner]
    assert "已有账户" in texts_to(phone)[-1]


def test_whoever_has_the_number_wins_over_somebody_who_only_typed_it(client):
    phone = new_phone()
    sign_up(Client(), phone, NEW)

    sign_up(client, phone)
    prove(client, "phone", code_in(texts_to(phone)))

    assert is_in(client)
    assert not is_in_with_password(phone)


def is_in_with_password(phone):
    somebody = Client()
    by_password(somebody, phone, NEW)
    return is_in(somebody)


def test_whoever_has_the_address_wins_over_somebody_who_only_typed_it(client):
    email = new_email()
    sign_up(Client(), email, NEW)

    sign_up(client, email)
    prove(client, "email", code_in(mails_to(email)))

    assert is_in(client)


@pytest.mark.parametrize("contact", ["", "12345", "nobody@", "021-12345678", "+1 202 555 0100"])
def test_what_is_neither_number_nor_address_makes_no_account(client, contact):
    before = User.objects.count()

    answer = sign_up(client, contact)

    assert answer.status_code == 200
    assert User.objects.count() == before


def test_short_password_is_told_in_chinese(client):
    shown = sign_up(client, new_phone(), password="7-signs").content.decode()

    assert "密码太短了，至少要 8 个字符。" in shown
    assert "too short" not in shown


def test_weak_password_is_told_at_the_field(client):
    shown = sign_up(client, new_phone(), "12345678").content.decode()

    assert 'id="id_password1_error"' in shown


def test_accounts_nobody_proved_are_forgotten_after_an_hour(client):
    phone, kept = new_phone(), new_phone()
    sign_up(client, phone, NEW)
    owner_of_phone(kept)
    clerk = staff("clerk")
    User.objects.update(date_joined=timezone.now() - dt.timedelta(hours=2))

    number = accounts.forget_unproven()

    assert number == 1
    assert not account_of(phone).exists()
    assert account_of(kept).exists()
    assert User.objects.filter(pk=clerk.pk).exists()


# A forgotten password


def reset(client, contact):
    return client.post(reverse("account_reset_password"), {"contact": contact})


def confirm(client, code):
    return client.post(reverse("account_confirm_password_reset_code"), {"code": code})


def complete(client):
    data = {"password1": NEW, "password2": NEW}
    return client.post(reverse("account_complete_password_reset"), data)


@pytest.mark.parametrize(
    ("make", "owner_of", "read"),
    [(new_phone, owner_of_phone, texts_to), (new_email, owner_of_email, mails_to)],
)
def test_password_is_reset_with_a_code(client, make, owner_of, read):
    contact = make()
    user = owner_of(contact)

    reset(client, contact)
    confirm(client, code_in(read(contact)))
    complete(client)

    user.refresh_from_db()
    assert user.check_password(NEW)
    assert not is_in(client)


def test_wrong_code_resets_nothing(client):
    phone = new_phone()
    user = owner_of_phone(phone)
    reset(client, phone)

    confirm(client, wrong(code_in(texts_to(phone))))
    complete(client)

    user.refresh_from_db()
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize("make", [new_phone, new_email])
def test_resetting_does_not_tell_whether_an_account_exists(make):
    known, unknown = make(), make()
    (owner_of_email if "@" in known else owner_of_phone)(known)

    answers = []
    for contact in (known, unknown):
        client = Client()
        first = reset(client, contact)
        second = client.get(first.url)
        answers.append((first.status_code, first.url, second.status_code, len(second.content)))

    assert answers[0] == answers[1]


def test_other_sign_ins_end_with_the_old_password(client):
    phone = new_phone()
    elsewhere = Client()
    elsewhere.force_login(owner_of_phone(phone))

    reset(client, phone)
    confirm(client, code_in(texts_to(phone)))
    complete(client)

    assert elsewhere.get(reverse("mfa_index")).status_code == 302


# One's own ways of signing in


def again(client):
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def test_phone_is_changed_once_the_new_one_is_proven(client):
    user, phone = owner_of_phone(new_phone()), new_phone()
    client.force_login(user)
    again(client)

    client.post(reverse("account_change_phone"), {"phone": phone})
    prove(client, "phone", code_in(texts_to(phone)))

    assert account_of(phone).get() == user


def test_phone_of_another_account_cannot_be_taken(client):
    phone = new_phone()
    owner = owner_of_phone(phone)
    client.force_login(UserFactory())
    again(client)

    client.post(reverse("account_change_phone"), {"phone": phone})
    shown = prove(client, "phone", code_in(texts_to(phone))).content.decode()

    assert "已经属于另一个账户" in shown
    assert list(account_of(phone)) == [owner]


def test_address_is_changed_once_the_new_one_is_proven(client):
    user, email = owner_of_email(new_email()), new_email()
    client.force_login(user)
    again(client)

    client.post(reverse("account_email"), {"email": email, "action_add": "1"})
    prove(client, "email", code_in(mails_to(email)))

    user.refresh_from_db()
    assert user.email == email


def test_changing_the_phone_asks_who_one_is_first(client):
    client.force_login(owner_of_phone(new_phone()))

    answer = client.post(reverse("account_change_phone"), {"phone": new_phone()})

    assert answer.url.startswith(reverse("account_reauthenticate"))


def test_own_number_is_shown_masked(client):
    phone = new_phone()
    client.force_login(owner_of_phone(phone))

    shown = client.get(reverse("mfa_index")).content.decode()

    assert f"{phone[:3]}****{phone[-4:]}" in shown
    assert phone not in shown
