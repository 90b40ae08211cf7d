"""A walk through every page somebody can open: what each costs in queries and milliseconds."""

import html
import re
import statistics
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urldefrag, urlencode, urlsplit

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.screens.routes import DOORS, route_of, routes_without_arguments

MOST_QUERIES, MOST_MS = 15, 300
LINK = re.compile(r"""(?:href|hx-get)=["']([^"'#]+)""")
SEARCHED = "1"


@dataclass(frozen=True, slots=True)
class Visit:
    """One page as one person opened it."""

    route: str
    address: str
    status: int
    queries: int
    ms: float
    text: str

    @property
    def is_costly(self) -> bool:
        return self.queries > MOST_QUERIES or self.ms > MOST_MS


def walk(client: Client, *, times: int = 1, doors: Iterable[str] = ()) -> Iterator[Visit]:
    """Open one address of every page that links lead to, and every list once more searched and filtered."""
    waiting = [*DOORS, *routes_without_arguments(), *doors]
    seen: set[str] = set()
    while waiting:
        address = urldefrag(waiting.pop(0)).url
        kind = kind_of(address)
        if kind is None or kind in seen:
            continue
        seen.add(kind)
        visit = open_page(client, kind, address, times)
        yield visit
        if visit.status == 200:
            waiting += _links(address, visit.text)
            if "/admin/" in address and 'id="changelist' in visit.text and "?" not in address:
                waiting.append(f"{address}?q={SEARCHED}")


def kind_of(address: str) -> str | None:
    """A page's pattern with the names of what is asked: one address of each kind is opened."""
    parts = urlsplit(address)
    route = None if parts.netloc else route_of(address)
    if route is None:
        return None
    asked = sorted({name for name, _value in parse_qsl(parts.query)} - {"_changelist_filters", "next"})
    # Of the ways to ask a list only single ones: each filter alone, the search, the next page.
    return (
        f"{route}?{urlencode([(asked[0], '')])[:-1]}" if len(asked) == 1 else (route if not asked else None)
    )


def open_page(client: Client, kind: str, address: str, times: int) -> Visit:
    if times:
        client.get(address)  # what is made once (templates, sessions) is no cost of the page
    with CaptureQueriesContext(connection) as caught:
        response = client.get(address)
        asked = len(connection.queries_log) - caught.initial_queries
    text = "" if response.streaming else response.content.decode(errors="replace")
    took = [_ms(client, address) for _time in range(times)]
    return Visit(kind, address, response.status_code, asked, statistics.median(took or [0]), text)


def _ms(client: Client, address: str) -> float:
    started = time.perf_counter()
    client.get(address)
    return (time.perf_counter() - started) * 1000


def _links(address: str, text: str) -> list[str]:
    found = []
    for link in LINK.findall(text):
        link = html.unescape(link)
        if link.startswith("?"):
            link = address.partition("?")[0] + link
        if link.startswith("/"):
            found.append(link)
    return found
