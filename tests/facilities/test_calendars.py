"""Calendars of other systems: fetched with care, blocking rooms under the constraint bookings obey."""

import datetime as dt
import http.server
import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from facilities import bookings, feeds, utilisation
from facilities.bookings import Taken, Wish
from facilities.calendars import fetching, importing
from facilities.calendars.fetching import NotFetched, fetch
from facilities.calendars.reading import Unreadable, times_of
from facilities.models import Block, Booking, BookingState, ExternalCalendar, Occupancy
from portal.access import Role
from tests.factories import BookingFactory, SpaceFactory, SpaceLinkFactory, UserFactory, open_daily, staff
from tests.factories.rooms import tomorrow

HOUR = dt.timedelta(hours=1)


def ics(*events):
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//ZH"]
    for number, event in enumerate(events):
        uid = [] if any(line.startswith("UID") for line in event) else [f"UID:{number}@elsewhere"]
        lines += ["BEGIN:VEVENT", *uid, "SUMMARY:某人的秘密会议", *event, "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def event(start, end, *more):
    return [
        f"DTSTART:{start.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}",
        f"DTEND:{end.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}",
        *more,
    ]


@pytest.fixture
def calendar(db):
    space = SpaceFactory(name="书画室")
    open_daily(space.facility)
    return ExternalCalendar.objects.create(space=space, name="学校排课")


def taken(calendar):
    rows = Occupancy.objects.filter(block__calendar=calendar).order_by("during")
    return [(row.during.lower, row.during.upper) for row in rows]


def test_event_elsewhere_keeps_bookings_away(calendar):
    importing.take_in(calendar, ics(event(tomorrow(10), tomorrow(11))))

    with pytest.raises(Taken) as refused:
        bookings.book(Wish(calendar.space, tomorrow(10), tomorrow(11)), by=UserFactory())

    assert refused.value.free


def test_event_in_the_hall_blocks_both_halves(db):
    link = SpaceLinkFactory()
    calendar = ExternalCalendar.objects.create(space=link.whole, name="物业")

    importing.take_in(calendar, ics(event(tomorrow(10), tomorrow(11))))

    assert Occupancy.objects.get().space == link.part


def test_event_that_meets_a_booking_is_reported_and_not_forced(calendar):
    booking = BookingFactory(space=calendar.space)

    importing.take_in(calendar, ics(event(tomorrow(9), tomorrow(12))))

    calendar.refresh_from_db()
    assert taken(calendar) == [(tomorrow(9), tomorrow(10)), (tomorrow(11), tomorrow(12))]
    assert [dt.datetime.fromisoformat(one[0]) for one in calendar.clashes] == [booking.starts_at]
    assert booking.occupancies.count() == 1


def test_same_file_again_changes_nothing_and_a_removed_event_frees_its_time(calendar):
    both = ics(event(tomorrow(10), tomorrow(11)), event(tomorrow(14), tomorrow(15)))
    importing.take_in(calendar, both)
    before = list(Block.objects.values_list("pk", flat=True).order_by("pk"))
    importing.take_in(calendar, both)

    assert list(Block.objects.values_list("pk", flat=True).order_by("pk")) == before
    queued = bookings.wait(Wish(calendar.space, tomorrow(10), tomorrow(11)), by=UserFactory())

    importing.take_in(calendar, ics(event(tomorrow(14), tomorrow(15))))

    queued.refresh_from_db()
    assert queued.state == BookingState.HELD
    assert taken(calendar) == [(tomorrow(14), tomorrow(15))]


def test_weekly_event_is_expanded_without_its_exception_and_with_its_moved_date(calendar):
    start = tomorrow(10)
    week = dt.timedelta(weeks=1)

    def clock(at):
        return f"{at:%Y%m%dT%H%M%S}"

    series = [
        "UID:s",
        f"DTSTART;TZID=Asia/Shanghai:{clock(start)}",
        f"DTEND;TZID=Asia/Shanghai:{clock(start + HOUR)}",
        "RRULE:FREQ=WEEKLY;COUNT=4",
        f"EXDATE;TZID=Asia/Shanghai:{clock(start + week)}",
    ]
    moved = [
        "UID:s",
        f"RECURRENCE-ID;TZID=Asia/Shanghai:{clock(start + 2 * week)}",
        f"DTSTART;TZID=Asia/Shanghai:{clock(start + 2 * week + 5 * HOUR)}",
        f"DTEND;TZID=Asia/Shanghai:{clock(start + 2 * week + 6 * HOUR)}",
    ]

    importing.take_in(calendar, ics(series, moved))

    assert [begin for begin, _end in taken(calendar)] == [
        start,
        start + 2 * week + 5 * HOUR,
        start + 3 * week,
    ]


def test_whole_days_block_from_midnight_and_free_or_cancelled_events_do_not(calendar):
    day = tomorrow(0)
    text = ics(
        [f"DTSTART;VALUE=DATE:{day:%Y%m%d}"],
        event(tomorrow(10, 3), tomorrow(11, 3), "TRANSP:TRANSPARENT"),
        event(tomorrow(10, 4), tomorrow(11, 4), "STATUS:CANCELLED"),
        event(tomorrow(10, 5), tomorrow(11, 5), "UID:booking-1@liren"),
    )

    importing.take_in(calendar, text)

    assert taken(calendar) == [(day, day + dt.timedelta(days=1))]


def test_endless_rule_stops_at_the_horizon(calendar):
    importing.take_in(calendar, ics(event(tomorrow(10), tomorrow(11), "RRULE:FREQ=DAILY")))

    assert 360 < len(taken(calendar)) <= 366


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\x00\xff\xfe",
        "不是日历".encode(),
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:junk\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        ics(
            event(
                dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
                dt.datetime(2020, 1, 1, 1, tzinfo=dt.UTC),
                "RRULE:FREQ=SECONDLY",
            )
        ),
    ],
    ids=["empty", "bytes", "words", "junk", "every second"],
)
def test_what_is_no_calendar_is_refused_in_words(text):
    with pytest.raises(Unreadable, match="日历"):
        times_of(text, *importing.horizon())


