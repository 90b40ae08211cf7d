"""The demo's past weeks and the coming ones: courses, neighbours' bookings, visits and unmet wishes.

Everything follows from the day and the room, so that the demo made twice is the same; a demo that is
started again days later gets the days that are missing.
"""

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from facilities.bookings.checking import Wish, span
from facilities.bookings.making import price_of
from facilities.hours import Interval, Timetable, days_between, local
from facilities.models import (
    TAKING,
    Booking,
    BookingState,
    Occupancy,
    RefusedWish,
    Space,
    VisitCount,
)
from portal.demo.houses import HOUSES
from portal.demo.people import DIANJIAN, HUANGHE, LIYUAN, TIANFU
from portal.demo.programme import COURSES, HABITS, OCCASIONS, Course, Habit
from portal.models import User

BACK, AHEAD, ENOUGH = dt.timedelta(days=42), dt.timedelta(days=14), dt.timedelta(days=5)
SERIES = uuid.UUID("6c697265-6e00-4000-8000-000000000000")  # any fixed one; a name space of our own
CLERKS = {
    HUANGHE: "clerk",
    TIANFU: "clerk-tianfu",
    DIANJIAN: "clerk-dianjian",
    LIYUAN: "clerk-liyuan",
}
RESIDENTS = {HUANGHE: "resident", LIYUAN: "resident-liyuan"}
NEIGHBOURS = ("居民甲", "居民乙", "居民丙", "居民丁", "居民戊", "居民己")
WANTED = (("TF-1", "书画室", 3), ("TF-1", "茶艺室", 2), ("DJ-1", "文体活动室", 2), ("LY-1", "夜校教室", 1))
Key = tuple[str, str]


class Plan(NamedTuple):
    """A booking as it is to be."""

    start: dt.datetime
    end: dt.datetime
    what: str
    whom: str
    people: int
    series: uuid.UUID | None = None


def series_of(course: Course) -> uuid.UUID:
    return uuid.uuid5(SERIES, f"{course.facility} {course.room} {course.weekday} {course.start}")


def made_until() -> dt.date | None:
    last = Booking.objects.filter(series__in=[series_of(course) for course in COURSES])
    at = last.aggregate(at=Max("starts_at"))["at"]
    return timezone.localtime(at).date() if at else None


def are_there() -> bool:
    until = made_until()
    return until is not None and until >= timezone.localdate() + ENOUGH


@transaction.atomic
def make() -> None:
    """Fill the days that are not filled yet."""
    today, until = timezone.localdate(), made_until()
    first = max(today - BACK, until + dt.timedelta(days=1)) if until else today - BACK
    last = today + AHEAD
    if until:
        _let_come()
    if first <= last:
        Weeks(first, last).fill()


def _let_come() -> None:
    """Who took part in a course while nobody looked at the demo did come."""
    Booking.objects.filter(
        series__in=[series_of(course) for course in COURSES],
        state__in=(BookingState.CONFIRMED, BookingState.NO_SHOW),
        ends_at__lt=timezone.now(),
    ).update(state=BookingState.ATTENDED)


