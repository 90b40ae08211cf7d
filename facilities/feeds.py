"""The calendar of a space for other programs: when it is taken, never by whom."""

import datetime as dt

from django.core.signing import BadSignature, Signer
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from facilities.models import TAKING, Booking, Leaves, Space

SIGNER = Signer(salt="facilities.feeds")
AHEAD, BEHIND = dt.timedelta(days=180), dt.timedelta(days=30)


def address_of(space: Space) -> str:
    """The secret part of a space's address; it ends with the key that signs it."""
    return SIGNER.sign(str(space.pk)).partition(":")[2]


def is_genuine(pk: int, signature: str) -> bool:
    try:
        SIGNER.unsign(f"{pk}:{signature}")
    except BadSignature:
        return False
    return True


def feed_of(space: Space) -> bytes:
    """Every time at which the space or a part of it is taken, as iCalendar."""
    now = timezone.now()
    tree = Leaves.of_facilities([space.facility_id])
    mine = set(tree.of(space.pk))
    calendar = Calendar()
    calendar.add("prodid", "-//Liren//Rooms//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"{space.facility} {space}")
    rows = Booking.objects.filter(space__facility=space.facility_id, state__in=TAKING)
    for booking in rows.between(now - BEHIND, now + AHEAD).order_by("starts_at", "pk"):
        if mine & set(tree.of(booking.space_id)):
            calendar.add_component(_event(booking))
    return calendar.to_ical()


def _event(booking: Booking) -> Event:
    event = Event()
    event.add("uid", f"booking-{booking.pk}@liren")
    event.add("summary", _("已约"))
    event.add("dtstamp", booking.made_at.astimezone(dt.UTC))
    event.add("dtstart", booking.starts_at.astimezone(dt.UTC))
    event.add("dtend", booking.ends_at.astimezone(dt.UTC))
    return event
