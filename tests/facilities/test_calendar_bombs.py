"""Calendars made to keep us busy, and the address of one that is fetched later."""

import datetime as dt
import time

import pytest
from django.urls import reverse

from facilities.calendars import importing, reading
from facilities.calendars.reading import Unreadable, times_of
from facilities.models import ExternalCalendar
from portal import jobs
from portal.access import Role
from tests.facilities.test_calendars import event, ics
from tests.factories import SpaceFactory, staff
from tests.factories.rooms import tomorrow


@pytest.mark.parametrize(
    "rules",
    [
        ["RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"],
        ["RRULE:FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30"],
        ["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"] * 5,
        ["RRULE:FREQ=DAILY;INTERVAL=0"],
    ],
    ids=["daily", "hourly", "many", "standing"],
)
def test_rule_that_looks_day_by_day_for_what_never_comes_is_refused_at_once(rules):
    begun = time.monotonic()

    with pytest.raises(Unreadable, match="太密"):
        times_of(ics(event(tomorrow(10), tomorrow(11), *rules)), *importing.horizon())

    assert time.monotonic() - begun < 1


def test_calendar_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(reading, "MOST_SECONDS", 0.1)
    old = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
    ended = event(old, old + dt.timedelta(hours=1), "RRULE:FREQ=DAILY;UNTIL=20200101T000000Z")

    with pytest.raises(Unreadable, match="太多"):
        times_of(ics(*[ended] * 20), *importing.horizon())


@pytest.mark.django_db
def test_address_of_a_calendar_is_kept_and_fetched_by_a_worker(
    client, monkeypatch, django_capture_on_commit_callbacks
):
    space, sent = SpaceFactory(), []
    client.force_login(staff(Role.CLERK, space.community))
    monkeypatch.setattr(jobs, "send", lambda task, *args: sent.append((task, *args)))
    form = {"space": space.pk, "name": "排课", "url": "https://example.org/a.ics"}

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("admin:facilities_externalcalendar_add"), form)

    assert answer.status_code == 302
    assert sent == [("facilities.tasks.import_calendar", ExternalCalendar.objects.get().pk)]


BIG = {
    "bytes": b"X" * 2_100_000,
    "events": b"BEGIN:VEVENT\r\nDTSTART:20261201T100000Z\r\nEND:VEVENT\r\n" * 11_000,
    "parts": b"BEGIN:VEVENT\r\n" + b"BEGIN:VALARM\r\nEND:VALARM\r\n" * 20_000 + b"END:VEVENT\r\n",
    "lines": b"BEGIN:VEVENT\r\n" + b"X-A:1\r\n" * 100_000 + b"END:VEVENT\r\n",
    "folds": b"BEGIN:VEVENT\r\nSUMMARY:x\r\n" + b" y\r\n" * 400_000 + b"END:VEVENT\r\n",
    "long": b"BEGIN:VEVENT\r\nCATEGORIES:" + b"a," * 900_000 + b"\r\nEND:VEVENT\r\n",
}


@pytest.mark.parametrize("kind", BIG)
def test_calendar_too_big_for_the_parser_is_refused_before_it_is_parsed(kind):
    text = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n" + BIG[kind] + b"END:VCALENDAR\r\n"
    begun = time.monotonic()

    with pytest.raises(Unreadable, match="日历文件太大"):
        times_of(text, *importing.horizon())

    assert time.monotonic() - begun < 1


def test_calendar_of_a_school_with_thousands_of_events_is_read():
    events = [event(tomorrow(10), tomorrow(11))] * 4_000

    assert times_of(ics(*events), *importing.horizon()) == [(tomorrow(10), tomorrow(11))]