def test_database_refuses_a_block_over_a_booking(calendar):
    booking = BookingFactory(space=calendar.space)
    block = Block.objects.create(calendar=calendar, starts_at=booking.starts_at, ends_at=booking.ends_at)

    with pytest.raises(IntegrityError), transaction.atomic():
        Occupancy.objects.create(space=calendar.space, block=block, during=(block.starts_at, block.ends_at))
    with pytest.raises(IntegrityError), transaction.atomic():
        Occupancy.objects.create(space=calendar.space, during=(tomorrow(15), tomorrow(16)))


def test_what_another_calendar_took_counts_as_use_and_stays_out_of_names(calendar, client):
    importing.take_in(calendar, ics(event(tomorrow(10), tomorrow(11))))
    day = tomorrow(10).date()

    [row] = utilisation.use_of([calendar.space], day, day)
    feed = client.get(reverse("room_feed", args=[calendar.space_id, feeds.address_of(calendar.space)]))

    assert row.use.booked == 60
    assert "block-" in feed.content.decode()
    assert "秘密" not in feed.content.decode()


def test_deleting_a_calendar_keeps_the_time_it_took_and_frees_the_time_to_come(calendar):
    importing.take_in(calendar, ics(event(tomorrow(10), tomorrow(11))))
    past = Block.objects.create(calendar=calendar, starts_at=tomorrow(10, -1), ends_at=tomorrow(11, -1))
    day = tomorrow(10, -1).date()
    [before] = utilisation.use_of([calendar.space], day, day)

    importing.remove(calendar)

    [after] = utilisation.use_of([calendar.space], day, day)
    assert (before.use.booked, after.use.booked) == (60, 60)
    assert list(Block.objects.all()) == [past]
    assert not Occupancy.objects.exists()


def test_name_of_a_deleted_calendar_can_be_used_again(calendar, client):
    Block.objects.create(calendar=calendar, starts_at=tomorrow(10, -1), ends_at=tomorrow(11, -1))
    client.force_login(staff(Role.CLERK, calendar.space.community))

    client.post(reverse("admin:facilities_externalcalendar_delete", args=[calendar.pk]), {"post": "yes"})
    client.get(reverse("admin:facilities_externalcalendar_changelist"))
    listed = client.get(reverse("admin:facilities_externalcalendar_changelist")).content.decode()

    assert "学校排课" not in listed
    assert ExternalCalendar.objects.create(space=calendar.space, name="学校排课").pk


# Fetching


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/a.ics",
        "ftp://example.org/a.ics",
        "https://127.0.0.1/a.ics",
        "https://localhost/a.ics",
        "https://10.1.2.3/a.ics",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/a.ics",
        "https://[::ffff:127.0.0.1]/a.ics",
        "https://[64:ff9b::7f00:1]/a.ics",
        "https://[64:ff9b:1::7f00:1]/a.ics",
        "https://[::7f00:1]/a.ics",
        "https://[::ffff:0:127.0.0.1]/a.ics",
        "https://[fec0::1]/a.ics",
        "https://[2002:7f00:1::]/a.ics",
        "https://192.0.0.8/a.ics",
        "https://0.0.0.0/a.ics",
        "https://2130706433/a.ics",
        "https://user:word@example.org/a.ics",
        "https://1.1.1.1:8443/a.ics",
        "https:///a.ics",
        "https://[bad/a.ics",
    ],
)
def test_address_that_is_not_public_https_is_not_asked(url, monkeypatch):
    monkeypatch.setattr(fetching, "_ask", lambda *place: pytest.fail("asked"))

    with pytest.raises(NotFetched):
        fetch(url)


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/a.ics")
            self.end_headers()
            return
        if self.path == "/inside":
            self.send_response(302)
            self.send_header("Location", "https://169.254.169.254/secret")
            self.end_headers()
            return
        self.send_response(404 if self.path == "/gone" else 200)
        self.end_headers()
        if self.path == "/large":
            for _number in range(40):
                self.wfile.write(b"x" * 65_536)
        else:
            self.wfile.write(ics(event(tomorrow(10), tomorrow(11))))

    def log_message(self, *_words):
        return


