"""How much rooms are used: booked and attended time over declared open hours, evenings and weekends too.

Counted are leaf spaces that somebody may book, alone or as a part of a larger one: a booked hall uses
both its halves once, and what rooms share (a projector) is no room of its own. Whoever came without
booking is counted wherever that was, also at the door of the hall and in rooms that nobody books.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django.contrib.postgres.fields import DateTimeRangeField
from django.db.models import Aggregate, Func, Sum, Value
from django.utils import timezone

from facilities.hours import Interval, Timetable, days_between, local, merged, minutes, without
from facilities.models import (
    BOOKED,
    Block,
    Booking,
    BookingRule,
    BookingState,
    Norm,
    Occupancy,
    Space,
    VisitCount,
)
from facilities.norms import limits_for

LOW = Decimal(30)  # percent, where no requirement says otherwise
TENTH = Decimal("0.1")
IDLE_AHEAD, SHORTEST_IDLE, IDLE_OFFERED = dt.timedelta(days=7), dt.timedelta(hours=1), 3

Taken = tuple[dt.datetime, dt.datetime, str]


@dataclass(frozen=True, slots=True)
class Use:
    """Open, booked and attended minutes of something, and how many people came without booking."""

    name: str
    open: int
    booked: int
    attended: int
    visits: int = 0

    @property
    def share(self) -> Fraction | None:
        return Fraction(self.booked, self.open) if self.open else None

    @property
    def attended_share(self) -> Fraction | None:
        return Fraction(self.attended, self.open) if self.open else None

    @property
    def open_hours(self) -> Decimal:
        return (Decimal(self.open) / 60).quantize(TENTH, ROUND_HALF_UP)

    def is_low(self, percent: Decimal | int = LOW) -> bool:
        return self.share is not None and self.share * 100 < Fraction(percent)


@dataclass(frozen=True, slots=True)
class SpaceUse:
    """One space, and the use of it; of one that is not booked by itself the visits alone."""

    space: Space
    use: Use


def use_of(
    spaces: Sequence[Space], first: dt.date, last: dt.date, table: Timetable | None = None
) -> list[SpaceUse]:
    """The use of every room among these spaces, in a fixed number of queries."""
    table = table or Timetable.load(spaces, first, last)
    counted = _rooms(spaces, table)
    taken, visits = _taken(table, counted, first, last), _visits(spaces, first, last)
    keys = {space.pk for space in counted}
    return [
        SpaceUse(space, _use(space, table, taken[space.pk], (first, last), visits.get(space.pk, 0)))
        if space.pk in keys
        else SpaceUse(space, Use(space.name, 0, 0, 0, visits[space.pk]))
        for space in spaces
        if space.pk in keys or space.pk in visits
    ]


def _rooms(spaces: Sequence[Space], table: Timetable) -> list[Space]:
    """Leaves that can be booked: with a rule, or a part of something that has one."""
    ruled = BookingRule.objects.filter(space__facility__in={space.facility_id for space in spaces})
    bookable = {leaf for space in ruled.values_list("space_id", flat=True) for leaf in table.leaves.of(space)}
    return [
        space
        for space in spaces
        if space.pk in bookable
        and not table.leaves.is_made_of_parts(space.pk)
        and not table.leaves.is_shared(space.pk)
    ]


def _taken(
    table: Timetable, spaces: Sequence[Space], first: dt.date, last: dt.date
) -> Mapping[int, list[Taken]]:
    facilities = {space.facility_id for space in spaces}
    days = local(first), local(last + dt.timedelta(days=1))
    rows = Booking.objects.filter(space__facility__in=facilities, state__in=BOOKED).between(*days)
    blocks = Block.objects.filter(calendar__space__facility__in=facilities).between(*days)
    both = (
        rows.order_by()
        .values_list("space_id", "state")
        .annotate(during=_joined())
        .union(
            blocks.order_by()
            .values_list("calendar__space_id", Value(BookingState.CONFIRMED))
            .annotate(during=_joined()),
            all=True,
        )
    )
    found: dict[int, list[Taken]] = defaultdict(list)
    for space, state, during in both:
        for leaf in table.leaves.of(space):
            found[leaf].append((during.lower, during.upper, state))
    return found


def _joined() -> Func:
    """What follows on each other as one piece: of a full day one row instead of twelve."""
    during = Func("starts_at", "ends_at", function="tstzrange")
    pieces = Aggregate(during, function="range_agg", output_field=DateTimeRangeField())
    return Func(pieces, function="unnest", output_field=DateTimeRangeField())


def _visits(spaces: Sequence[Space], first: dt.date, last: dt.date) -> dict[int, int]:
    rows = VisitCount.objects.filter(
        space__in=spaces, hour__gte=local(first), hour__lt=local(last + dt.timedelta(days=1))
    )
    return dict(rows.order_by().values_list("space").annotate(Sum("count")))


def _use(
    space: Space, table: Timetable, taken: list[Taken], days: tuple[dt.date, dt.date], visits: int
) -> Use:
    opening = table.open_between(space.pk, *days)
    total = minutes(opening)
    booked = [(start, end) for start, end, _state in taken]
    attended = [(start, end) for start, end, state in taken if state == BookingState.ATTENDED]

    def within(times: list[Interval]) -> int:
        return total - minutes(without(opening, times)) if times else 0

    return Use(space.name, total, within(booked), within(attended), visits)


def total_of(name: str, uses: Iterable[Use]) -> Use:
    uses = list(uses)
    return Use(
        name,
        sum(one.open for one in uses),
        sum(one.booked for one in uses),
        sum(one.attended for one in uses),
        sum(one.visits for one in uses),
    )


def by(rows: Iterable[SpaceUse], name_of: Callable[[Space], Any]) -> list[Use]:
    """Add up by floor, zone, function or whatever names a space; what has no name is left out."""
    groups: dict[str, list[Use]] = defaultdict(list)
    for row in rows:
        if name := str(name_of(row.space) or ""):
            groups[name].append(row.use)
    return [total_of(name, uses) for name, uses in sorted(groups.items())]


def low_of(rows: Sequence[SpaceUse], on: dt.date, asked: Decimal | None = None) -> list[SpaceUse]:
    """The rooms used less than their community asks for, the least used first."""
    places = set() if asked else {row.space.community_id for row in rows}
    limits = limits_for(places, Norm.Measure.USE_SHARE, on) if places else {}
    low = [row for row in rows if row.use.is_low(asked or limits.get(row.space.community_id, LOW))]
    return sorted(low, key=lambda row: (row.use.share or 0, row.space.name))


def idle_of(spaces: Sequence[Space], table: Timetable | None = None) -> dict[int, list[Interval]]:
    """The next free times of each room, of an hour or more, at most one a day, none within its notice."""
    now = timezone.now()
    first = timezone.localdate()
    last = first + IDLE_AHEAD
    table = table or Timetable.load(spaces, first, last)
    leaves = {leaf for space in spaces for leaf in table.leaves.of(space.pk)}
    rows = Occupancy.objects.filter(
        space__in=leaves, during__overlap=(now, local(last + dt.timedelta(days=1)))
    )
    busy: dict[int, list[Interval]] = defaultdict(list)
    for leaf, during in rows.values_list("space_id", "during"):
        busy[leaf].append((during.lower, during.upper))  # type: ignore[arg-type]
    shown = days_between(first, last)
    return {space.pk: _idle(space, table, busy, shown, now) for space in spaces}


def _idle(
    space: Space,
    table: Timetable,
    busy: Mapping[int, list[Interval]],
    days: list[dt.date],
    now: dt.datetime,
) -> list[Interval]:
    rule = space.rule if hasattr(space, "rule") else BookingRule()
    before, after = dt.timedelta(minutes=rule.buffer_before), dt.timedelta(minutes=rule.buffer_after)
    earliest = now + dt.timedelta(minutes=rule.notice_minutes)
    shortest = max(SHORTEST_IDLE, dt.timedelta(minutes=rule.usual_minutes))
    parts = (part for leaf in table.leaves.of(space.pk) for part in busy.get(leaf, ()))
    holes = merged((start - after, end + before) for start, end in parts)
    found = []
    for day in days[: rule.horizon_days + 1]:
        free = [
            (at, end)
            for start, end in without(table.open_on(space.pk, day), holes)
            if end - (at := _on_grid(max(start, earliest), local(day), rule)) >= shortest
        ]
        if free:
            found.append(max(free, key=lambda part: part[1] - part[0]))
        if len(found) == IDLE_OFFERED:
            break
    return found


def _on_grid(at: dt.datetime, midnight: dt.datetime, rule: BookingRule) -> dt.datetime:
    """The next full or half hour, or the next start that the rule knows where it has other ones."""
    step = dt.timedelta(minutes=30 if 30 % rule.step_minutes == 0 else rule.step_minutes)
    return midnight + -(-(at - midnight) // step) * step
