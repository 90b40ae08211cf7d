"""Text messages, through whichever way SMS_BACKEND names: the console, a list in memory, a gateway.

The gateway is one HTTP call, so that any provider's own interface needs only a small adapter in front:
POST SMS_GATEWAY_URL with `Authorization: Bearer SMS_GATEWAY_TOKEN` and the JSON
`{"phone": "+8613800138000", "signature": "里仁", "text": "…"}`, for notices also `"id"`: a gateway that
knows an id already answers as if it sent it, and does not. 2xx with `{"ok": true}` is taken;
4xx or `{"ok": false}` is refused for good; anything else may be tried again.
"""

import json
import sys
from collections import deque
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.utils.module_loading import import_string

ANSWER_BYTES = 64 * 1024
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class SmsUnavailable(Exception):
    """The message was not taken now; it may be tried again."""


class SmsRefused(SmsUnavailable):
    """The message will not be taken however often it is sent."""


class Message(NamedTuple):
    """One text to one number in E.164; the same key means the same message, sent again."""

    phone: str
    text: str
    key: str = ""


outbox: deque[Message] = deque(maxlen=1000)  # what `to_memory` took, newest last


def send(phone: str, text: str, *, key: str = "") -> None:
    """Send one text to one number in E.164; raise `SmsUnavailable` or `SmsRefused`."""
    import_string(settings.SMS_BACKEND)(Message(phone, text, key))


def to_console(message: Message) -> None:
    """Show the message to whoever develops; production has no console backend."""
    sys.stderr.write(f"SMS {message.phone}: {message.text}\n")


def to_memory(message: Message) -> None:
    """Keep the message for a test to read."""
    outbox.append(message)


def to_gateway(message: Message) -> None:
    """Hand the message to the HTTP gateway; neither the number nor the text reaches a log or an error."""
    body = {"phone": message.phone, "signature": settings.SMS_SIGNATURE, "text": message.text}
    if message.key:
        body["id"] = message.key
    request = Request(  # noqa: S310 - the scheme is checked with the settings
        settings.SMS_GATEWAY_URL,
        json.dumps(body, ensure_ascii=False).encode(),
        {"Authorization": f"Bearer {settings.SMS_GATEWAY_TOKEN}", "Content-Type": "application/json"},
    )
    try:
        with OPENER.open(request, timeout=settings.SMS_TIMEOUT_SECONDS) as answer:
            said = json.loads(answer.read(ANSWER_BYTES))
    except HTTPError as error:
        error.close()
        kind = SmsRefused if 400 <= error.code < 500 and error.code != 429 else SmsUnavailable
        raise kind(f"gateway answered {error.code}") from None
    except (OSError, ValueError) as error:
        raise SmsUnavailable(f"gateway: {type(error).__name__}") from None
    if not (isinstance(said, dict) and said.get("ok") is True):
        raise SmsRefused("gateway did not take the message")


class _NoRedirects(HTTPRedirectHandler):
    """A gateway that sends us elsewhere would get the token and the number there."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


OPENER = build_opener(_NoRedirects)


@register(Tags.security, deploy=True)
def check_gateway(**_kwargs: Any) -> list[Error]:
    """Production sends through a gateway, over TLS; one on this machine may do without."""
    if settings.SMS_BACKEND != "portal.sms.to_gateway":
        return []
    address = urlsplit(settings.SMS_GATEWAY_URL)
    if address.scheme == "https" or (address.scheme == "http" and address.hostname in LOOPBACK):
        return []
    return [Error("SMS_GATEWAY_URL: https://…", id="portal.E001")]
