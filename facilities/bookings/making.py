"""Booking: lock the leaf spaces in key order, check, write one occupancy a leaf, record."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg2 import errors

from facilities.bookings.checking import Availability, Wish, is_staff_of, span
from facilities.bookings.refusals import BookingRefused, Taken, TooMany
from facilities.bookings.suggesting import suggest
from facilities.models import Booking, BookingRule, BookingState, Leaves, Occupancy, RefusedWish, Space
from portal import audit

COUNTED = ("taken", "closed")  # refusals that are demand


def book(wish: Wish, *, by: Any, hold: bool = False) -> Booking:
    """Book one space for one time, or refuse with the next free times."""
    return book_all([wish], by=by, hold=hold)[0]


def book_all(wishes: Sequence[Wish], *, by: Any, hold: bool = False) -> list[Booking]:
    """Book every wish or none; the refusal names what can be booked instead of the first that failed."""
    failed = wishes[0]
    try:
        with collisions_are_refusals(), transaction.atomic():
            leaves = lock_spaces([wish.space for wish in wishes])
            series = uuid.uuid4() if len(wishes) > 1 else None
            made = []
            for failed in wishes:
                made.append(_write(failed, leaves, by=by, hold=hold, series=series))
            return made
    except BookingRefused as refusal:
        raise refused(failed, refusal, by=by) from None


def refused(wish: Wish, refusal: BookingRefused, *, by: Any) -> BookingRefused:
    """Count a wish that could not be met, without whose it was, and add what is free instead."""
    if refusal.reason in COUNTED:
        count_refused(wish, refusal.reason)
        refusal.free = suggest(wish, by=by)
    return refusal


def count_refused(wish: Wish, reason: str) -> None:
    """One more wish for this day, place and function that was not met."""
    day = timezone.localtime(wish.start).date()
    row = RefusedWish(day=day, space=wish.space, category_id=wish.space.category_id, reason=reason, count=0)
    RefusedWish.objects.bulk_create([row], ignore_conflicts=True)
    same = RefusedWish.objects.filter(
        day=day, space=wish.space, category=wish.space.category_id, reason=reason
    )
    same.update(count=F("count") + 1)


@contextmanager
def collisions_are_refusals() -> Iterator[None]:
    """An overlap the database refused and a deadlock it broke are the same to whoever lost: taken."""
    try:
        yield
    except (IntegrityError, OperationalError) as error:
        if isinstance(error.__cause__, errors.ExclusionViolation | errors.DeadlockDetected):
            raise Taken(_("这段时间刚刚被别人约走。")) from error
        raise


def lock_spaces(spaces: Iterable[Space]) -> Leaves:
    """Lock every leaf of these spaces in key order, and release what holds that ran out still take."""
    spaces = list(spaces)
    facilities = {space.facility_id for space in spaces}
    leaves, keys = _locked(spaces, facilities)
    again = Leaves.of_facilities(facilities)
    if sorted({leaf for space in spaces for leaf in again.of(space.pk)}) != keys:
        raise Taken(_("这个空间的组成刚刚改过，请再试一次。"))
    release_expired(keys)
    return leaves


def _locked(spaces: list[Space], facilities: set[int]) -> tuple[Leaves, list[int]]:
    leaves = Leaves.of_facilities(facilities)
    keys = sorted({leaf for space in spaces for leaf in leaves.of(space.pk)})
    rows = Space.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=keys).order_by("pk")
    list(rows.values_list("pk", flat=True))
    return leaves, keys


def release_expired(leaves: list[int]) -> None:
    """End the holds on these leaves whose time is over; their rows are locked by the caller."""
    late = Booking.objects.filter(
        state=BookingState.HELD, hold_until__lte=timezone.now(), occupancies__space__in=leaves
    )
    keys = sorted(set(late.values_list("pk", flat=True)))
    if keys:
        Occupancy.objects.filter(booking__in=keys).delete()
        Booking.objects.filter(pk__in=keys).update(state=BookingState.EXPIRED)


def _write(wish: Wish, leaves: Leaves, *, by: Any, hold: bool, series: uuid.UUID | None) -> Booking:
    check(wish, by=by)
    rule = wish.space.rule
    booking = Booking.objects.create(
        space=wish.space,
        community_id=wish.space.community_id,
        starts_at=wish.start,
        ends_at=wish.end,
        state=_first_state(rule, hold),
        hold_until=timezone.now() + dt.timedelta(minutes=rule.hold_minutes) if hold else None,
        booked_by=by,
        booked_for=wish.booked_for,
        purpose=wish.purpose,
        people=wish.people,
        price=price_of(rule, wish),
        series=series,
    )
    occupy(booking, rule, leaves)
    audit.record("booking.made", booking, by=by, state=booking.state)
    return booking


def _first_state(rule: BookingRule, hold: bool) -> str:
    if hold:
        return BookingState.HELD
    return BookingState.REQUESTED if rule.needs_approval else BookingState.CONFIRMED


def check(wish: Wish, *, by: Any) -> None:
    """Refuse what cannot be booked now; the leaves are locked, so that it stays true."""
    day = timezone.localtime(wish.start).date()
    refusal = Availability.load([wish.space], day, day).why_not(wish, by=by)
    if refusal:
        raise refusal
    most = wish.space.rule.per_person
    if most and not is_staff_of(wish.space, by):
        mine = Booking.objects.filter(space=wish.space, booked_by=by, ends_at__gt=timezone.now())
        states = (BookingState.HELD, BookingState.REQUESTED, BookingState.CONFIRMED)
        if mine.filter(state__in=states).count() >= most:
            raise TooMany(_("每人在这里最多同时有 %d 个预约，请先取消一个。") % most)


def occupy(booking: Booking, rule: BookingRule, leaves: Leaves) -> None:
    """Take every leaf of the booking's space for its time and buffers."""
    during = span(rule, booking.starts_at, booking.ends_at)
    keys = leaves.of(booking.space_id)
    Occupancy.objects.bulk_create(
        [Occupancy(space_id=key, during=(during[0], during[1]), booking=booking) for key in keys]
    )


def price_of(rule: BookingRule, wish: Wish) -> Decimal:
    """Price by the hour, to the fen, half up."""
    hours = Decimal(int((wish.end - wish.start).total_seconds())) / 3600
    return (rule.price_per_hour * hours).quantize(Decimal("0.01"), "ROUND_HALF_UP")
