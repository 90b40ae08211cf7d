"""The staff's opening page: what waits for whoever looks, the rooms of today, how far the month is."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.workbench.place import month_by, told_of_books, usual_month
from facilities.bookings.checking import ENTERING
from facilities.models import Community
from portal.access import STAFF_ROLES
from portal.today.months import MonthState, how_far
from portal.today.rooms import bookings_for, rooms_today
from portal.today.tasks import MOST, summary, tasks_of
from portal.today.waiting import elsewhere


def today(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Fill the opening page of the admin."""
    user: Any = request.user
    communities = Community.objects.visible_to(user, *STAFF_ROLES)
    found = list(told_of_books(communities).order_by("region")[: MOST + 1])
    has_more = len(found) > MOST
    month = (
        usual_month(communities) if has_more else month_by(one.is_posted for one in found if one.has_books)
    )
    mine = {one.code: one.name for one in found[:MOST]}
    state = MonthState.load(user, month, mine)
    asked, taken = bookings_for(user, MOST)
    tasks = tasks_of(user, state, asked)
    return {
        **context,
        "title": _("今天"),
        "today": timezone.localdate(),
        "month": month,
        "tasks": tasks,
        "elsewhere": elsewhere(user),
        "summary": summary(tasks),
        "rooms": rooms_today(taken),
        "handles_rooms": user.has_role(*ENTERING),
        "progress": how_far(user, state, has_more=has_more),
        "has_more": has_more,
        "most": MOST,
    }
