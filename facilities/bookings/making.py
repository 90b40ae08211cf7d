"""Booking: lock the leaf spaces in key order, check, write one occupancy a leaf, record."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg2 import errors

from facilities.bookings.checking import Availability, Wish, check_reach, span
from facilities.bookings.refusals import BookingRefused, Taken, WrongState
from facilities.bookings.suggesting import suggest
from facilities.bookings.telling import tell_made, tell_of
from facilities.bookings.whom import check_person, lock_people
from facilities.models import Booking, BookingRule, BookingState, Leaves, Occupancy, RefusedWish, Space
from portal import audit, jobs

OFFER = "facilities.tasks.offer_freed"
COUNTED = ("taken", "closed")  # refusals that are demand


@dataclass(frozen=True, slots=True)
class How:
    """Whether a time is only held, in which series it stands, and the key by which it is asked for once."""

    hold: bool = False
    series: uuid.UUID | None = None
    key: str = ""


def book(wish: Wish, *, by: Any, hold: bool = False, key: str = "") -> Booking:
    """Book one space for one time, or refuse with the next free times; the same key books once."""
    return book_all([wish], by=by, hold=hold, key=key)[0]


def book_all(wishes: Sequence[Wish], *, by: Any, hold: bool = False, key: str = "") -> list[Booking]:
    """Book every wish or none; the refusal names what can be booked instead of the first that failed."""
    failed = wishes[0]
    try:
        with collisions_are_refusals(), transaction.atomic():
            lock_people(wishes, by=by)
            leaves = lock_spaces([wish.space for wish in wishes])
            if key and (before := _asked_before(wishes[0], key, by=by)):
                return [before]
            how = How(hold, uuid.uuid4() if len(wishes) > 1 else None, key)
            made = []
            for failed in wishes:
                made.append(_write(failed, leaves, by=by, how=how))
            tell_made(made, by=by)
            return made
    except BookingRefused as refusal:
        raise refused(failed, refusal, by=by) from None


def _asked_before(wish: Wish, key: str, *, by: Any) -> Booking | None:
    """The booking this person made under this key; the key of another wish is refused."""
    found = Booking.objects.filter(booked_by=by, request_key=key).first()
    if found and (found.space_id, found.starts_at, found.ends_at) != (wish.space.pk, wish.start, wish.end):
        raise WrongState(_("这个请求编号已经用于另一个预约，请换一个。"))
    return found


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
        for booking in Booking.objects.filter(pk__in=keys).select_related("space__facility"):
            tell_of(booking, by=None, was=BookingState.HELD)
            jobs.send_on_commit(OFFER, booking.pk)  # what the next booking leaves of it


def _write(wish: Wish, leaves: Leaves, *, by: Any, how: "How") -> Booking:
    rule = check(wish, by=by)
    until = timezone.now() + dt.timedelta(minutes=rule.hold_minutes) if how.hold else None
    booking = Booking.objects.create(
        **columns_of(wish, by=by),
        state=_first_state(rule, how.hold),
        hold_until=min(until, wish.start) if until else None,
        price=price_of(rule, wish),
        series=how.series,
        request_key=how.key,
    )
    occupy(booking, rule, leaves)
    record("made", booking, by=by)
    return booking


def columns_of(wish: Wish, *, by: Any) -> dict[str, Any]:
    """What a booking and a place in the waiting list have in common."""
    return {
        "space": wish.space,
        "community_id": wish.space.community_id,
        "starts_at": wish.start,
        "ends_at": wish.end,
        "booked_by": by,
        "booked_for": wish.booked_for,
        "purpose": wish.purpose,
        "people": wish.people,
        "provider_id": wish.provider_id,
        "resident_id": wish.resident_id,
    }


def record(deed: str, booking: Booking, *, by: Any, **data: Any) -> None:
    """Write the audit entry; whose own booking it is stands in the booking alone, so that it can be forgotten."""
    is_own = by is not None and by.pk == booking.booked_by_id
    audit.record(
        f"booking.{deed}",
        booking,
        by=None if is_own else by,
        pk=booking.pk,
        state=booking.state,
        own=is_own,
        **data,
    )


def _first_state(rule: BookingRule, hold: bool) -> str:
    if hold:
        return BookingState.HELD
    return BookingState.REQUESTED if rule.needs_approval else BookingState.CONFIRMED


def check(wish: Wish, *, by: Any) -> BookingRule:
    """Refuse what cannot be booked now; the leaves are locked, so that it stays true. Answer the rule."""
    check_reach(wish)
    check_person(wish, by=by)
    day = timezone.localtime(wish.start).date()
    found = Availability.load([wish.space], day, day)
    refusal = found.why_not(wish, by=by)
    if refusal:
        raise refusal
    return found.rules[wish.space.pk]


def occupy(booking: Booking, rule: BookingRule, leaves: Leaves) -> None:
    """Take every leaf of the booking's space for its time and buffers."""
    during = span(rule, booking.starts_at, booking.ends_at)
    keys = leaves.of(booking.space_id)
    if not keys:  # two rooms that contain each other have no leaf, and nothing would keep others out
        raise BookingRefused(_("这个空间和别的空间互相包含，登记有误，改好之前不能预约。请告诉社区。"))
    Occupancy.objects.bulk_create(
        [Occupancy(space_id=key, during=(during[0], during[1]), booking=booking) for key in keys]
    )


def price_of(rule: BookingRule, wish: Wish) -> Decimal:
    """Price by the hour, to the fen, half up."""
    hours = Decimal(int((wish.end - wish.start).total_seconds())) / 3600
    return (rule.price_per_hour * hours).quantize(Decimal("0.01"), "ROUND_HALF_UP")
