"""Fetch a file from an address somebody typed in: https only, public machines only, little and soon."""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from facilities.calendars.reading import MOST_BYTES

SECONDS = 20  # for everything together
REDIRECTS = 3
PUBLIC_V6 = ipaddress.ip_network("2000::/3")  # everything else is local, or hides an IPv4 address
PROTOCOLS_V4 = ipaddress.ip_network("192.0.0.0/24")
MOVED = (301, 302, 303, 307, 308)


class NotFetched(Exception):
    """What an address did not give, in words for whoever entered it."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where to knock: the parts of the address and the one machine that was checked."""

    parts: SplitResult
    host: str
    port: int
    machine: str


def fetch(url: str) -> bytes:
    """The body behind an address; every redirect is checked like the first address."""
    deadline = time.monotonic() + SECONDS
    for _number in range(REDIRECTS + 1):
        place = _checked(url)
        try:
            answer = _ask(place, deadline)
        except (OSError, ValueError, http.client.HTTPException) as error:
            _left(deadline)
            raise NotFetched(_("没有连上这个地址，稍后会再试。")) from error
        if isinstance(answer, bytes):
            return answer
        url = urljoin(url, answer)
    raise NotFetched(_("这个地址跳转了太多次，没有取到日历。"))


def _checked(url: str) -> _Place:
    """Refuse what is not https, names no machine, or names one that is not public."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise NotFetched(_("这不是一个网址。")) from error
    allowed = f"{parts.scheme}://{parts.netloc}" in settings.CALENDAR_TEST_ORIGINS
    if parts.scheme != "https" and not allowed:
        raise NotFetched(_("日历地址要以 https:// 开头。"))
    if not host or parts.username or parts.password:
        raise NotFetched(_("地址里不能带用户名和密码。") if host else _("这不是一个网址。"))
    port = port or 443
    if port != 443 and not allowed:
        raise NotFetched(_("只取 443 端口上的日历。"))
    return _Place(parts, host, port, _machine(host, port, allowed=allowed))


def _machine(host: str, port: int, *, allowed: bool) -> str:
    """The checked machine; connecting to it, not to the name, leaves no second look-up to be lied to."""
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:
        raise NotFetched(_("找不到这个网址的服务器。")) from error
    machines = sorted(str(one).partition("%")[0] for one in found)
    if not allowed and not all(_is_public(one) for one in machines):
        raise NotFetched(_("这个地址指向内部网络，不能取。"))
    return machines[0]


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address) and (address not in PUBLIC_V6 or address.sixtofour):
        return False
    return address.is_global and not address.is_multicast and address not in PROTOCOLS_V4


def _ask(place: _Place, deadline: float) -> bytes | str:
    """The body, or where the answer sends us."""
    line = socket.create_connection((place.machine, place.port), timeout=_left(deadline))
    try:
        if place.parts.scheme == "https":
            line = ssl.create_default_context().wrap_socket(
                line, server_hostname=place.host, do_handshake_on_connect=False
            )
        with _hanging_up(line, deadline):
            return _talk(place, line, deadline)
    finally:
        line.close()


@contextmanager
def _hanging_up(line: socket.socket, deadline: float) -> Iterator[None]:
    """Cut the line when the time is over: whoever drips byte by byte never lets a single wait run out."""
    timer = threading.Timer(_left(deadline), _cut, (line,))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(line: socket.socket) -> None:
    with suppress(OSError):
        socket.socket.shutdown(line, socket.SHUT_RDWR)


def _talk(place: _Place, line: socket.socket, deadline: float) -> bytes | str:
    if isinstance(line, ssl.SSLSocket):
        line.do_handshake()
    kind = http.client.HTTPSConnection if place.parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(place.host, place.port)
    connection.sock = line
    target = place.parts.path or "/"
    target += f"?{place.parts.query}" if place.parts.query else ""
    connection.request("GET", target, headers={"Accept": "text/calendar", "User-Agent": "Liren"})
    answer = connection.getresponse()
    if answer.status in MOVED and answer.getheader("Location"):
        return str(answer.getheader("Location"))
    if answer.status != 200:
        raise NotFetched(_("对方的服务器回答 %d，没有给出日历。") % answer.status)
    return _body(answer, line, deadline)


def _body(answer: http.client.HTTPResponse, line: socket.socket, deadline: float) -> bytes:
    """Read piece by piece, so that neither a large nor a slow answer holds us."""
    body = b""
    while True:
        line.settimeout(_left(deadline))
        piece = answer.read1(65_536)
        if not piece:
            _left(deadline)  # a line that was cut looks like one that has ended
            return body
        body += piece
        if len(body) > MOST_BYTES:
            raise NotFetched(_("日历超过 2 MB，没有导入。"))


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise NotFetched(_("对方太慢，稍后会再试。"))
    return left
