"""What waits for somebody, as rows; and how much of it waits under their other roles, in one query."""

import copy
import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Count, Q, QuerySet, Value
from django.utils import timezone

from billing.models import CloseState, MonthClose, Objection, Revenue, RevenueStatus
from billing.workbench.place import CONFIRMING, DRAFTING, ENTERING
from facilities.bookings.checking import DECIDING
from facilities.models import Booking, BookingState, Project, ProjectState
from facilities.projects import DISTRICT
from portal.access import STAFF_ROLES, Role
from portal.admin_base import INPUT_ROLES
from portal.months import Month
from residents.models import LOOK_UP_ROLES, Need
from services.models import Agreement, Licence

SOON = dt.timedelta(days=60)


def months(user: Any) -> QuerySet:
    """Closes that wait for this user's hand: blocked or drafted, or under notice and not yet confirmed."""
    rows = MonthClose.objects.visible_to(user, *DRAFTING)
    mine = rows.filter(Q(state=CloseState.BLOCKED) | Q(state=CloseState.DRAFT, community__notice_days__gt=0))
    due = Q(state=CloseState.NOTICE) | Q(state=CloseState.DRAFT, community__notice_days=0)
    over = {"month__lt": str(Month.of(timezone.localdate()))}
    drafted = MonthClose.objects.visible_to(user, *CONFIRMING).filter(due, confirmed_by=None, **over)
    return mine | drafted.exclude(drafted_by=user.pk)


def objections(user: Any) -> QuerySet:
    return Objection.objects.visible_to(user, *CONFIRMING).open()


def revenue(user: Any) -> QuerySet:
    return Revenue.objects.visible_to(user, *DRAFTING).filter(status=RevenueStatus.SUBMITTED)


def plans(user: Any) -> QuerySet:
    """Plans that wait for this approver, and those that came back to whoever writes them."""
    states = [ProjectState.SUBMITTED]
    if any(len(one) <= DISTRICT for one in user.region_prefixes(Role.APPROVER)) or user.is_superuser:
        states.append(ProjectState.STREET)
    waiting = Project.objects.visible_to(user, Role.APPROVER).filter(state__in=states)
    returned = Project.objects.visible_to(user, *ENTERING).filter(state=ProjectState.DRAFT)
    return waiting | returned.exclude(returned_for="")


def bookings(user: Any) -> QuerySet:
    """Bookings that wait for this user's approval: none of their own."""
    rows = Booking.objects.visible_to(user, *DECIDING)
    return rows.filter(state=BookingState.REQUESTED, starts_at__gt=timezone.now()).exclude(booked_by=user.pk)


def needs(user: Any) -> QuerySet:
    return Need.objects.visible_to(user, *LOOK_UP_ROLES).waiting()


def licences(user: Any) -> QuerySet:
    return Licence.objects.visible_to(user, *INPUT_ROLES).running_out(timezone.localdate())


def agreements(user: Any) -> QuerySet:
    day = timezone.localdate()
    return Agreement.objects.visible_to(user, *ENTERING).filter(ends_on__range=(day, day + SOON))


EVERYTHING = (months, objections, revenue, plans, bookings, needs, licences, agreements)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another role of the same person, its word, and how much waits under it."""

    role: str
    word: str
    number: int


def elsewhere(user: Any) -> list[Elsewhere]:
    """What waits under somebody's other staff roles, readings and bills still to be entered aside."""
    if user.is_superuser:
        return []
    others = [role for role in user.roles_held if role in STAFF_ROLES and role != user.role_in_use]
    counts = [_count(rows, user, role) for role in others for rows in EVERYTHING]
    if not counts:
        return []
    found = dict.fromkeys(others, 0)
    for role, number in counts[0].union(*counts[1:], all=True):
        found[Role(role)] += number
    return [Elsewhere(role.value, str(role.label), number) for role, number in found.items() if number]


def _count(rows: Any, user: Any, role: Role) -> QuerySet:
    """How many of these rows there would be with another role in use."""
    other = copy.copy(user)
    other.role_in_use = role
    name = Value(role.value, CharField())
    return (
        rows(other)
        .order_by()
        .annotate(of_role=name)
        .values("of_role")
        .annotate(Count("pk"))
        .values_list("of_role", "pk__count")
    )
