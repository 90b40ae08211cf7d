"""Codes on their way: sealed for the queue, so that neither number nor code lies there to be read."""

import json
import logging
import time
from typing import Literal

from django.conf import settings
from django.core.mail import send_mail
from django.utils.translation import gettext as _

from portal import jobs, sms
from portal.errors import Refused
from portal.personal import decrypt, encrypt

logger = logging.getLogger(__name__)

TASK = "portal.tasks.send_code"
TOO_OLD = settings.CODE_SECONDS

Way = Literal["sms", "mail", "nowhere"]


class NotSent(Refused):
    """The queue is away; the same for known and unknown addresses."""

    status = 503


def send(way: Way, to: str = "", text: str = "", subject: str = "") -> None:
    """Hand a message to the workers; one that goes nowhere takes the same road, so that nobody can tell."""
    message = json.dumps([time.time(), way, to, text, subject])
    if not jobs.send(TASK, encrypt(message)):
        raise NotSent(_("验证码暂时发不出去。您的账户没有变化，请过几分钟再试，或改用密码登录。"))


def deliver(sealed: str) -> None:
    """Send what `send` handed over; a code that waited too long is of no use any more."""
    at, way, to, text, subject = json.loads(decrypt(sealed))
    if time.time() - at > TOO_OLD:
        return
    if way == "sms":
        _text(to, text)
    elif way == "mail":
        send_mail(subject, text, None, [to])


def _text(phone: str, text: str) -> None:
    """A gateway that is away is asked again; what it will never take is told to whoever runs it."""
    try:
        sms.send(phone, text)
    except sms.SmsRefused as error:
        logger.warning("A code did not go out: %s.", error)
