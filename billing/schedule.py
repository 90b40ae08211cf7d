"""What happens to months by the clock (the times are in `portal.celery`)."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from billing import closing, reminders, rollups
from billing.books import Chain
from billing.models import CloseState, MonthClose
from billing.overview import ROLL_UPS_CHECKED
from billing.telling import tell_held_back
from billing.verification import community_faults, roll_up_faults
from facilities.models import Community
from portal import audit, jobs
from portal.months import Month
from services.models import Agreement

logger = logging.getLogger(__name__)

STEP = 200
DISTRICT = 6  # digits of a code
DRAFT = "billing.tasks.draft_district"  # by name: tasks import this module


def hand_out_drafts() -> int:
    """Send the night's drafts district by district, so that all workers share them; return how many."""
    codes = _with_books().values_list("region_id", flat=True)
    districts = sorted({code[:DISTRICT] for code in codes})
    return sum(jobs.send(DRAFT, district) for district in districts)


def draft_open_months(prefix: str = "") -> None:
    """From the 1st on: draft each community's next open month anew, and remind of what it lacks."""
    last = str(Month.of(timezone.localdate()).previous())
    for month, codes in sorted(_open_months(last, prefix).items()):
        for step in _steps(codes):
            _apart(_draft, month, step)


def _draft(month: str, codes: Sequence[str]) -> None:
    closing.draft(month, codes)
    reminders.remind(month, codes)


def _with_books() -> QuerySet[Community]:
    here = OuterRef("pk")
    return Community.objects.filter(
        Exists(MonthClose.objects.filter(community=here)) | Exists(Agreement.objects.filter(community=here))
    )


def _open_months(last: str, prefix: str) -> dict[str, list[str]]:
    """The month whose turn it is in each community that has any books, none after the last one ended."""
    communities = _with_books().filter(region__code__startswith=prefix)
    ends = communities.values_list("region_id").annotate(
        first=Min("closes__month"), posted=Max("closes__month", filter=Q(closes__state=CloseState.POSTED))
    )
    found: dict[str, list[str]] = defaultdict(list)
    for code, first, posted in ends.order_by("region_id"):
        month = Chain(first or "", posted or "").next or last
        if month <= last:
            found[month].append(code)
    return found


def _steps(codes: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(codes), STEP):
        yield codes[first : first + STEP]


def post_due_months() -> None:
    """Post what an approver confirmed once its notice has passed, unless something of it is still missing."""
    for month, codes in closing.due_for_posting(timezone.localdate()).items():
        for step in _steps(codes):
            _apart(_post, month, step)
        rollups.build_region_months(month)


def _post(month: str, codes: Sequence[str]) -> None:
    lacking = reminders.missing(month, codes)
    closing.close_batch(month, [code for code in codes if code not in lacking], goal=closing.Goal.DUE)
    reminders.remind(month, sorted(lacking))
    tell_held_back(month, lacking)


def _apart(act: Callable[[str, Sequence[str]], None], month: str, codes: Sequence[str]) -> None:
    """Do it for all at once; if one breaks it, for each by itself, and write down which cannot be done."""
    try:
        return act(month, codes)
    except Exception:
        logger.exception("The clock goes on one by one: %s %s", month, act.__name__)
    for code in codes:
        try:
            act(month, [code])
        except Exception as error:
            logger.exception("The clock could not do %s %s %s", month, code, act.__name__)
            audit.record("month.failed", f"{code} {month}", region=code, error=type(error).__name__)


def check_roll_ups() -> None:
    """Compare the months of communities and regions with a recomputation, record it, and build regions anew.

    A community's month is posted and stays: where it differs, a person has to look.
    """
    wrong = [one.where for one in community_faults()]
    faults = roll_up_faults()
    rows = [one.where for one in faults]
    audit.record(ROLL_UPS_CHECKED, "region months", faults=len(faults) + len(wrong), rows=rows, wrong=wrong)
    months = sorted({one.where.rsplit(" ", 1)[1] for one in faults})
    for month in months:
        rollups.build_region_months(month)