class Weeks:
    """Bookings and visits of some days, kept free of each other and of what is there, written at once."""

    def __init__(self, first: dt.date, last: dt.date) -> None:
        self.days, self.now = days_between(first, last), timezone.now()
        rows = Space.objects.filter(facility__ref__in=[house.facility for house in HOUSES])
        self.spaces: dict[Key, Space] = {
            (space.facility.ref, space.name): space for space in rows.select_related("facility", "rule")
        }
        self.table = Timetable.load(self.spaces.values(), first, last)
        self.people = {
            user.username: user
            for user in User.objects.filter(username__in=[*CLERKS.values(), *RESIDENTS.values()])
        }
        self.taken: dict[int, list[Interval]] = defaultdict(list)
        there = Occupancy.objects.filter(space__in=self.spaces.values(), during__endswith__gt=local(first))
        for leaf, during in there.values_list("space_id", "during"):
            self.taken[leaf].append((during.lower, during.upper))  # type: ignore[arg-type]
        self.held: Counter[int] = Counter()
        self.bookings: list[Booking] = []
        self.spans: list[tuple[Interval, list[int]]] = []

    def fill(self) -> None:
        for day in self.days:
            for course in COURSES:
                if course.weekday == day.weekday():
                    self._course(course, day)
            for habit in HABITS:
                self._neighbours(habit, day)
        self._write()
        self._visits()
        self._refused()

    def _course(self, course: Course, day: dt.date) -> None:
        plan = Plan(
            local(day, course.start),
            local(day, course.end),
            course.what,
            course.whom,
            course.people,
            series_of(course),
        )
        self._book((course.facility, course.room), plan)

    def _neighbours(self, habit: Habit, day: dt.date) -> None:
        """Some days somebody books, some days nobody does."""
        space = self.spaces[habit.facility, habit.room]
        chance = Random(f"{habit.facility} {habit.room} {day}")  # noqa: S311 - an example, no secret
        often, rest = divmod(habit.bookings, 7)
        for _number in range(often + (chance.randrange(7) < rest)):
            for opens, closes in self.table.open_on(space.pk, day):
                length = dt.timedelta(minutes=chance.choice((60, 90, 120)))
                hours = int((closes - opens - length).total_seconds()) // 3600
                if hours < 0:
                    continue
                start = opens + dt.timedelta(hours=chance.randint(0, hours))
                whom, people = chance.choice(NEIGHBOURS), chance.randint(2, max(2, space.capacity // 2))
                plan = Plan(start, start + length, chance.choice(OCCASIONS), whom, people)
                if self._book((habit.facility, habit.room), plan):
                    break

    def _book(self, key: Key, plan: Plan) -> bool:
        space = self.spaces[key]
        day = timezone.localtime(plan.start).date()
        if not any(
            opens <= plan.start and plan.end <= closes for opens, closes in self.table.open_on(space.pk, day)
        ):
            return False
        during, leaves = span(space.rule, plan.start, plan.end), self.table.leaves.of(space.pk)
        for leaf in leaves:
            if any(begin < during[1] and end > during[0] for begin, end in self.taken[leaf]):
                return False
        booking = self._booking(space, plan)
        if booking.state in TAKING:
            for leaf in leaves:
                self.taken[leaf].append(during)
        self.bookings.append(booking)
        self.spans.append((during, leaves))
        return True

    def _booking(self, space: Space, plan: Plan) -> Booking:
        code = space.community_id
        is_own = plan.whom == NEIGHBOURS[0] and code in RESIDENTS and self._may_hold(space, plan)
        wish = Wish(space, plan.start, plan.end, plan.people, plan.what)
        state = self._state(space, plan)
        return Booking(
            space=space,
            community_id=code,
            starts_at=plan.start,
            ends_at=plan.end,
            state=state,
            booked_by=self.people[RESIDENTS[code] if is_own else CLERKS[code]],
            booked_for="" if is_own else plan.whom,
            purpose=plan.what,
            people=min(plan.people, space.capacity),
            price=price_of(space.rule, wish),
            series=plan.series,
            arrived_at=plan.start if state == BookingState.ATTENDED else None,
        )

    def _may_hold(self, space: Space, plan: Plan) -> bool:
        """Nobody holds more of what is to come than the room's rule allows; past ones do not count."""
        if plan.start > self.now:
            self.held[space.pk] += 1
        return self.held[space.pk] <= space.rule.per_person

    def _state(self, space: Space, plan: Plan) -> str:
        luck = Random(f"{space.name} {plan.start}").randrange(100)  # noqa: S311 - an example, no secret
        if plan.start <= self.now:
            if luck < 4:
                return BookingState.CANCELLED
            return BookingState.NO_SHOW if luck < 12 else BookingState.ATTENDED
        is_asked = space.rule.needs_approval and (not plan.series or luck < 40)
        return BookingState.REQUESTED if is_asked else BookingState.CONFIRMED

    def _write(self) -> None:
        made = Booking.objects.bulk_create(self.bookings)
        Occupancy.objects.bulk_create(
            Occupancy(space_id=leaf, during=during, booking=booking)
            for booking, (during, leaves) in zip(made, self.spans, strict=True)
            if booking.state in TAKING
            for leaf in leaves
        )

    def _visits(self) -> None:
        """People who came without booking, by the hour, as far as the hours are over."""
        VisitCount.objects.bulk_create(list(self._counted()), ignore_conflicts=True)

    def _counted(self) -> Iterator[VisitCount]:
        for habit in HABITS:
            space = self.spaces[habit.facility, habit.room]
            for day in self.days if habit.visits else ():
                chance = Random(f"{habit.facility} {habit.room} {day} visits")  # noqa: S311 - an example
                for opens, closes in self.table.open_on(space.pk, day):
                    hour = opens.replace(minute=0)
                    while hour < min(closes, self.now - dt.timedelta(hours=1)):
                        if count := chance.randint(0, 2 * habit.visits):
                            yield VisitCount(space=space, hour=hour, count=count)
                        hour += dt.timedelta(hours=1)

    def _refused(self) -> None:
        """What people wanted and did not get, a few times a week."""
        rows: list[Any] = []
        for day in self.days:
            for facility, room, most in WANTED:
                chance = Random(f"{facility} {room} {day} wanted")  # noqa: S311 - an example, no secret
                space = self.spaces[facility, room]
                if day <= self.now.date() and (count := chance.randint(-2, most)) > 0:
                    rows.append(
                        RefusedWish(
                            day=day,
                            space=space,
                            category_id=space.category_id,
                            reason="taken",
                            count=count,
                        )
                    )
        RefusedWish.objects.bulk_create(rows, ignore_conflicts=True)
