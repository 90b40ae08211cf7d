"""How much the rooms of one's regions are used, and which stand empty."""

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from facilities import utilisation
from facilities.models import Space
from facilities.views.calendar import MOST_ROOMS, admin_page, day_of
from portal.access import STAFF_ROLES

MOST_DAYS = 92


@require_GET
def use(request: HttpRequest) -> HttpResponse:
    """Four weeks until yesterday unless asked otherwise; what counts as low can be chosen."""
    today = timezone.localdate()
    last = day_of(request.GET.get("until", "")) if request.GET.get("until") else today - dt.timedelta(days=1)
    first = day_of(request.GET.get("from", "")) if request.GET.get("from") else last - dt.timedelta(days=27)
    first = min(max(first, last - dt.timedelta(days=MOST_DAYS)), last)
    asked = request.GET.get("low", "")
    low = min(int(asked), 100) if asked.isdecimal() and len(asked) < 4 else utilisation.LOW
    spaces = Space.objects.visible_to(request.user, *STAFF_ROLES).select_related(
        "facility", "zone", "category"
    )
    rows = utilisation.use_of(
        list(spaces.order_by("community", "facility", "floor", "name")[:MOST_ROOMS]), first, last
    )
    groups = [
        (_("按功能"), utilisation.by(rows, lambda space: space.category)),
        (_("按楼层"), utilisation.by(rows, lambda space: f"{space.facility} {space.floor}F")),
        (
            _("按分区"),
            utilisation.by(rows, lambda space: f"{space.facility} {space.zone}" if space.zone else ""),
        ),
    ]
    context = {
        "first": first,
        "last": last,
        "low": low,
        "rows": [(row, row.use.is_low(low)) for row in rows],
        "groups": groups,
        "low_rows": [row for row in rows if row.use.is_low(low)],
    }
    return admin_page(request, "facilities/use.html", _("空间利用率"), **context)
