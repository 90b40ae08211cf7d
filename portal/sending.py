"""Send what waits in the outbox: one sender a channel at a time, one message after the other.

Whoever takes a delivery first moves its `next_at` on by the lease and commits; only then it is sent, and
marked. A sender that dies in between loses nothing: after the lease the delivery is due again. It may then
have been sent already, so it carries the same Message-ID (e-mail) or id (SMS) for the other side to see.
"""

import datetime as dt
import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import audit, sms
from portal.models import Channel, Delivery, DeliveryQuerySet, Message, Topic, User
from portal.notifications import ADDRESSES, absolute

LEASE = dt.timedelta(minutes=5)
MOST_ATTEMPTS = 8
FIRST_PAUSE, LONGEST_PAUSE = dt.timedelta(minutes=1), dt.timedelta(hours=2)
CHANNEL_PAUSE_SECONDS = 60
QUIET_FROM, QUIET_UNTIL = dt.time(21), dt.time(8)
LOCKS = {Channel.EMAIL: 8_001, Channel.SMS: 8_002}  # advisory locks, by decision 8
KEEP_READ, KEEP = dt.timedelta(days=180), dt.timedelta(days=365)


class Unreachable(Exception):
    """The server of a channel is away: this message and all others wait."""


class Later(Exception):
    """This message was not taken now."""


class Never(Exception):
    """This message will not be taken however often it is sent."""


def send_due(channel: str) -> int:
    """Send what is due by a channel until nothing is, or its server is away; return how many were sent."""
    sent = 0
    with _alone(channel) as is_alone:
        while is_alone and not cache.get(_pause(channel)):
            delivery = _claim(channel)
            if delivery is None:
                break
            sent += _try(delivery)
    return sent


@contextmanager
def _alone(channel: str) -> Iterator[bool]:
    """Whether this is the only sender of the channel: a server that hangs then holds up one worker, not all."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCKS[Channel(channel)]])
        is_alone = bool(cursor.fetchone()[0])
    try:
        yield is_alone
    finally:
        if is_alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCKS[Channel(channel)]])


def _pause(channel: str) -> str:
    return f"sending-paused:{channel}"


@transaction.atomic
def _claim(channel: str) -> Delivery | None:
    """Take the next delivery that is due, so that nobody else takes it while the lease lasts."""
    rows = _now_allowed(Delivery.objects.due(channel, timezone.now()), channel)
    row = rows.select_related("message__to").select_for_update(of=("self",), skip_locked=True)
    found = row.order_by("next_at", "pk").first()
    if found is not None:
        found.attempts += 1
        found.next_at = timezone.now() + LEASE
        found.save(update_fields=["attempts", "next_at"])
    return found


def _now_allowed(rows: DeliveryQuerySet, channel: str) -> DeliveryQuerySet:
    """At night only what concerns the security of an account goes by SMS; the rest waits for the morning."""
    now = timezone.localtime().time()
    if channel == Channel.SMS and (now >= QUIET_FROM or now < QUIET_UNTIL):
        return rows.filter(message__topic=Topic.SECURITY)
    return rows


def _try(delivery: Delivery) -> bool:
    """Send one delivery and write down how it went."""
    user = delivery.message.to
    address = ADDRESSES[delivery.channel](user) if user.is_active else ""
    if not address:
        return _done(delivery, Delivery.State.SKIPPED, _("没有验证过的地址"))
    try:
        SENDERS[delivery.channel](delivery.message, address)
    except Never as error:
        return _done(delivery, Delivery.State.FAILED, str(error))
    except (Later, Unreachable) as error:
        if isinstance(error, Unreachable):
            cache.set(_pause(delivery.channel), True, CHANNEL_PAUSE_SECONDS)
        return _put_off(delivery, str(error))
    return _done(delivery, Delivery.State.SENT, "")


def _done(delivery: Delivery, state: str, reason: str) -> bool:
    is_sent = state == Delivery.State.SENT
    Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.PENDING).update(
        state=state, reason=reason[:200], sent_at=timezone.now() if is_sent else None
    )
    return is_sent


def _put_off(delivery: Delivery, reason: str) -> bool:
    """Try again after twice the time, up to two hours; give up after the last attempt and keep the reason."""
    if delivery.attempts >= MOST_ATTEMPTS:
        return _done(delivery, Delivery.State.FAILED, reason)
    pause = min(FIRST_PAUSE * 2 ** (delivery.attempts - 1), LONGEST_PAUSE)
    Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.PENDING).update(
        next_at=timezone.now() + pause, reason=reason[:200]
    )
    return False


def _send_email(message: Message, address: str) -> None:
    domain = settings.SITE_URL.partition("//")[2].partition(":")[0]
    mail = EmailMessage(
        message.title,
        "\n\n".join(part for part in (message.text, absolute(message.url)) if part),
        to=[address],
        headers={"Message-ID": f"<message-{message.pk}@{domain}>"},
    )
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        (code, _said), *_rest = error.recipients.values()
        raise (Never if code >= 500 else Later)(f"SMTP {code}") from None
    except smtplib.SMTPDataError as error:
        raise (Never if error.smtp_code >= 500 else Later)(f"SMTP {error.smtp_code}") from None
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(type(error).__name__) from None
    except ValueError:
        raise Never(_("地址不能用")) from None


def _send_sms(message: Message, address: str) -> None:
    try:
        sms.send(address, f"{message.title}。{message.text}", key=f"message-{message.pk}")
    except sms.SmsRefused as error:
        raise Never(str(error)) from None
    except sms.SmsUnavailable as error:
        raise Unreachable(str(error)) from None


SENDERS: dict[str, Callable[[Message, str], None]] = {
    Channel.EMAIL: _send_email,
    Channel.SMS: _send_sms,
}


@transaction.atomic
def retry(deliveries: DeliveryQuerySet, *, by: User) -> int:
    """Send once more what had failed; return how many."""
    failed = list(deliveries.filter(state=Delivery.State.FAILED).select_for_update(of=("self",)))
    for row in failed:
        audit.record("delivery.retried", row, by=by, region=None, pk=row.pk)
    return Delivery.objects.filter(pk__in=[row.pk for row in failed]).update(
        state=Delivery.State.PENDING, reason="", attempts=0, next_at=timezone.now()
    )


def forget() -> int:
    """Delete messages half a year after they were read, and all after a year, with their deliveries."""
    now = timezone.now()
    old = Message.objects.filter(read_at__lte=now - KEEP_READ) | Message.objects.filter(
        made_at__lte=now - KEEP
    )
    return old.delete()[1].get(Message._meta.label, 0)
