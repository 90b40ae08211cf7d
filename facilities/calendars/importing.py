"""Take another calendar's times in as blocks under the constraint that keeps bookings apart."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from facilities.bookings.changing import offer_to_waiting
from facilities.bookings.making import collisions_are_refusals, lock_spaces
from facilities.bookings.refusals import BookingRefused
from facilities.calendars.fetching import NotFetched, fetch
from facilities.calendars.reading import Unreadable, times_of
from facilities.hours import Interval, merged, without
from facilities.models import Block, ExternalCalendar, Occupancy
from portal import audit

HORIZON = dt.timedelta(days=366)
MOST_CLASHES = 50  # kept to be shown


def horizon() -> Interval:
    """From when until when other calendars count."""
    now = timezone.now()
    return now, now + HORIZON


def refresh(calendar: ExternalCalendar, *, by: Any = None) -> None:
    """Fetch a calendar's address and take it in; what went wrong stays written at the calendar."""
    try:
        take_in(calendar, fetch(calendar.url), by=by)
    except (NotFetched, Unreadable, BookingRefused) as error:
        calendar.error = str(error)[:200]
        calendar.save(update_fields=["error"])


def take_in(calendar: ExternalCalendar, text: bytes, *, by: Any = None) -> None:
    """Make the calendar's future blocks those of this file; what is booked stays booked and is named."""
    now, last = horizon()
    wanted = times_of(text, now, last)
    with collisions_are_refusals(), transaction.atomic():
        leaves = lock_spaces([calendar.space])
        if (
            not ExternalCalendar.objects.in_use()
            .select_for_update(of=("self",))
            .filter(pk=calendar.pk)
            .exists()
        ):
            raise Unreadable(_("这个外部日历已经删除。"))
        keys = leaves.of(calendar.space_id)
        others = _taken_by_others(calendar, keys, now)
        free = [part for part in without(wanted, others) if part[0] < part[1]]
        freed = _replace(calendar, free, keys, now)
        calendar.clashes = [
            [start.isoformat(), end.isoformat()] for start, end in without(wanted, free)[:MOST_CLASHES]
        ]
        calendar.fetched_at, calendar.error = now, ""
        calendar.save(update_fields=["clashes", "fetched_at", "error"])
        if by is not None:
            audit.record(
                "externalcalendar.imported",
                calendar,
                by=by,
                region=calendar.space.community_id,
                blocks=len(free),
                clashes=len(calendar.clashes),
            )
    for start, end in freed:
        offer_to_waiting(calendar.space, start, end)


def remove(calendar: ExternalCalendar) -> None:
    """Give a calendar's time to come back; what it took until now stays as a figure, and nothing more of it."""
    now = timezone.now()
    with collisions_are_refusals(), transaction.atomic():
        lock_spaces([calendar.space])
        blocks = Block.objects.filter(calendar=calendar)
        coming = blocks.filter(ends_at__gt=now)
        freed = [(max(start, now), end) for start, end in coming.values_list("starts_at", "ends_at")]
        Occupancy.objects.filter(block__in=coming).delete()
        coming.filter(starts_at__gte=now).delete()
        coming.update(ends_at=now)
        if blocks.exists():
            calendar.url, calendar.clashes, calendar.error, calendar.ended_at = "", [], "", now
            calendar.save(update_fields=["url", "clashes", "error", "ended_at"])
        else:
            calendar.delete()
    for start, end in freed:
        offer_to_waiting(calendar.space, start, end)


def _taken_by_others(calendar: ExternalCalendar, keys: list[int], now: dt.datetime) -> list[Interval]:
    rows = Occupancy.objects.filter(space__in=keys, during__overlap=(now, now + HORIZON))
    ranges = rows.exclude(block__calendar=calendar).values_list("during", flat=True)
    return merged((during.lower, during.upper) for during in ranges)  # type: ignore[misc]


def _replace(
    calendar: ExternalCalendar, free: list[Interval], keys: list[int], now: dt.datetime
) -> list[Interval]:
    """Write what is new, delete what is gone, leave what stayed; answer the time that became free."""
    kept: list[tuple[Block, Interval]] = []
    gone: list[tuple[Block, Interval]] = []
    for block in Block.objects.filter(calendar=calendar, ends_at__gt=now):
        same = (max(block.starts_at, now), block.ends_at)
        (kept if same in free else gone).append((block, same))
    Occupancy.objects.filter(block__in=[block for block, _time in gone]).delete()
    Block.objects.filter(pk__in=[block.pk for block, _time in gone]).delete()
    old = {time for _block, time in kept}
    made = Block.objects.bulk_create(
        Block(calendar=calendar, starts_at=start, ends_at=end)
        for start, end in free
        if (start, end) not in old
    )
    Occupancy.objects.bulk_create(
        Occupancy(space_id=key, during=(block.starts_at, block.ends_at), block=block)
        for block in made
        for key in keys
    )
    return without([time for _block, time in gone], free)


def clash_words(calendar: ExternalCalendar) -> list[str]:
    """The times of the other calendar at which somebody here has booked."""
    return in_words(calendar.clash_times)


def in_words(times: Iterable[Interval]) -> list[str]:
    return [
        _("%(from)s 到 %(until)s")
        % {
            "from": f"{timezone.localtime(start):%m-%d %H:%M}",
            "until": f"{timezone.localtime(end):%m-%d %H:%M}",
        }
        for start, end in times
    ]
