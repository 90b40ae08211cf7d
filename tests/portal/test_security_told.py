"""Whoever owns an account hears of every change of the ways into it."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.models import Channel, Delivery, Message
from tests.entrance import (
    by_password,
    code_in,
    mails_to,
    new_email,
    new_phone,
    owner_of_email,
    owner_of_phone,
    set_up_app,
    texts_to,
)
from tests.factories import UserFactory
from tests.factories.people import PASSWORD

pytestmark = pytest.mark.django_db

NEW = "a-new-password-of-mine"


@pytest.fixture
def user():
    return owner_of_email(new_email(), last_login=timezone.now())


@pytest.fixture
def inside(client, user):
    client.force_login(user)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def told(user):
    return list(Message.objects.filter(to=user).order_by("pk").values_list("kind", flat=True))


def test_new_second_factor_is_told_on_the_site_and_by_email(inside, user, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        set_up_app(inside)

    added = Message.objects.get(to=user, kind="security.factor_added")
    assert "验证器" in added.title
    assert added.url == reverse("mfa_index")
    assert Delivery.objects.get(message=added, channel=Channel.EMAIL).state == Delivery.State.PENDING


def test_second_factor_taken_away_is_told(inside, user):
    set_up_app(inside)

    inside.post(reverse("mfa_deactivate_totp"))

    assert told(user)[-1] == "security.factor_removed"


def test_passkey_taken_away_is_told(inside, user):
    key = Authenticator.objects.create(
        user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "示例钥匙", "credential": {}}
    )

    inside.post(reverse("mfa_remove_webauthn", args=[key.pk]))

    assert told(user) == ["security.factor_removed"]


def test_changed_password_is_told(inside, user):
    inside.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    )

    assert told(user) == ["security.password"]


def test_reset_password_is_told_without_number_or_code(client):
    phone = new_phone()
    user = owner_of_phone(phone)
    client.post(reverse("account_reset_password"), {"contact": phone})
    code = code_in(texts_to(phone))
    client.post(reverse("account_confirm_password_reset_code"), {"code": code})

    client.post(reverse("account_complete_password_reset"), {"password1": NEW, "password2": NEW})

    message = Message.objects.get(to=user)
    assert message.kind == "security.password"
    assert phone not in message.title + message.text
    assert code not in message.title + message.text


def test_new_phone_is_told_without_the_number(inside, user):
    phone = new_phone()

    inside.post(reverse("account_change_phone"), {"phone": phone})
    inside.post(reverse("account_verify_phone"), {"code": code_in(texts_to(phone))})

    message = Message.objects.get(to=user)
    assert message.kind == "security.phone"
    assert phone not in message.title + message.text


def test_new_address_is_told_and_the_one_left_is_written_to_a_last_time(inside, user):
    left, email = user.email, new_email()

    inside.post(reverse("account_email"), {"email": email, "action_add": "1"})
    inside.post(reverse("account_email_verification_sent"), {"code": code_in(mails_to(email))})

    message = Message.objects.get(to=user)
    assert message.kind == "security.email"
    assert email not in message.title + message.text
    (last,) = mails_to(left)
    assert email not in last


def test_new_account_is_told_nothing_of_its_own_first_number(client):
    phone = new_phone()
    client.post(reverse("account_signup"), {"contact": phone, "display_name": "居民甲", "password1": ""})

    client.post(reverse("account_verify_phone"), {"code": code_in(texts_to(phone))})

    assert not Message.objects.exists()


def test_closed_password_is_told_once_however_long_somebody_guesses():
    user = UserFactory()
    cache.delete(f"told-locked:{user.pk}")

    for _time in range(8):
        by_password(Client(), user.username, "wrong")

    assert told(user) == ["security.locked"]
