"""Messages: told once, with the change they tell of, by the channels people want, whatever the servers do."""

import datetime as dt
import smtplib
import socket
import threading
import time
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from portal import sending, sms
from portal.models import Channel, Delivery, Message, Topic
from portal.notifications import choose, tell
from tests.factories import (
    DeliveryFactory,
    MessageFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
State = Delivery.State


@pytest.fixture(autouse=True)
def _no_channel_is_paused():
    cache.delete_many([sending._pause(channel) for channel in Channel])


def reader(**fields):
    return UserFactory(email="reader@portal.example", **fields)


def say(to, key="a", kind="booking.confirmed", **fields):
    tell(
        to,
        kind,
        **{"subject": None, "title": "预约成功", "text": "明天 10:00，示例室。", "key": key, **fields},
    )


def at(monkeypatch, hour, minute=0):
    moment = dt.datetime(2026, 11, 25, hour, minute, tzinfo=ZoneInfo("Asia/Shanghai"))
    monkeypatch.setattr(timezone, "now", lambda: moment)
    return moment


def email():
    return Delivery.objects.get(channel=Channel.EMAIL)


def test_what_is_undone_was_not_told():
    user = reader()
    with transaction.atomic():
        say(user)
        transaction.set_rollback(True)

    assert not Message.objects.exists()
    assert not Delivery.objects.exists()


def test_one_key_is_told_once_to_each_person():
    first, second = reader(), UserFactory()
    say(first)
    sending.send_due(Channel.EMAIL)

    say([first, second], text="又一次")
    sending.send_due(Channel.EMAIL)

    assert sorted(Message.objects.values_list("to", flat=True)) == [first.pk, second.pk]
    assert [one.to for one in mail.outbox] == [["reader@portal.example"]]


def test_nothing_is_told_to_who_may_not_sign_in():
    say(UserFactory(is_active=False))

    assert not Message.objects.exists()


def test_telling_a_thousand_takes_as_many_queries_as_telling_one(django_assert_num_queries):
    people = UserFactory.create_batch(30)
    with django_assert_num_queries(
        7
    ):  # a savepoint and its end, messages, the new, wishes, addresses, deliveries
        say(people)


@pytest.mark.parametrize("url", ["https://elsewhere.example/", "//elsewhere.example/"])
def test_message_leads_nowhere_but_to_the_portal(url):
    with pytest.raises(ImproperlyConfigured):
        say(reader(), url=url)


def test_email_has_the_text_and_an_address_that_can_be_opened(settings):
    settings.SITE_URL = "https://liren.example"
    say(reader(), url="/bookings/")

    assert sending.send_due(Channel.EMAIL) == 1

    (sent,) = mail.outbox
    assert sent.body == "明天 10:00，示例室。\n\nhttps://liren.example/bookings/"
    assert sent.extra_headers["Message-ID"] == f"<message-{Message.objects.get().pk}@liren.example>"
    assert (email().state, email().attempts) == (State.SENT, 1)


def test_without_an_address_the_message_stands_in_the_inbox_alone():
    say(UserFactory())

    assert Message.objects.count() == 1
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SKIPPED}


def test_unwanted_channel_is_skipped_but_security_always_comes():
    user = reader()
    choose(user, {(topic, Channel.EMAIL): False for topic in Topic})

    say(user)
    say(user, key="b", kind="security.password")

    states = Delivery.objects.filter(channel=Channel.EMAIL).values_list("message__key", "state")
    assert dict(states) == {"a": State.SKIPPED, "b": State.PENDING}


def broken(error):
    def send(_message, _address):
        raise error

    return send