@pytest.fixture
def origin(settings):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.CALENDAR_TEST_ORIGINS = (f"http://127.0.0.1:{server.server_port}",)
    yield settings.CALENDAR_TEST_ORIGINS[0]
    server.shutdown()
    server.server_close()


def test_calendar_is_fetched_and_a_redirect_followed(origin, calendar):
    importing.take_in(calendar, fetch(f"{origin}/moved"))

    assert taken(calendar) == [(tomorrow(10), tomorrow(11))]


@pytest.mark.parametrize(("path", "words"), [("inside", "内部网络"), ("large", "2 MB"), ("gone", "404")])
def test_redirect_inside_large_and_missing_answers_are_refused(origin, path, words):
    with pytest.raises(NotFetched, match=words):
        fetch(f"{origin}/{path}")


def test_slow_answer_is_given_up(origin, monkeypatch):
    monkeypatch.setattr(fetching, "SECONDS", 0)

    with pytest.raises(NotFetched, match="太慢"):
        fetch(f"{origin}/a.ics")


def test_what_went_wrong_stays_at_the_calendar_and_its_blocks_too(calendar):
    importing.take_in(calendar, ics(event(tomorrow(10), tomorrow(11))))
    calendar.url = "https://127.0.0.1/a.ics"
    calendar.save()

    importing.refresh(calendar)

    calendar.refresh_from_db()
    assert "内部网络" in calendar.error
    assert len(taken(calendar)) == 1


# The staff's screens


def form_of(calendar, **fields):
    return {"space": calendar.space_id, "name": "物业会议", "url": "", **fields}


def test_clerk_hands_in_a_file_sees_the_clash_and_removes_the_calendar(calendar, client):
    BookingFactory(space=calendar.space)
    client.force_login(staff(Role.CLERK, calendar.space.community))
    file = SimpleUploadedFile("a.ics", ics(event(tomorrow(10), tomorrow(12))))

    client.post(reverse("admin:facilities_externalcalendar_add"), form_of(calendar, file=file))

    made = ExternalCalendar.objects.get(name="物业会议")
    page = client.get(reverse("admin:facilities_externalcalendar_change", args=[made.pk])).content.decode()
    assert f"{tomorrow(10):%m-%d} 10:00" in page
    assert "1 处与预约冲突" in client.get(reverse("admin:rooms_touched")).content.decode() or made.clashes
    assert taken(made) == [(tomorrow(11), tomorrow(12))]

    client.post(reverse("admin:facilities_externalcalendar_delete", args=[made.pk]), {"post": "yes"})

    assert not ExternalCalendar.objects.filter(pk=made.pk).exists()
    assert Occupancy.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "请填日历地址"),
        ({"url": "http://example.org/a.ics"}, "https"),
        ({"file": "junk"}, "不是能读的日历"),
        ({"name": "学校排课", "url": "https://example.org/a.ics"}, "已有同名的外部日历"),
    ],
)
def test_bad_input_is_answered_in_words(calendar, client, fields, words):
    client.force_login(staff(Role.CLERK, calendar.space.community))
    if "file" in fields:
        fields = {"file": SimpleUploadedFile("a.ics", b"junk")}

    page = client.post(reverse("admin:facilities_externalcalendar_add"), form_of(calendar, **fields))

    assert words in page.content.decode()
    assert ExternalCalendar.objects.count() == 1


def test_calendar_shows_the_block_without_what_it_is_for(calendar, client):
    importing.take_in(calendar, ics(event(tomorrow(10), tomorrow(11))))
    client.force_login(staff(Role.OFFICIAL, calendar.space.community))

    pages = [
        client.get(
            reverse("admin:rooms_calendar"), {"day": f"{tomorrow(10):%Y-%m-%d}", "days": days}
        ).content.decode()
        for days in ("1", "7")
    ]

    assert all("外部日历占用" in page and "秘密" not in page for page in pages)
    assert Booking.objects.count() == 0
    assert timezone.now() < tomorrow(10)
