"""A space is made of other parts than before: what is booked moves along, or the change is refused."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from facilities.bookings.making import collisions_are_refusals, release_expired
from facilities.bookings.telling import tell_moved
from facilities.hours import Interval
from facilities.models import Booking, Leaves, Occupancy, Space, SpaceLink

Taker = tuple[str, int, int]  # what takes it: kind, key, space


def lock_facility(facility: int) -> list[int]:
    """Lock every space of a facility as booking does; nobody books there until the change is done."""
    rows = Space.objects.select_for_update(no_key=True, of=("self",)).filter(facility=facility)
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    release_expired(keys)
    return keys


def with_links_of(whole: Space, links: Iterable[tuple[int, str]]) -> Leaves:
    """The composition of a facility as it would be with these parts of one space."""
    others = SpaceLink.objects.of_facilities([whole.facility_id]).exclude(whole=whole)
    rows = list(others.values_list("whole_id", "part_id", "kind"))
    return Leaves([*rows, *((whole.pk, part, kind) for part, kind in links)])


def clashes(facility: int, leaves: Leaves) -> list[str]:
    """Pairs of bookings to come that would take the same part at the same time, in words."""
    by_leaf: dict[int, list[tuple[Interval, Taker]]] = defaultdict(list)
    for taker, during in _takers(facility).items():
        for leaf in leaves.of(taker[2]):
            by_leaf[leaf].append((during, taker))
    names = dict(Space.objects.filter(facility=facility).values_list("pk", "name"))
    found = []
    for times in by_leaf.values():
        times.sort()
        for (first, one), (second, other) in zip(times, times[1:], strict=False):
            if second[0] < first[1]:
                at = timezone.localtime(second[0])
                text = _("%(at)s %(one)s与%(other)s")
                found.append(
                    text % {"at": f"{at:%m-%d %H:%M}", "one": names[one[2]], "other": names[other[2]]}
                )
    return sorted(set(found))


@transaction.atomic
def reoccupy(facility: int) -> int:
    """Let everything to come take the parts its space has now; answer how many moved."""
    with collisions_are_refusals():
        keys = lock_facility(facility)
        before, takers, leaves = _parts(facility), _takers(facility), Leaves.of_facilities([facility])
        Occupancy.objects.filter(space__in=keys, during__endswith__gt=timezone.now()).delete()
        Occupancy.objects.bulk_create(
            Occupancy(space_id=leaf, during=during, **{f"{kind}_id": key})
            for (kind, key, space), during in takers.items()
            for leaf in leaves.of(space)
        )
    _tell_moved(before, facility)
    return len(takers)


def _parts(facility: int) -> dict[int, set[int]]:
    """The parts that each booking of the facility takes from now on."""
    rows = Occupancy.objects.filter(
        space__facility=facility, during__endswith__gt=timezone.now(), booking__isnull=False
    )
    found: dict[int, set[int]] = defaultdict(set)
    for booking, space in rows.values_list("booking", "space"):
        found[booking].add(space)
    return found


def _tell_moved(before: dict[int, set[int]], facility: int) -> None:
    """Tell those whose bookings take other parts than before, once a room."""
    after = _parts(facility)
    moved = Booking.objects.filter(pk__in=[pk for pk, parts in before.items() if parts != after.get(pk)])
    by_space: dict[Space, list[Booking]] = defaultdict(list)
    for booking in moved.select_related("space__facility", "booked_by", "resident__account"):
        by_space[booking.space].append(booking)
    for space, bookings in by_space.items():
        tell_moved(space, bookings)


def _takers(facility: int) -> dict[Taker, Interval]:
    """Whatever takes a space of the facility from now on, and when, buffers included."""
    rows = Occupancy.objects.filter(space__facility=facility, during__endswith__gt=timezone.now())
    found: dict[Taker, Interval] = {}
    for during, booking, booked, block, blocked in rows.values_list(
        "during", "booking", "booking__space", "block", "block__calendar__space"
    ):
        taker = ("booking", booking, booked) if booking else ("block", block, blocked)
        found[taker] = (during.lower, during.upper)  # type: ignore[assignment]
    return found
