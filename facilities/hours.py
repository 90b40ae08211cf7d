"""When a space is open: its hours by weekday and season, less closures, by the official days off."""

import datetime as dt
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from chinese_calendar.constants import holidays, workdays
from django.utils import timezone

from facilities.models import Closure, Holiday, Leaves, OpeningHours, Space
from facilities.models.hours import OpeningHours as Hours

Interval = tuple[dt.datetime, dt.datetime]

NATIONAL_DAY = (10, 1)
KNOWN_YEARS = range(min(holidays).year, max(holidays).year + 1)


def local(day: dt.date, at: dt.time = dt.time.min) -> dt.datetime:
    """A clock time of a day in the portal's own zone."""
    return timezone.make_aware(dt.datetime.combine(day, at))


def days_between(first: dt.date, last: dt.date) -> list[dt.date]:
    return [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]


class OfficialDays:
    """Public holidays and make-up workdays: the table first, then the built-in calendar."""

    def __init__(self, rows: Iterable[Holiday] = ()) -> None:
        self._own = {row.date: row for row in rows}
        self._own_years = {day.year for day in self._own if (day.month, day.day) == NATIONAL_DAY}

    @classmethod
    def of_years(cls, first: dt.date, last: dt.date) -> Self:
        return cls(Holiday.objects.filter(date__year__range=(first.year, last.year)))

    def weekday(self, day: dt.date) -> int:
        """The weekday whose hours apply: a holiday counts as its own, a make-up workday as a Monday."""
        own = self._own.get(day)
        if own is not None:
            return int(Hours.Weekday.MONDAY if own.is_workday else Hours.Weekday.HOLIDAY)
        if day in workdays:
            return int(Hours.Weekday.MONDAY)
        return int(Hours.Weekday.HOLIDAY) if day in holidays else day.weekday()

    def is_known(self, year: int) -> bool:
        """Tell whether the days off of a year have been published to us; if not, weekdays count.

        They are published all at once: a year whose National Day is entered is known, one with a day of
        the community's own is not.
        """
        return year in KNOWN_YEARS or year in self._own_years

    def unknown_years(self, first: dt.date, last: dt.date) -> list[int]:
        return [year for year in range(first.year, last.year + 1) if not self.is_known(year)]


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time as intervals in order that neither touch nor overlap."""
    found: list[Interval] = []
    for start, end in sorted(intervals):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def without(intervals: Iterable[Interval], holes: Iterable[Interval]) -> list[Interval]:
    """The intervals, which follow each other, less the holes; one look at each."""
    left: list[Interval] = []
    waiting = deque(merged(holes))
    for start, end in intervals:
        while waiting and waiting[0][1] <= start:
            waiting.popleft()
        at = start
        for begin, finish in waiting:
            if begin >= end:
                break
            if at < begin:
                left.append((at, begin))
            at = max(at, finish)
        if at < end:
            left.append((at, end))
    return left


def minutes(intervals: Iterable[Interval]) -> int:
    return sum(int((end - start).total_seconds()) // 60 for start, end in intervals)


class Timetable:
    """Opening of some spaces over some days; loaded by the same few queries for one or a thousand."""

    def __init__(
        self,
        spaces: Mapping[int, int],
        hours: Iterable[OpeningHours],
        closures: Iterable[Closure],
        days: OfficialDays,
        leaves: Leaves,
    ) -> None:
        self.days, self.leaves, self._facility = days, leaves, spaces
        self._hours: dict[tuple[str, int], list[OpeningHours]] = defaultdict(list)
        for row in hours:
            self._hours[_owner(row.facility_id, row.space_id)].append(row)
        self._open: dict[tuple[int, dt.date], list[Interval]] = {}
        self._declared: dict[tuple[tuple[str, int], dt.date], list[Interval]] = {}
        self._closed: dict[tuple[str, int], list[Interval]] = defaultdict(list)
        for one in closures:
            owners = [_owner(one.facility_id, None)] if one.space_id is None else self._leaf_owners(one)
            for owner in owners:
                self._closed[owner].append((one.starts_at, one.ends_at))

    def _leaf_owners(self, closure: Closure) -> list[tuple[str, int]]:
        """The leaves a closed room lies on; what it only shares with others stays with them."""
        closed = closure.space_id or 0
        leaves = (
            leaf for leaf in self.leaves.of(closed) if leaf == closed or not self.leaves.is_shared(leaf)
        )
        return [("space", leaf) for leaf in leaves]

    @classmethod
    def load(cls, spaces: Iterable[Space], first: dt.date, last: dt.date) -> Self:
        facility = {space.pk: space.facility_id for space in spaces}
        facilities = set(facility.values())
        closures = Closure.objects.filter(
            facility__in=facilities,
            starts_at__lt=local(last + dt.timedelta(days=1)),
            ends_at__gt=local(first),
        )
        return cls(
            facility,
            OpeningHours.objects.filter(facility__in=facilities).order_by("pk"),
            closures,
            OfficialDays.of_years(first, last),
            Leaves.of_facilities(facilities),
        )

    def of_house(self, facility: int) -> list[OpeningHours]:
        """The hours a facility declares for all its rooms."""
        return self._hours.get(_owner(facility, None), [])

    def open_on(self, space: int, day: dt.date) -> list[Interval]:
        """When a space is open on a day; its own hours replace those of the facility."""
        if (space, day) not in self._open:
            self._open[space, day] = self._opening(space, day)
        return self._open[space, day]

    def _opening(self, space: int, day: dt.date) -> list[Interval]:
        facility = _owner(self._facility[space], None)
        own = _owner(self._facility[space], space)
        declared = self._declared_on(own if own in self._hours else facility, day)
        if not self._closed:
            return declared
        closed = list(self._closed.get(facility, ()))
        for leaf in self.leaves.of(space):
            closed += self._closed.get(("space", leaf), ())
        return without(declared, closed) if closed else declared

    def _declared_on(self, owner: tuple[str, int], day: dt.date) -> list[Interval]:
        """What a facility's or a room's own hours say of a day, before closures."""
        if (owner, day) not in self._declared:
            weekday = self.days.weekday(day)
            self._declared[owner, day] = merged(
                (local(day, row.opens_at), local(day, row.closes_at))
                for row in in_season(self._hours.get(owner, ()), day)
                if row.weekday == weekday
            )
        return self._declared[owner, day]

    def open_between(self, space: int, first: dt.date, last: dt.date) -> list[Interval]:
        return [part for day in days_between(first, last) for part in self.open_on(space, day)]


def _owner(facility: int, space: int | None) -> tuple[str, int]:
    return ("facility", facility) if space is None else ("space", space)


def in_season(rows: Sequence[OpeningHours], day: dt.date) -> list[OpeningHours]:
    """The rows that hold on a day: a season replaces the all-year hours of the same kind."""
    text = f"{day:%m-%d}"
    seasonal = [row for row in rows if row.season_from and _is_within(text, row)]
    kinds = {row.kind for row in seasonal}
    return seasonal + [row for row in rows if not row.season_from and row.kind not in kinds]


def _is_within(text: str, row: OpeningHours) -> bool:
    if row.season_from <= row.season_until:
        return row.season_from <= text <= row.season_until
    return text >= row.season_from or text <= row.season_until
