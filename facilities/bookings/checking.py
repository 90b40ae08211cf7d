"""What is free: the one check that booking, free times and suggestions share."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from facilities.bookings.refusals import BookingRefused, Closed, Slot, Taken, TooMany
from facilities.hours import Interval, Timetable, local, minutes
from facilities.models import Booking, BookingRule, BookingState, Occupancy, Space
from portal.access import Role

ENTERING = (Role.CLERK, Role.REGION_ADMIN)  # book for others, whatever notice and horizon say
COUNTING = (BookingState.HELD, BookingState.REQUESTED, BookingState.CONFIRMED)  # of those one person may hold
Taking = tuple[dt.datetime, dt.datetime, int | None]  # from, until, by which booking if by one
DECIDING = (Role.CLERK, Role.APPROVER, Role.REGION_ADMIN)
FARTHEST = dt.timedelta(days=730)  # for everybody: no days off are known so far ahead


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody would like to book."""

    space: Space
    start: dt.datetime
    end: dt.datetime
    people: int = 1
    purpose: str = ""
    booked_for: str = ""
    provider_id: int | None = None
    resident_id: int | None = None

    def at(self, start: dt.datetime, end: dt.datetime) -> "Wish":
        return replace(self, start=start, end=end)


def span(rule: BookingRule, start: dt.datetime, end: dt.datetime) -> Interval:
    """The time a booking takes: with its buffers before and after."""
    before, after = dt.timedelta(minutes=rule.buffer_before), dt.timedelta(minutes=rule.buffer_after)
    return start - before, end + after


def live() -> Q:
    """Occupancies that count: not those of a hold that ran out."""
    return ~Q(booking__state=BookingState.HELD, booking__hold_until__lte=timezone.now())


class Availability:
    """Hours, rules and taken times of some spaces over some days, in a fixed number of queries."""

    def __init__(
        self, rules: dict[int, BookingRule], timetable: Timetable, taken: dict[int, list[Taking]]
    ) -> None:
        self.rules, self.timetable, self._taken = rules, timetable, taken
        self._held: dict[int, Counter[int]] = {}

    @classmethod
    def load(cls, spaces: Sequence[Space], first: dt.date, last: dt.date) -> Self:
        timetable = Timetable.load(spaces, first, last)
        keys = [space.pk for space in spaces]
        by_leaf = timetable.leaves.by_leaf(keys)
        day = dt.timedelta(days=1)
        rows = Occupancy.objects.filter(
            live(), space__in=by_leaf, during__overlap=(local(first - day), local(last + 2 * day))
        )
        taken: dict[int, list[Taking]] = {key: [] for key in keys}
        for leaf, during, booking in rows.values_list("space_id", "during", "booking_id"):
            for space in by_leaf[leaf]:
                taken[space].append((during.lower, during.upper, booking))  # type: ignore[arg-type]
        rules = {rule.space_id: rule for rule in BookingRule.objects.filter(space__in=keys)}
        return cls(rules, timetable, taken)

    def is_free(self, space: int, start: dt.datetime, end: dt.datetime, *, own: int = 0) -> bool:
        """Tell whether nothing takes the time and its buffers, beside the booking that asks."""
        first, last = span(self.rules[space], start, end)
        return not any(
            begin < last and finish > first and booking != own
            for begin, finish, booking in self._taken[space]
        )

    def why_not(self, wish: Wish, *, by: Any) -> BookingRefused | None:
        """The reason why a wish cannot be met now, or None."""
        rule = self.rules.get(wish.space.pk)
        if rule is None or not (wish.space.is_public or is_staff_of(wish.space, by)):
            return BookingRefused(_("这个空间不开放预约。"))
        refusal = against_rule(rule, wish) or _out_of_time(rule, wish, by=by)
        if refusal:
            return refusal
        if not self.is_open(wish):
            return Closed(_("这段时间不开放。"))
        if not self.is_free(wish.space.pk, wish.start, wish.end):
            return Taken(_("这段时间已经有人预约。"))
        if self.is_at_limit(wish.space, by=by):
            return TooMany(_("每人在这里最多同时有 %d 个预约，请先取消一个。") % rule.per_person)
        return None

    def is_at_limit(self, space: Space, *, by: Any) -> bool:
        """Tell whether a person already holds as many bookings of a room as its rule allows."""
        most = self.rules[space.pk].per_person
        if not most or is_staff_of(space, by):
            return False
        if by.pk not in self._held:
            mine = Booking.objects.filter(space__in=self.rules, booked_by=by, ends_at__gt=timezone.now())
            live_ones = mine.filter(state__in=COUNTING).exclude(hold_until__lte=timezone.now())
            self._held[by.pk] = Counter(live_ones.values_list("space_id", flat=True))
        return self._held[by.pk][space.pk] >= most

    def is_open(self, wish: Wish) -> bool:
        day = timezone.localtime(wish.start).date()
        opening = self.timetable.open_on(wish.space.pk, day)
        return any(start <= wish.start and wish.end <= end for start, end in opening)

    def grid(self, space: Space, day: dt.date) -> Iterable[dt.datetime]:
        rule = self.rules.get(space.pk)
        if rule is None:
            return
        step = dt.timedelta(minutes=rule.step_minutes)
        for opens, closes in self.timetable.open_on(space.pk, day):
            at = local(day)
            at += -(-(opens - at) // step) * step
            while at < closes:
                yield at
                at += step


def slot_of(wish: Wish, how: str = "next") -> Slot:
    return Slot(wish.space.pk, wish.space.name, wish.start, wish.end, how)


def is_staff_of(space: Space, by: Any) -> bool:
    return bool(by.is_active and by.holds(space.community_id, *ENTERING))


def check_reach(wish: Wish) -> None:
    """Refuse a time long gone or far ahead before it is looked up: calendars end with the year 9999."""
    now = timezone.now()
    if wish.start < now:
        raise BookingRefused(_("这个时间已经过去。"))
    if wish.end > now + FARTHEST:
        raise BookingRefused(_("只能预约两年以内的时间。"))


def against_rule(rule: BookingRule, wish: Wish) -> BookingRefused | None:
    """Length, grid and number of people."""
    length = minutes([(wish.start, wish.end)])
    since = minutes([(local(timezone.localtime(wish.start).date()), wish.start)])
    is_between = any(at.second or at.microsecond for at in (wish.start, wish.end))
    if is_between or length % rule.step_minutes or since % rule.step_minutes:
        return BookingRefused(_("开始和时长请按 %d 分钟选。") % rule.step_minutes)
    if not rule.shortest_minutes <= length <= rule.longest_minutes:
        text = _("每次可以约 %(least)d 到 %(most)d 分钟。")
        return BookingRefused(text % {"least": rule.shortest_minutes, "most": rule.longest_minutes})
    if wish.people > wish.space.capacity:
        return BookingRefused(_("这里最多容纳 %d 人。") % wish.space.capacity)
    return None


def _out_of_time(rule: BookingRule, wish: Wish, *, by: Any) -> BookingRefused | None:
    """Past, notice and horizon; staff need neither notice nor horizon."""
    now = timezone.now()
    if wish.start < now:
        return BookingRefused(_("这个时间已经过去。"))
    if is_staff_of(wish.space, by):
        return None
    if wish.start < now + dt.timedelta(minutes=rule.notice_minutes):
        return BookingRefused(_("要至少提前 %d 分钟预约。") % rule.notice_minutes)
    last = timezone.localtime(now).date() + dt.timedelta(days=rule.horizon_days)
    if timezone.localtime(wish.start).date() > last:
        return BookingRefused(_("最多提前 %d 天预约。") % rule.horizon_days)
    return None
