"""An external calendar at an address that answers over TLS: fetched, blocked, fetched again, gone wrong."""

import contextlib
import datetime as dt
import http.server
import ipaddress
import ssl
import threading
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone

from facilities import tasks
from facilities.calendars import fetching
from facilities.models import ExternalCalendar, Occupancy
from tests.factories import BookingFactory, SpaceFactory, open_daily
from tests.factories.rooms import tomorrow

pytestmark = pytest.mark.django_db
# As other programs write them: a zone of its own, a rule, a day that is left out, a whole day.
SCHOOL = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//school//ZH\r
BEGIN:VTIMEZONE\r
TZID:China Standard Time\r
BEGIN:STANDARD\r
DTSTART:16010101T000000\r
TZOFFSETFROM:+0800\r
TZOFFSETTO:+0800\r
END:STANDARD\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
UID:lesson@school\r
SUMMARY:某老师的课\r
DTSTART;TZID=China Standard Time:{lesson:%Y%m%dT%H%M%S}\r
DURATION:PT1H30M\r
RRULE:FREQ=WEEKLY;COUNT=3\r
EXDATE;TZID=China Standard Time:{left_out:%Y%m%dT%H%M%S}\r
END:VEVENT\r
{more}END:VCALENDAR\r
"""
WHOLE_DAY = """BEGIN:VEVENT\r
UID:day@school\r
DTSTART;VALUE=DATE:{day:%Y%m%d}\r
DTEND;VALUE=DATE:{next:%Y%m%d}\r
END:VEVENT\r
"""


def certificate(folder):
    """A key and a certificate for 127.0.0.1 that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "calendar.test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "calendar.pem"
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/drip":
            with contextlib.suppress(OSError):
                for _number in range(100):
                    self.wfile.write(b"H")
                    time.sleep(0.1)
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_words):
        return


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    body = b""

    def handle_error(self, *_who):
        return


@pytest.fixture
def server(settings, tmp_path, monkeypatch):
    pem = certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pem)
    found = Server(("127.0.0.1", 0), Answers)
    found.socket = tls.wrap_socket(found.socket, server_side=True)
    threading.Thread(target=found.serve_forever, daemon=True).start()
    found.origin = f"https://127.0.0.1:{found.server_port}"
    settings.CALENDAR_TEST_ORIGINS = (found.origin,)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    yield found
    found.shutdown()
    found.server_close()


@pytest.fixture
def calendar(server):
    space = SpaceFactory(name="书画室")
    open_daily(space.facility)
    return ExternalCalendar.objects.create(space=space, name="学校排课", url=f"{server.origin}/school.ics")


def school(more=""):
    lesson = tomorrow(10)
    return SCHOOL.format(lesson=lesson, left_out=lesson + dt.timedelta(weeks=1), more=more).encode()


def taken(calendar):
    rows = Occupancy.objects.filter(block__calendar=calendar).order_by("during")
    return [(row.during.lower, row.during.upper) for row in rows]


def fetched(calendar):
    tasks.import_calendar(calendar.pk)
    calendar.refresh_from_db()
    return calendar


def test_calendar_is_fetched_from_its_address_and_follows_what_changes_there(server, calendar):
    booking = BookingFactory(space=calendar.space, starts_at=tomorrow(14, days=3))
    day = timezone.localtime(tomorrow(0, days=3))
    server.body = school(WHOLE_DAY.format(day=day, next=day + dt.timedelta(days=1)))

    fetched(calendar)

    lesson, third = tomorrow(10), tomorrow(10, days=15)
    length = dt.timedelta(minutes=90)
    midnight = tomorrow(0, days=3)
    assert taken(calendar) == [
        (lesson, lesson + length),
        (midnight, booking.starts_at),
        (booking.ends_at, midnight + dt.timedelta(days=1)),
        (third, third + length),
    ]
    assert [start for start, _end in calendar.clash_times] == [booking.starts_at]

    server.body = school()
    fetched(calendar)

    assert taken(calendar) == [(lesson, lesson + length), (third, third + length)]
    assert (calendar.clashes, calendar.error) == ([], "")


def test_address_that_begins_to_answer_rubbish_keeps_what_it_took_and_says_why(server, calendar):
    server.body = school()
    fetched(calendar)

    half = school()[: -len("END:VCALENDAR\r\n")]
    rubbish = (b"<html>login</html>" * 60_000, "不是能读的日历"), (b"x" * 2_500_000, "2 MB")
    for body, words in (*rubbish, (b"", "不是能读的日历"), (half, "不完整")):
        server.body = body
        assert words in fetched(calendar).error
        assert len(taken(calendar)) == 2


def test_certificate_nobody_knows_is_not_trusted(server, calendar, monkeypatch, tmp_path):
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path / "other")))

    assert "没有连上" in fetched(calendar).error


def test_answer_that_drips_is_given_up_in_time(server, calendar, monkeypatch):
    monkeypatch.setattr(fetching, "SECONDS", 1)
    calendar.url = f"{server.origin}/drip"
    calendar.save()
    began = time.monotonic()

    assert "慢" in fetched(calendar).error
    assert time.monotonic() - began < 4
