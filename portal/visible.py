"""Text is what people see of it: signs without a shape are not kept, so that no two names look the same.

A name with a zero-width space in it would be another name; one that turns the direction of writing would
show a sum or a name turned round. They come with copied text, so they are left out and not complained of.
"""

import re
from collections.abc import Callable, Iterator

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict

# Control signs but tab and line breaks, format signs (zero width, direction, tags), blank letters.
UNSEEN = re.compile(
    "[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u115f\u1160\u180e"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)
AS_TYPED = "password"  # whoever has such a sign in a password types it again


def visible(text: str) -> str:
    """The text without what cannot be seen in it."""
    return UNSEEN.sub("", text)


class VisibleTextMiddleware:
    """Forms come with what people saw in them; NUL, which no form holds and no database, is answered 400."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        if any("\0" in text for text in _texts(request)):
            raise BadRequest("NUL in the request")
        if any(UNSEEN.search(text) for text in _values(request.POST)):
            request.POST = _seen(request.POST)  # type: ignore[assignment]


def _seen(sent: QueryDict) -> QueryDict:
    seen = sent.copy()
    for name, values in sent.lists():
        if AS_TYPED not in name:
            seen.setlist(name, [visible(value) for value in values])
    return seen


def _texts(request: HttpRequest) -> Iterator[str]:
    yield request.path_info
    for sent in (request.GET, request.POST):
        yield from sent
        yield from _values(sent)


def _values(sent: QueryDict) -> Iterator[str]:
    for _name, values in sent.lists():
        yield from values
