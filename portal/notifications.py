"""Tell people things: rows written with the change they tell of, sent afterwards by `portal.sending`.

A message is one row in the inbox of one person, the only one under its key. Beside it stands one row for
e-mail and one for SMS, waiting or skipped with the reason.
"""

from collections.abc import Callable, Iterable
from typing import Any

from allauth.account.models import EmailAddress
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models, transaction
from django.utils.translation import gettext as _

from portal import jobs
from portal.models import Channel, ChannelChoice, Delivery, Message, Topic, User

# The first word of a kind says what it is about: "booking.confirmed".
TOPICS = {
    "booking": Topic.BOOKINGS,
    "month": Topic.MONTHS,
    "objection": Topic.MONTHS,
    "project": Topic.MONTHS,
    "need": Topic.REQUESTS,
    "export": Topic.FILES,
    "security": Topic.SECURITY,
}
OFF_UNLESS_CHOSEN = {(Topic.MONTHS, Channel.SMS), (Topic.FILES, Channel.SMS)}  # each text message costs money
SEND = "portal.tasks.send_deliveries"


def email_of(user: User) -> str:
    """The e-mail address to write to; none that its owner has not confirmed."""
    return user.email if _takes_mail(user, _unconfirmed([user])) else ""


def _takes_mail(user: User, unconfirmed: set[str]) -> bool:
    """Whether letters may go to this person; names under .invalid exist nowhere (RFC 2606), as in the demo."""
    return bool(user.email) and not user.email.endswith(".invalid") and user.email not in unconfirmed


def phone_of(user: User) -> str:
    """The number to text to, in E.164; none that its owner has not confirmed."""
    return user.phone if user.phone_verified else ""


ADDRESSES: dict[str, Callable[[User], str]] = {Channel.EMAIL: email_of, Channel.SMS: phone_of}


def _unconfirmed(users: Iterable[User]) -> set[str]:
    """Addresses that wait for a confirmation; those an administrator entered need none."""
    waiting = EmailAddress.objects.filter(user__in=list(users), verified=False)
    return set(waiting.values_list("email", flat=True))


def wishes_of(user: User) -> dict[tuple[str, str], bool]:
    """Whether somebody wants each topic by each channel."""
    return _wishes([user])[user.pk]


def _wishes(users: list[User]) -> dict[int, dict[tuple[str, str], bool]]:
    usual: dict[tuple[str, str], bool] = {
        (topic, channel): (topic, channel) not in OFF_UNLESS_CHOSEN for topic in Topic for channel in Channel
    }
    found = {user.pk: dict(usual) for user in users}
    for user_id, topic, channel, wanted in ChannelChoice.objects.filter(
        user__in=users, topic__in=set(Topic) - {Topic.SECURITY}
    ).values_list("user_id", "topic", "channel", "wanted"):
        found[user_id][topic, channel] = wanted
    return found


@transaction.atomic
def choose(user: User, wanted: dict[tuple[str, str], bool]) -> None:
    """Remember what somebody wants; news of the security of their account always comes."""
    ChannelChoice.objects.bulk_create(
        [
            ChannelChoice(user=user, topic=topic, channel=channel, wanted=yes)
            for (topic, channel), yes in wanted.items()
            if topic != Topic.SECURITY
        ],
        update_conflicts=True,
        unique_fields=["user", "topic", "channel"],
        update_fields=["wanted"],
    )


@transaction.atomic
def tell(
    to: User | Iterable[User],
    kind: str,
    *,
    subject: models.Model | None,
    title: str,
    text: str,
    key: str,
    url: str = "",
) -> None:
    """Tell each of these people once, in the caller's transaction: if that is undone, nothing was told.

    `subject` is the row it is about: the link is shown to whoever may see that row. Without one it leads
    to a page everybody may open.
    """
    if url and not url.startswith("/") or url.startswith("//"):
        raise ImproperlyConfigured("A message leads to a page of the portal.")
    people = {one.pk: one for one in ([to] if isinstance(to, User) else to) if one.is_active}
    users = [people[pk] for pk in sorted(people)]
    if not users:
        return
    told = Message(
        key=key,
        kind=kind,
        topic=TOPICS[kind.partition(".")[0]],
        subject_model=subject._meta.label_lower if subject else "",
        subject_pk=str(subject.pk) if subject else "",
        title=title[:120],
        text=text,
        url=url,
    )
    fields = [field.attname for field in Message._meta.concrete_fields if field.name not in ("id", "to")]
    copies = [Message(to=user, **{name: getattr(told, name) for name in fields}) for user in users]
    Message.objects.bulk_create(copies, ignore_conflicts=True)
    _queue(Message.objects.filter(key=key, to__in=users, deliveries=None), people, told.topic)


def unsay(subjects: Iterable[models.Model]) -> None:
    """Delete what anybody was told about these rows."""
    keys: dict[str, list[str]] = {}
    for row in subjects:
        keys.setdefault(row._meta.label_lower, []).append(str(row.pk))
    for label, pks in keys.items():
        Message.objects.filter(subject_model=label, subject_pk__in=pks).delete()


def _queue(messages: Iterable[Message], people: dict[int, User], topic: str) -> None:
    """Write down by which channels the new messages go, and send them once they are there to be seen."""
    wishes, unconfirmed = _wishes(list(people.values())), _unconfirmed(people.values())
    rows = []
    for message in messages:
        user = people[message.to_id]
        has = {
            Channel.EMAIL: _takes_mail(user, unconfirmed),
            Channel.SMS: bool(phone_of(user)),
        }
        for channel in Channel:
            rows.append(_delivery(message, channel, has[channel], wishes[user.pk][topic, channel]))
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    for pending in sorted({row.channel for row in rows if row.state == Delivery.State.PENDING}):
        jobs.send_on_commit(SEND, pending)


def _delivery(message: Message, channel: str, has_address: bool, wanted: bool) -> Delivery:
    row = Delivery(message=message, channel=channel)
    if not (has_address and wanted):
        row.state = Delivery.State.SKIPPED
        row.reason = _("本人没有选这种方式") if has_address else _("没有验证过的地址")
    return row


def absolute(url: str) -> str:
    """The address of a page of the portal, to be opened from elsewhere."""
    return f"{settings.SITE_URL}{url}" if url else ""


def readable(messages: list[Message], user: User) -> set[int]:
    """The keys of those of these messages whose link this user may follow; one query a kind of row."""
    subjects: dict[str, set[str]] = {}
    for one in messages:
        if one.url and one.subject_model:
            subjects.setdefault(one.subject_model, set()).add(one.subject_pk)
    seen = {(label, str(pk)) for label, keys in subjects.items() for pk in _visible(label, keys, user)}
    return {
        one.pk
        for one in messages
        if one.url and (not one.subject_model or (one.subject_model, one.subject_pk) in seen)
    }


def _visible(label: str, keys: set[str], user: User) -> Iterable[Any]:
    try:
        rows: Any = apps.get_model(label)._default_manager.filter(pk__in=keys)
    except LookupError:
        return []  # a model of an older version
    return rows.visible_to(user).values_list("pk", flat=True)
