"""What somebody at the entrance has in hand: a phone and a mailbox that receive, the codes in them, an app."""

import re
import time
from queue import Empty
from random import SystemRandom
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal import auth as totp
from celery import current_app
from django.core import mail
from django.urls import reverse

from portal import sms
from portal.entrance import codes
from portal.models import User
from portal.personal import lookup
from tests.factories import UserFactory
from tests.factories.people import PASSWORD

_random = SystemRandom()


def new_phone() -> str:
    """A number no other test uses, as people type it."""
    return f"13{_random.randrange(10**9):09}"


def new_email() -> str:
    return f"r{_random.randrange(10**12)}@example.com"


def owner_of_phone(phone: str, **fields: Any) -> User:
    e164 = f"+86{phone}"
    return UserFactory(phone=e164, phone_lookup=lookup(e164), phone_verified=True, **fields)


def owner_of_email(email: str, **fields: Any) -> User:
    user = UserFactory(email=email, **fields)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def deliver() -> None:
    """Do what the workers would: send every code that waits in the queue."""
    with current_app.connection_for_read() as connection:
        queue = connection.SimpleQueue("celery")
        while True:
            try:
                message = queue.get(block=False)
            except Empty:
                return
            message.ack()
            if message.headers["task"] == codes.TASK:
                codes.deliver(*message.payload[0])


def texts_to(phone: str) -> list[str]:
    deliver()
    return [one.text for one in sms.outbox if one.phone == f"+86{phone}"]


def mails_to(email: str) -> list[str]:
    deliver()
    return [str(one.body) for one in mail.outbox if email in one.to]


def code_in(texts: list[str]) -> str:
    found = re.search(r"\d{6}", texts[-1])
    assert found, texts
    return found[0]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def ask(client: Any, contact: str, **query: Any) -> Any:
    address = reverse("account_request_login_code", query=query)
    return client.post(address, {"contact": contact})


def enter(client: Any, code: str) -> Any:
    return client.post(reverse("account_confirm_login_code"), {"code": code})


def by_password(client: Any, login: str, password: str) -> Any:
    return client.post(reverse("account_login"), {"login": login, "password": password})


def is_in(client: Any) -> bool:
    return "_auth_user_id" in client.session


def app_code(secret: str) -> str:
    """What an authenticator app shows now."""
    counter = int(time.time()) // 30
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def set_up_app(client: Any) -> str:
    """Scan the code and type the first one; the secret is what the app now knows."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.get(reverse("mfa_activate_totp"))
    secret: str = client.session[totp.SECRET_SESSION_KEY]
    client.post(reverse("mfa_activate_totp"), {"code": app_code(secret)})
    return secret