def test_failed_message_is_tried_again_later_and_later_then_given_up_with_the_reason(monkeypatch):
    say(reader())
    monkeypatch.setitem(sending.SENDERS, Channel.EMAIL, broken(sending.Later("SMTP 451")))
    now, pauses = timezone.now(), []
    for _attempt in range(sending.MOST_ATTEMPTS):
        monkeypatch.setattr(timezone, "now", lambda moment=now: moment)
        sending.send_due(Channel.EMAIL)
        sending.send_due(Channel.EMAIL)
        pauses.append(int((email().next_at - now).total_seconds() // 60))
        now = email().next_at

    assert pauses[:-1] == [1, 2, 4, 8, 16, 32, 64]
    assert (email().state, email().reason, email().attempts) == (State.FAILED, "SMTP 451", 8)


def test_server_that_is_away_costs_one_attempt_not_one_a_message(monkeypatch):
    for key in "abc":
        say(reader(), key=key)
    monkeypatch.setitem(sending.SENDERS, Channel.EMAIL, broken(sending.Unreachable("TimeoutError")))

    sending.send_due(Channel.EMAIL)
    sending.send_due(Channel.EMAIL)

    assert sorted(Delivery.objects.filter(channel="email").values_list("attempts", flat=True)) == [0, 0, 1]


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (smtplib.SMTPRecipientsRefused({"a": (550, b"no such user")}), State.FAILED),
        (smtplib.SMTPRecipientsRefused({"a": (450, b"busy")}), State.PENDING),
        (smtplib.SMTPDataError(554, b"spam"), State.FAILED),
        (smtplib.SMTPServerDisconnected(), State.PENDING),
        (TimeoutError(), State.PENDING),
    ],
)
def test_what_a_mail_server_says_decides_whether_it_is_tried_again(monkeypatch, error, state):
    say(reader())

    def refuse(_backend, _messages):
        raise error

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    sending.send_due(Channel.EMAIL)

    assert email().state == state
    assert email().reason


def texted(**fields):
    message = MessageFactory(**fields)
    return DeliveryFactory(message=message, channel=Channel.SMS)


@pytest.fixture
def phone(monkeypatch):
    monkeypatch.setitem(sending.ADDRESSES, Channel.SMS, lambda _user: "+8613800138000")
    sms.outbox.clear()


@pytest.mark.parametrize(("hour", "minute", "sent"), [(20, 59, 1), (21, 0, 0), (7, 59, 0), (8, 0, 1)])
def test_text_messages_keep_quiet_at_night(monkeypatch, phone, hour, minute, sent):
    moment = at(monkeypatch, hour, minute)
    Delivery.objects.filter(pk=texted().pk).update(next_at=moment)

    sending.send_due(Channel.SMS)

    assert len(sms.outbox) == sent


def test_security_of_an_account_does_not_wait_for_the_morning(monkeypatch, phone):
    moment = at(monkeypatch, 23)
    Delivery.objects.filter(pk=texted(topic=Topic.SECURITY).pk).update(next_at=moment)

    sending.send_due(Channel.SMS)

    (sent,) = sms.outbox
    assert sent.key == f"message-{Message.objects.get().pk}"


def test_old_messages_go_with_their_deliveries():
    old, read, fresh = (DeliveryFactory().message for _ in range(3))
    Message.objects.filter(pk=old.pk).update(made_at=timezone.now() - dt.timedelta(days=366))
    Message.objects.filter(pk=read.pk).update(read_at=timezone.now() - dt.timedelta(days=181))

    assert sending.forget() == 2

    assert list(Delivery.objects.values_list("message", flat=True)) == [fresh.pk]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_one_message_once():
    say(reader())
    together = threading.Barrier(2)

    def work():
        together.wait()
        try:
            sending.send_due(Channel.EMAIL)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_what_one_worker_has_in_hand_no_other_takes_even_without_the_lock(monkeypatch):
    say(reader())
    taken, together = [], threading.Barrier(2)

    def work():
        together.wait()
        try:
            taken.append(sending._claim(Channel.EMAIL))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert [one is None for one in taken].count(True) == 1


@pytest.mark.django_db(transaction=True)
def test_mail_server_that_never_answers_slows_no_request_and_holds_a_worker_for_its_timeout(client, settings):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_TIMEOUT = 0.5
        user = reader()
        client.force_login(user)
        began = time.monotonic()
        say(user)
        answered = client.get(reverse("inbox")).status_code
        asked = time.monotonic()
        sending.send_due(Channel.EMAIL)
        given_up = time.monotonic()

    assert answered == 200
    assert asked - began < 2
    assert 0.4 < given_up - asked < 3
    assert (email().state, email().attempts, email().reason) == (State.PENDING, 1, "SMTPServerDisconnected")
