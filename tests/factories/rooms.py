import datetime as dt
from typing import Any

import factory
from django.utils import timezone

from facilities.models import (
    Booking,
    BookingRule,
    BookingState,
    Facility,
    Occupancy,
    OpeningHours,
    Space,
    SpaceLink,
)
from tests.factories.people import UserFactory
from tests.factories.places import FacilityFactory


class SpaceFactory(factory.django.DjangoModelFactory):
    """A room residents may book at once, in steps of ten minutes, unless `rule=False`."""

    class Meta:
        model = Space
        skip_postgeneration_save = True

    facility = factory.SubFactory(FacilityFactory)
    community = factory.SelfAttribute("facility.community")
    name = factory.Sequence(lambda n: f"示例{n}室")
    capacity = 20
    area_m2 = 60

    @factory.post_generation
    def rule(self, create: bool, given: Any, **fields: Any) -> None:
        if given is not False:
            BookingRuleFactory(space=self, **fields)


class BookingRuleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = BookingRule

    space = factory.SubFactory(SpaceFactory, rule=False)
    per_person = 0


class SpaceLinkFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SpaceLink

    whole = factory.SubFactory(SpaceFactory)
    part = factory.SubFactory(SpaceFactory, facility=factory.SelfAttribute("..whole.facility"))


class BookingFactory(factory.django.DjangoModelFactory):
    """A confirmed booking with its occupancy, of an hour tomorrow at ten."""

    class Meta:
        model = Booking
        skip_postgeneration_save = True

    space = factory.SubFactory(SpaceFactory)
    community = factory.SelfAttribute("space.community")
    starts_at = factory.LazyFunction(lambda: tomorrow(10))
    ends_at = factory.LazyAttribute(lambda booking: booking.starts_at + dt.timedelta(hours=1))
    state = BookingState.CONFIRMED
    booked_by = factory.SubFactory(UserFactory)

    @factory.post_generation
    def occupied(self, create: bool, given: Any, **kwargs: Any) -> None:
        Occupancy.objects.create(space=self.space, booking=self, during=(self.starts_at, self.ends_at))


def tomorrow(hour: int, days: int = 1) -> dt.datetime:
    return timezone.localtime().replace(hour=hour, minute=0, second=0, microsecond=0) + dt.timedelta(
        days=days
    )


def open_daily(facility: Facility, opens: int = 9, closes: int = 21, holidays: bool = True) -> None:
    """Open every day of the week, and on public holidays too unless told."""
    OpeningHours.objects.bulk_create(
        OpeningHours(facility=facility, weekday=weekday, opens_at=dt.time(opens), closes_at=dt.time(closes))
        for weekday in range(8 if holidays else 7)
    )
