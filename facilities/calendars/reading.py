"""Read an iCalendar file for its times alone: recurrences expanded, everything else left where it was."""

import datetime as dt
import re
import time
from collections.abc import Iterator
from typing import Any

from dateutil.rrule import rruleset, rrulestr
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar

from facilities.hours import Interval, local, merged

MOST_BYTES = 2_000_000
HEAD = 4_000  # bytes within which a calendar begins, and ends
MOST_LINES = 60_000
MOST_EVENTS = 5_000
LONGEST = 64_000  # of one line, put together again; some 3,800 dates left out of a series
FOLDED = re.compile(rb"\r?\n[ \t]")
MOST_TIMES = 20_000  # of one calendar within the horizon
MOST_STEPS = 50_000  # of one recurrence, those before today included
MOST_SECONDS = 5  # for a whole calendar: rules that match nothing take no steps, only time
MOST_RULES = 4  # of one event
SLOW = {"BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"}  # may match nothing until the year 9999
Event = Any  # a component of the library, whose types are a union of everything it knows
OURS = "@liren"  # times that our own feed gave to the other calendar


class Unreadable(Exception):
    """Why a file is not a calendar we can take in, in words for whoever handed it in."""


def times_of(text: bytes, first: dt.datetime, last: dt.datetime) -> list[Interval]:
    """When the events of a calendar take place between two moments, in order, overlaps joined."""
    deadline = time.monotonic() + MOST_SECONDS
    _ask_size(text)
    try:
        calendar = Calendar.from_ical(text)
        events = [one for one in calendar.walk("VEVENT") if _counts(one)]
        _ask_time(deadline)
        found = merged(list(_limited(_expanded(events, first, last, deadline))))
    except Unreadable:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
        raise Unreadable(_("这不是能读的日历文件（.ics）。")) from error
    return [(max(start, first), min(end, last)) for start, end in found]


def _ask_size(text: bytes) -> None:
    """Refuse what is no calendar at all, and what the parser, which cannot be stopped, would be busy with."""
    if b"BEGIN:VCALENDAR" not in text[:HEAD].upper():
        raise Unreadable(_("这不是能读的日历文件（.ics）。"))
    if b"END:VCALENDAR" not in text[-HEAD:].upper():  # half a calendar would free what the other half takes
        raise Unreadable(_("日历不完整，没有导入，原来的占用不变。"))
    lines = FOLDED.sub(b"", text[: MOST_BYTES + 1]).splitlines()
    begun = sum(line[:6].upper() == b"BEGIN:" for line in lines)
    if (
        len(text) > MOST_BYTES
        or text.count(b"\n") + text.count(b"\r") > 2 * MOST_LINES
        or len(lines) > MOST_LINES
        or begun > 2 * MOST_EVENTS
        or max(map(len, lines), default=0) > LONGEST
    ):
        raise Unreadable(_("日历文件太大：最多 2 MB、%d 个事件。请只导出今年以后的。") % MOST_EVENTS)


def _limited(times: Iterator[Interval]) -> Iterator[Interval]:
    for number, one in enumerate(times):
        if number >= MOST_TIMES:
            raise Unreadable(_("日历里的时间太多，没有导入。"))
        yield one


def _counts(event: Event) -> bool:
    """Cancelled events, those that leave the time free and our own do not block."""
    is_free = str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
    is_off = str(event.get("STATUS", "")).upper() == "CANCELLED"
    is_ours = str(event.get("UID", "")).endswith(OURS)
    changes = "RECURRENCE-ID" in event  # one date of a series: it takes that date's place even if called off
    return "DTSTART" in event and not is_ours and (changes or not (is_free or is_off))


def _expanded(
    events: list[Event], first: dt.datetime, last: dt.datetime, deadline: float
) -> Iterator[Interval]:
    moved = {(str(one.get("UID")), _moment(one["RECURRENCE-ID"].dt)) for one in events if _is_change(one)}
    for event in events:
        length = _length(event)
        _ask_time(deadline)
        for start in _starts(event, first - length, last):
            at = _moment(start)
            _ask_time(deadline)
            if not _is_change(event) and (str(event.get("UID")), at) in moved:
                continue
            if at < last and at + length > first:
                yield at, at + length


