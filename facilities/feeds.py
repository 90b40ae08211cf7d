"""The calendar of a space for other programs: when it is taken, never by whom."""

import datetime as dt
from typing import Any

from django.core.signing import Signer
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from facilities.models import TAKING, Block, Booking, Leaves, Space
from portal import audit

SIGNER = Signer(salt="facilities.feeds")
AHEAD, BEHIND = dt.timedelta(days=180), dt.timedelta(days=30)


def address_of(space: Space) -> str:
    """The secret part of a space's address; it changes with the number of the address."""
    return SIGNER.sign(f"{space.pk}.{space.feed_number}").partition(":")[2]


def is_genuine(space: Space, signature: str) -> bool:
    return space.has_feed and constant_time_compare(address_of(space), signature)


@transaction.atomic
def renew(space: Space, *, is_open: bool, by: Any) -> None:
    """Give the calendar a new address, or none; the old one opens nothing any more."""
    row = Space.objects.select_for_update(no_key=True, of=("self",)).get(pk=space.pk)
    row.feed_number, row.has_feed = row.feed_number + 1, is_open
    row.save(update_fields=["feed_number", "has_feed"])
    audit.record("space.feed_renewed" if is_open else "space.feed_closed", row, by=by, pk=row.pk)


def feed_of(space: Space) -> bytes:
    """Every time at which the space or a part of it is taken, as iCalendar."""
    now = timezone.now()
    calendar = Calendar()
    calendar.add("prodid", "-//Liren//Rooms//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"{space.facility} {space}")
    tree = Leaves.of_facilities([space.facility_id])
    spaces = {space.pk, *tree.touching([space.pk]).get(space.pk, ())}
    rows = Booking.objects.filter(space__in=spaces, state__in=TAKING)
    for booking in rows.between(now - BEHIND, now + AHEAD).order_by("starts_at", "pk"):
        calendar.add_component(_event(f"booking-{booking.pk}", booking, booking.made_at))
    blocks = Block.objects.filter(calendar__space__in=spaces).between(now - BEHIND, now + AHEAD)
    for block in blocks.order_by("starts_at", "pk"):
        calendar.add_component(_event(f"block-{block.pk}", block, block.starts_at))
    return calendar.to_ical()


def _event(uid: str, taken: Booking | Block, stamp: dt.datetime) -> Event:
    event = Event()
    event.add("uid", f"{uid}@liren")
    event.add("summary", _("已约"))
    event.add("dtstamp", stamp.astimezone(dt.UTC))
    event.add("dtstart", taken.starts_at.astimezone(dt.UTC))
    event.add("dtend", taken.ends_at.astimezone(dt.UTC))
    return event
