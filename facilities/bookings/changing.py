"""What happens to a booking: decide, accept a hold, cancel, arrive, not come, wait, be forgotten."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import models, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.bookings.checking import DECIDING, ENTERING, Availability, Wish, check_reach
from facilities.bookings.making import (
    check,
    collisions_are_refusals,
    columns_of,
    count_refused,
    lock_spaces,
    occupy,
    price_of,
    record,
)
from facilities.bookings.refusals import BookingRefused, WrongState
from facilities.bookings.telling import tell_of
from facilities.bookings.whom import check_person, lock_people
from facilities.models import Booking, BookingState, Leaves, Occupancy, Space

EARLY = dt.timedelta(minutes=30)
CORRECTED_WITHIN = dt.timedelta(days=7)
REACH = dt.timedelta(hours=4)  # how far a freed time may matter to others, buffers included
KEEP = dt.timedelta(days=730)  # whose a booking was that took place
KEEP_BRIEFLY = dt.timedelta(days=90)  # whose one was that came to nothing, and names written at the counter
CAME_TO_NOTHING = (BookingState.CANCELLED, BookingState.REJECTED, BookingState.EXPIRED)
MAY_CANCEL = (BookingState.WAITING, BookingState.HELD, BookingState.REQUESTED, BookingState.CONFIRMED)
MAX_WAITING = 10
NIGHT, MORNING = 22, 9  # hours between which nobody is expected to look


@contextmanager
def locked(booking: Booking) -> Iterator[tuple[Booking, Leaves]]:
    """The booking with its leaves locked first, then its row: the order everybody keeps."""
    with collisions_are_refusals(), transaction.atomic():
        leaves = lock_spaces([booking.space])
        row = Booking.objects.select_for_update(of=("self",)).select_related("space__rule").get(pk=booking.pk)
        yield row, leaves


def _may(booking: Booking, by: Any) -> None:
    """Only whoever booked, who acts for them and those who book for others here change a booking; or a job."""
    if by is None:
        return
    if not (
        by.holds(booking.community_id, *ENTERING) or Booking.objects.of(by).filter(pk=booking.pk).exists()
    ):
        raise BookingRefused(_("这不是您的预约。"))


def _move(booking: Booking, state: str, *, by: Any, because: str = "", **fields: Any) -> None:
    was, booking.state = booking.state, state
    for name, value in fields.items():
        setattr(booking, name, value)
    booking.save(update_fields=["state", *fields])
    record(state, booking, by=by, **({"reason": because} if because else {}))
    tell_of(booking, by=by, was=was)


def decide(booking: Booking, *, approve: bool, by: Any) -> None:
    """Approve or reject a request; nobody decides on what they asked for themselves."""
    with locked(booking) as (row, _leaves):
        if row.state != BookingState.REQUESTED:
            raise WrongState(_("这个预约不在待审批状态。"))
        if row.booked_by_id == by.pk or not by.holds(row.community_id, *DECIDING):
            raise BookingRefused(_("不能审批自己提交的预约，也不能审批别处的预约。"))
        if approve:
            _move(row, BookingState.CONFIRMED, by=by, decided_by=by)
            return
        Occupancy.objects.filter(booking=row).delete()
        _move(row, BookingState.REJECTED, by=by, decided_by=by)
    offer_to_waiting(row.space, row.starts_at, row.ends_at)


def accept(booking: Booking, *, by: Any) -> None:
    """Take a held time for good, while it is held."""
    with locked(booking) as (row, _leaves):
        _may(row, by)
        if row.state != BookingState.HELD:
            raise WrongState(_("这个时间没有为您保留，或保留已到期。"))
        needs = row.space.rule.needs_approval
        state = BookingState.REQUESTED if needs else BookingState.CONFIRMED
        _move(row, state, by=by, hold_until=None)


class CancelReason(models.TextChoices):
    """Why staff cancel what others booked; words chosen, so that nothing about a person is kept."""

    ASKED = "asked", gettext_lazy("预约人要求")
    CLOSED = "closed", gettext_lazy("临时闭馆或维修")
    NEEDED = "needed", gettext_lazy("社区另有急用")
    TWICE = "twice", gettext_lazy("重复预约")
    OTHER = "other", gettext_lazy("其他原因")


def cancel(booking: Booking, *, by: Any, reason: str = "") -> None:
    """Give a time back before it begins; the first who waits for it gets it held."""
    with locked(booking) as (row, _leaves):
        _may(row, by)
        if row.state not in MAY_CANCEL:
            raise WrongState(_("这个预约已经结束或取消，不能再取消。"))
        if row.starts_at <= timezone.now() and not by.holds(row.community_id, *ENTERING):
            raise WrongState(_("已经开始的预约不能取消。"))
        Occupancy.objects.filter(booking=row).delete()
        _move(row, BookingState.CANCELLED, by=by, because=reason, hold_until=None)
    offer_to_waiting(row.space, row.starts_at, row.ends_at)


def check_in(booking: Booking, *, by: Any) -> None:
    """Say that whoever booked has come; from half an hour before until the end."""
    with locked(booking) as (row, _leaves):
        _may(row, by)
        now = timezone.now()
        if row.state == BookingState.ATTENDED:
            return
        if row.state != BookingState.CONFIRMED:
            raise WrongState(_("只有已预约成功的才能签到。"))
        if not row.starts_at - EARLY <= now < row.ends_at:
            raise WrongState(_("开始前 30 分钟到结束之间可以签到。"))
        _move(row, BookingState.ATTENDED, by=by, arrived_at=now)


def came_after_all(booking: Booking, *, by: Any) -> None:
    """Correct a no-show within a week, by staff who saw them; when they came is not known."""
    with locked(booking) as (row, _leaves):
        if not by.holds(row.community_id, *ENTERING):
            raise BookingRefused(_("只有工作人员可以更正“未到”。"))
        if row.state != BookingState.NO_SHOW:
            raise WrongState(_("这个预约不是“未到”，不用更正。"))
        if row.ends_at < timezone.now() - CORRECTED_WITHIN:
            raise WrongState(_("“未到”只能在 %d 天内更正。") % CORRECTED_WITHIN.days)
        _move(row, BookingState.ATTENDED, by=by)


def wait(wish: Wish, *, by: Any) -> Booking:
    """Join the waiting list of a taken time; when it becomes free it is held for the first who waits."""
    check_reach(wish)
    check_person(wish, by=by)
    day = timezone.localtime(wish.start).date()
    refusal = Availability.load([wish.space], day, day).why_not(wish, by=by)
    if refusal is None:
        raise BookingRefused(_("这段时间现在空着，可以直接预约。"))
    if refusal.reason != "taken":
        raise refusal
    with collisions_are_refusals(), transaction.atomic():
        lock_people([wish], by=by)
        check_person(wish, by=by)
        lock_spaces([wish.space])
        mine = Booking.objects.filter(booked_by=by, state=BookingState.WAITING)
        if mine.filter(space=wish.space, starts_at=wish.start, ends_at=wish.end).exists():
            raise BookingRefused(_("您已经在候补这段时间。"))
        if mine.count() >= MAX_WAITING:
            raise BookingRefused(_("最多同时候补 %d 个时间。") % MAX_WAITING)
        booking = Booking.objects.create(**columns_of(wish, by=by), state=BookingState.WAITING)
        record("waiting", booking, by=by)
    count_refused(wish, "taken")
    return booking


def offer_to_waiting(space: Space, start: dt.datetime, end: dt.datetime) -> None:
    """Hold a freed time for those who wait for it, first come first served, each in a step of its own."""
    facility = Space.objects.filter(facility=space.facility_id).values("pk")
    waiting = Booking.objects.filter(
        state=BookingState.WAITING, space__in=facility, booked_by__isnull=False, starts_at__gt=timezone.now()
    ).between(start - REACH, end + REACH)
    for one in waiting.order_by("made_at", "pk").select_related("space", "booked_by"):
        _offer(one)


def _offer(booking: Booking) -> None:
    try:
        with locked(booking) as (row, leaves):
            if row.state != BookingState.WAITING:
                return
            wish = Wish(
                row.space,
                row.starts_at,
                row.ends_at,
                row.people,
                provider_id=row.provider_id,
                resident_id=row.resident_id,
            )
            rule = check(wish, by=booking.booked_by)
            occupy(row, rule, leaves)
            until = min(awake(timezone.now() + dt.timedelta(minutes=rule.hold_minutes)), row.starts_at)
            _move(row, BookingState.HELD, by=None, hold_until=until, price=price_of(rule, wish))
    except BookingRefused:
        return  # still taken, or the rules no longer let this person: they keep waiting


def awake(until: dt.datetime) -> dt.datetime:
    """Nobody loses what they waited for while asleep: a hold that would end at night ends in the morning."""
    at = timezone.localtime(until)
    if at.hour >= NIGHT:
        at += dt.timedelta(days=1)
    elif at.hour >= MORNING:
        return until
    return at.replace(hour=MORNING, minute=0, second=0, microsecond=0)


def expire() -> int:
    """End holds, requests and waits whose time is over; what a hold took goes to who waits."""
    now = timezone.now()
    late = Booking.objects.filter(state=BookingState.HELD, hold_until__lte=now) | Booking.objects.filter(
        state__in=(BookingState.WAITING, BookingState.REQUESTED), starts_at__lte=now
    )
    return sum(_expire(booking) for booking in late.select_related("space").order_by("pk"))


def _expire(booking: Booking) -> bool:
    try:
        with locked(booking) as (row, _leaves):
            is_late = row.state in (BookingState.HELD, BookingState.WAITING, BookingState.REQUESTED)
            if is_late:
                Occupancy.objects.filter(booking=row).delete()
                _move(row, BookingState.EXPIRED, by=None, hold_until=None)
    except BookingRefused:
        return False  # somebody else has it in hand; the next round looks again
    offer_to_waiting(booking.space, booking.starts_at, booking.ends_at)
    return is_late or row.state == BookingState.EXPIRED


def mark_no_shows() -> int:
    """Whoever had not checked in when the time was over did not come."""
    late = Booking.objects.filter(state=BookingState.CONFIRMED, ends_at__lte=timezone.now())
    return late.update(state=BookingState.NO_SHOW)


def prune() -> int:
    """Forget who booked and what for once the time to keep it is over; the row stays as a figure.

    A name that staff wrote down belongs to no account: nobody can see or erase it, so it goes soon.
    """
    now = timezone.now()
    brief = Booking.objects.filter(ends_at__lte=now - KEEP_BRIEFLY, pruned_at=None)
    brief.exclude(booked_for="").update(booked_for="")
    return forget(Booking.objects.filter(ends_at__lte=now - KEEP) | brief.filter(state__in=CAME_TO_NOTHING))


def forget(rows: QuerySet[Booking]) -> int:
    """Take from bookings whose they are and what they were for; each stays as a figure."""
    return rows.filter(pruned_at=None).update(
        booked_by=None,
        resident=None,
        booked_for="",
        purpose="",
        request_key="",
        series=None,
        decided_by=None,
        pruned_at=timezone.now(),
    )
