"""Put the rooms of the four communities into the portal: zones, hours, rules, what contains what, pictures."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from facilities import photos
from facilities.hours import local
from facilities.models import (
    BookingRule,
    Closure,
    Facility,
    OpeningHours,
    Photo,
    Space,
    SpaceLink,
    Zone,
)
from portal.demo.houses import HOUSES, Hours, House, Room
from portal.demo.pictures import interior
from portal.models import User

CLOSED_ROOM, CLOSED_FOR = "阶梯教室", "投影幕检修"


def are_there() -> bool:
    """Each house has rooms: one that was made before another release stays as it was then."""
    rooms = Space.objects.filter(facility__ref__in=[house.facility for house in HOUSES])
    return rooms.values("facility").distinct().order_by().count() == len(HOUSES)


@transaction.atomic
def make() -> None:
    """The rooms of the houses that have none yet, in a few statements each."""
    by = User.objects.get(username="region-admin")
    for house in HOUSES:
        facility = Facility.objects.get(ref=house.facility)
        if not facility.spaces.exists():
            _make_house(facility, house, by)


def _make_house(facility: Facility, house: House, by: User) -> None:
    zones = Zone.objects.bulk_create(
        Zone(facility=facility, floor=floor, name=name) for floor, name in house.zones
    )
    zone_of = {(zone.floor, zone.name): zone for zone in zones}
    made = Space.objects.bulk_create(_space(facility, room, zone_of) for room in house.rooms)
    spaces = {space.name: space for space in made}
    OpeningHours.objects.bulk_create(
        [row for hours in house.hours for row in _hours(facility, None, hours)]
        + [
            row
            for room in house.rooms
            for hours in room.hours
            for row in _hours(facility, spaces[room.name], hours)
        ]
    )
    BookingRule.objects.bulk_create(_rule(spaces[room.name], room) for room in house.rooms if room.rule)
    SpaceLink.objects.bulk_create(link for room in house.rooms for link in _links(spaces, room))
    if CLOSED_ROOM in spaces:
        _close(spaces[CLOSED_ROOM])
    for room in house.rooms:
        if room.picture and not Photo.objects.filter(space=spaces[room.name]).exists():
            caption = f"{room.name}示意图（演示用，非实景）"
            photos.add(spaces[room.name], interior(room.picture), caption, by=by)


def _space(facility: Facility, room: Room, zone_of: dict[tuple[int, str], Zone]) -> Space:
    return Space(
        facility=facility,
        community_id=facility.community_id,
        zone=zone_of.get((room.floor, room.zone)),
        name=room.name,
        floor=room.floor,
        category_id=room.category or None,
        uses=room.uses,
        equipment=room.equipment,
        area_m2=room.area_m2,
        capacity=room.capacity,
        is_accessible=room.is_accessible,
        is_public=room.is_public,
    )


def _hours(facility: Facility, space: Space | None, hours: Hours) -> list[OpeningHours]:
    kind = OpeningHours.Kind.NIGHT if hours.is_night else OpeningHours.Kind.DAY
    return [
        OpeningHours(
            facility=facility,
            space=space,
            kind=kind,
            weekday=day,
            opens_at=hours.opens,
            closes_at=hours.closes,
            season_from=hours.season[0],
            season_until=hours.season[1],
        )
        for day in hours.days
    ]


def _rule(space: Space, room: Room) -> BookingRule:
    given = room.rule
    assert given is not None  # noqa: S101 - only rooms with a rule come here
    return BookingRule(
        space=space,
        longest_minutes=given.longest,
        price_per_hour=given.price,
        needs_approval=given.needs_approval,
        buffer_after=given.buffer_after,
        horizon_days=given.horizon,
    )


def _links(spaces: dict[str, Space], room: Room) -> list[SpaceLink]:
    kinds = ((SpaceLink.Kind.CONTAINS, room.contains), (SpaceLink.Kind.SHARES, room.shares))
    return [
        SpaceLink(whole=spaces[room.name], part=spaces[part], kind=kind)
        for kind, parts in kinds
        for part in parts
    ]


def _close(space: Space) -> None:
    """A closure to come: a morning ten days from now."""
    day = timezone.localdate() + dt.timedelta(days=10)
    Closure.objects.create(
        facility=space.facility,
        space=space,
        starts_at=local(day, dt.time(9)),
        ends_at=local(day, dt.time(12)),
        reason=CLOSED_FOR,
    )
