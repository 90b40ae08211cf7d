"""How much rooms are used: booked and attended time over declared open hours, evenings and weekends too."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from facilities.hours import Timetable, local, minutes, without
from facilities.models import BOOKED, Booking, BookingState, Space

LOW = 30  # percent


@dataclass(frozen=True, slots=True)
class Use:
    """Open, booked and attended minutes of something."""

    name: str
    open: int
    booked: int
    attended: int

    @property
    def share(self) -> Fraction | None:
        return Fraction(self.booked, self.open) if self.open else None

    @property
    def attended_share(self) -> Fraction | None:
        return Fraction(self.attended, self.open) if self.open else None

    def is_low(self, percent: int = LOW) -> bool:
        return self.share is not None and self.share * 100 < percent


@dataclass(frozen=True, slots=True)
class SpaceUse:
    """One leaf space, and the use of it."""

    space: Space
    use: Use


def use_of(spaces: list[Space], first: dt.date, last: dt.date) -> list[SpaceUse]:
    """The use of every leaf among these spaces; a booked hall uses both its halves."""
    table = Timetable.load(spaces, first, last)
    facilities = {space.facility_id for space in spaces}
    rows = Booking.objects.filter(space__facility__in=facilities, state__in=BOOKED)
    rows = rows.between(local(first), local(last + dt.timedelta(days=1)))
    booked: dict[int, list[tuple[dt.datetime, dt.datetime, str]]] = defaultdict(list)
    for space, start, end, state in rows.values_list("space_id", "starts_at", "ends_at", "state"):
        for leaf in table.leaves.of(space):
            booked[leaf].append((start, end, state))
    return [
        SpaceUse(space, _use(space, table, booked[space.pk], first, last))
        for space in spaces
        if not table.leaves.is_made_of_parts(space.pk)
    ]


def _use(
    space: Space,
    table: Timetable,
    booked: list[tuple[dt.datetime, dt.datetime, str]],
    first: dt.date,
    last: dt.date,
) -> Use:
    opening = table.open_between(space.pk, first, last)
    total = minutes(opening)

    def covered(states: Iterable[str]) -> int:
        taken = [(start, end) for start, end, state in booked if state in states]
        return total - minutes(without(opening, taken))

    return Use(space.name, total, covered(BOOKED), covered((BookingState.ATTENDED,)))


def by(rows: Iterable[SpaceUse], name_of: Callable[[Space], Any]) -> list[Use]:
    """Add up by floor, zone, function or whatever names a space."""
    groups: dict[str, list[Use]] = defaultdict(list)
    for row in rows:
        groups[str(name_of(row.space) or "—")].append(row.use)
    return [
        Use(
            name,
            sum(one.open for one in uses),
            sum(one.booked for one in uses),
            sum(one.attended for one in uses),
        )
        for name, uses in sorted(groups.items())
    ]
