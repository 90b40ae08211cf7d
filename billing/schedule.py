"""What happens to months by the clock (the times are in `portal.celery`)."""

from django.utils import timezone

from billing import closing, rollups
from billing.models import MonthClose
from billing.verification import roll_up_faults
from facilities.models import Community
from portal import audit
from portal.months import Month

STEP = 200


def draft_open_months() -> None:
    """From the 1st on: draft last month anew for communities whose turn it is."""
    last = str(Month.of(timezone.localdate()).previous())
    codes = list(
        Community.objects.exclude(closes__in=MonthClose.objects.posted().filter(month=last))
        .order_by("region_id")
        .values_list("region_id", flat=True)
    )
    for first in range(0, len(codes), STEP):
        closing.draft(last, codes[first : first + STEP])


def post_due_months() -> None:
    """Post what an approver confirmed and nobody objects to, once its notice has passed."""
    for month, codes in closing.due_for_posting(timezone.localdate()).items():
        for first in range(0, len(codes), STEP):
            closing.close_batch(month, codes[first : first + STEP], goal=closing.Goal.DUE)
        rollups.build_region_months(month)


def check_roll_ups() -> None:
    """Compare region months with a recomputation, record the result, and build anew what differs."""
    faults = roll_up_faults()
    audit.record(
        "rollups.checked", "region months", faults=len(faults), rows=[one.where for one in faults[:50]]
    )
    months = sorted({one.where.rsplit(" ", 1)[1] for one in faults})
    for month in months:
        rollups.build_region_months(month)