def _is_change(event: Event) -> bool:
    return "RECURRENCE-ID" in event


def _starts(event: Event, first: dt.datetime, last: dt.datetime) -> Iterator[dt.date]:
    """Every start of an event in the clock of the event itself, so that a rule keeps its hour."""
    start = event["DTSTART"].dt
    if _is_change(event):
        is_off = str(event.get("STATUS", "")).upper() == "CANCELLED"
        if not is_off:
            yield start
        return
    if "RRULE" not in event and "RDATE" not in event:
        yield start
        return
    zone = getattr(start, "tzinfo", None)
    begin, end = _clock(first, zone), _clock(last, zone)
    for number, one in enumerate(_recurrence(event, start)):
        if one > end:
            return
        if number >= MOST_STEPS:
            raise Unreadable(_("日历里的重复事件太密，没有导入。"))
        if one >= begin:
            yield one.replace(tzinfo=zone) if isinstance(start, dt.datetime) else one.date()


def _recurrence(event: Event, start: dt.date) -> rruleset:
    zone, begin = getattr(start, "tzinfo", None), _bare(start)
    found = rruleset()
    found.rdate(begin)
    for rule in _rules(event):
        until = _first(rule.get("UNTIL"))
        if until is not None:
            rule["UNTIL"] = [_clock(_moment(until), zone) if isinstance(until, dt.datetime) else until]
        found.rrule(rrulestr(rule.to_ical().decode(), dtstart=begin, ignoretz=True))
    for name, add in (("RDATE", found.rdate), ("EXDATE", found.exdate)):
        for dates in _listed(event.get(name)):
            for one in dates.dts:
                moment = one.dt[0] if isinstance(one.dt, tuple) else one.dt
                add(
                    _clock(_moment(moment), zone) if getattr(moment, "tzinfo", None) else _bare(moment, begin)
                )
    return found


def _rules(event: Event) -> list[Any]:
    """The rules of an event; those that look day by day, or closer, for a date that may never come are refused."""
    rules = _listed(event.get("RRULE"))
    for rule in rules:
        often = str(_first(rule.get("FREQ"))).upper()
        is_slow = often in ("DAILY", "WEEKLY") and not SLOW.isdisjoint(rule)
        stands_still = int(_first(rule.get("INTERVAL", 1))) < 1  # the same date again, without an end
        is_dense = often.endswith("LY") and often not in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
        if is_dense or is_slow or stands_still:
            raise Unreadable(_("日历里的重复事件太密，没有导入。"))
    if len(rules) > MOST_RULES:
        raise Unreadable(_("日历里的重复事件太密，没有导入。"))
    return rules


def _ask_time(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise Unreadable(_("日历里的时间太多，没有导入。"))


def _bare(value: dt.date, like: dt.datetime | None = None) -> dt.datetime:
    """A date or time without its zone; a bare date stands for the series' own hour."""
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    return dt.datetime.combine(value, like.time() if like else dt.time.min)


def _clock(moment: dt.datetime, zone: dt.tzinfo | None) -> dt.datetime:
    return moment.astimezone(zone or timezone.get_current_timezone()).replace(tzinfo=None)


def _moment(value: dt.date) -> dt.datetime:
    """A moment; whole days and clock times without a zone are the portal's own."""
    if not isinstance(value, dt.datetime):
        return local(value)
    return value if value.tzinfo else timezone.make_aware(value)


def _length(event: Event) -> dt.timedelta:
    start = event["DTSTART"].dt
    if "DTEND" in event:
        length = _moment(event["DTEND"].dt) - _moment(start)
    elif "DURATION" in event:
        length = event["DURATION"].dt
    else:
        length = dt.timedelta(0) if isinstance(start, dt.datetime) else dt.timedelta(days=1)
    return max(length, dt.timedelta(0))


def _listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value
