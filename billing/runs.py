"""Runs over many communities: ordered, cut into batches in PostgreSQL, watched, stopped, resumed, tried again.

What workers do with the batches is in `billing.working`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, Count, F, Func, IntegerField, Max, Q, Sum, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing import closing, timely
from billing.models import CloseBatch, CloseRun, CloseState
from billing.working import FAILED, HEARTBEAT, OPEN, WORKER_LOST, State, at_work, finish, hand_out
from facilities.models import Community, Region
from portal import audit
from portal.errors import Refused
from portal.months import Month

BATCH_SIZE = settings.CLOSE_BATCH_SIZE
ENDED = (State.DONE, State.FAILED)  # the states of batches whose outcomes are known
AGAIN = (FAILED, CloseState.BLOCKED)  # the outcomes worth another try once their cause is mended


class RunRefused(Refused):
    """A run that cannot be started or changed as asked."""


# Communities by what became of them; without a state those of batches that go on. Counted where they are:
# a country's outcomes are megabytes, and whoever watches a run asks every few seconds.
STATES = """
    SELECT o.value ->> 'state', count(*) FROM billing_closebatch b, jsonb_each(b.outcomes) o
    WHERE b.run_id = %(run)s AND b.state = ANY(%(ended)s) GROUP BY 1
    UNION ALL
    SELECT NULL, coalesce(sum(cardinality(codes)), 0) FROM billing_closebatch b
    WHERE b.run_id = %(run)s AND b.state <> ALL(%(ended)s)
"""


@transaction.atomic
def start(month: str, region: Region, goal: str = closing.Goal.POST, *, by: Any = None) -> CloseRun:
    """Order a month for all communities of a region; the batches go to the workers on commit."""
    if goal == closing.Goal.DRAFT:
        timely.expect_begun(Month.parse(month))
    codes = list(Community.objects.below(region).order_by("region_id").values_list("region_id", flat=True))
    if not codes:
        raise RunRefused(_("%s 下面还没有社区，请先建社区或导入数据。") % region)
    run = CloseRun(region=region, month=month, goal=goal, requested_by=by)
    return _order(run, batches(codes), communities=len(codes))


def _order(run: CloseRun, parts: Sequence[Sequence[str]], **told: Any) -> CloseRun:
    run.save()
    CloseBatch.objects.bulk_create(
        CloseBatch(run=run, number=number, codes=part) for number, part in enumerate(parts, 1)
    )
    audit.record("run.started", run, by=run.requested_by, region=run.region_id, goal=run.goal, **told)
    transaction.on_commit(lambda: hand_out(run))
    return run


def batches(codes: Sequence[str]) -> list[Sequence[str]]:
    """Part communities into batches of nearly the same size, so that workers end at nearly the same time."""
    count = -(-len(codes) // BATCH_SIZE)
    bounds = [len(codes) * number // max(count, 1) for number in range(count + 1)]
    return [codes[first:end] for first, end in pairwise(bounds)]


@transaction.atomic
def cancel(run: CloseRun, *, by: Any) -> None:
    """Stop a run: batches at work end, waiting ones stay undone; what is posted stays posted."""
    run = CloseRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if run.finished_at or run.cancelled_at:
        raise RunRefused(_("这次月结已经结束或取消。"))
    run.cancelled_at = timezone.now()
    run.save(update_fields=["cancelled_at"])
    audit.record("run.cancelled", run, by=by, region=run.region_id)
    transaction.on_commit(lambda: finish(run))


@transaction.atomic
def resume(run: CloseRun, *, by: Any) -> None:
    """Go on with a stopped run: what has its outcome keeps it, the rest is handed out."""
    run = CloseRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if run.finished_at:
        raise RunRefused(_("这次月结已经做完；出错或被拦下的请用“再试”。"))
    if not run.cancelled_at:
        raise RunRefused(_("这次月结还在进行。"))
    resting = run.batches.filter(state__in=OPEN).exclude(at_work())
    resting.update(state=State.WAITING, attempts=0, error="", handed_out_at=None)
    run.cancelled_at, run.resumed_at = None, timezone.now()
    run.save(update_fields=["cancelled_at", "resumed_at"])
    audit.record("run.resumed", run, by=by, region=run.region_id)
    transaction.on_commit(lambda: hand_out(run))


@transaction.atomic
def retry(run: CloseRun, *, by: Any) -> CloseRun:
    """Order the month anew for just the communities of an ended run that failed or were blocked.

    Those whose workers were lost go one by one: whichever ends its worker takes no other with it.
    """
    run = CloseRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if not run.cancelled_at and not run.finished_at:
        raise RunRefused(_("这次月结还在进行。"))
    later = CloseRun.objects.filter(
        pk__gt=run.pk, region=run.region_id, month=run.month, finished_at=None, cancelled_at=None
    )
    if later.exists():
        raise RunRefused(_("这个地区这个月已有一次月结在进行，请等它结束。"))
    errors = failures(run)
    alone = [code for code, error in errors.items() if error == WORKER_LOST]
    others = [one.code for one in outcomes(run) if one.state in AGAIN and one.code not in alone]
    if not alone and not others:
        raise RunRefused(_("没有出错或被拦下的社区，不用再试。"))
    new = CloseRun(region=run.region, month=run.month, goal=run.goal, requested_by=by)
    parts = [*batches(others), *([code] for code in alone)]
    return _order(new, parts, communities=len(others) + len(alone), again=run.pk)


def failures(run: CloseRun) -> dict[str, str]:
    """The error of each community that failed, by code."""
    failed = run.batches.filter(state=State.FAILED)
    return {
        code: one["error"]
        for batch in failed
        for code, one in batch.outcomes.items()
        if one["state"] == FAILED
    }


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: communities by what became of them, who is at it, and how long the rest may take."""

    total: int
    handled: int
    states: dict[str, int]
    at_work: int  # batches in the hands of live workers
    is_over: bool
    is_idle: bool  # it goes on, but nobody has been at it for a while
    seconds_left: float | None  # below 0 where it takes longer than reckoned, None where nothing is known

    @property
    def to_retry(self) -> int:
        return sum(self.states.get(state, 0) for state in AGAIN)

    @property
    def percent(self) -> int:
        return 100 * self.handled // self.total if self.total else 100


def progress(run: CloseRun) -> Progress:
    """Return how far a run is, from what is stored. A run that was stopped is over once nobody holds a batch.

    Three queries; until a first batch has ended a fourth, for how long such runs took before.
    """
    run = CloseRun.objects.get(pk=run.pk)
    with connection.cursor() as cursor:
        cursor.execute(STATES, {"run": run.pk, "ended": [str(state) for state in ENDED]})
        counts: dict[str | None, int] = dict(cursor.fetchall())
    states = {state: count for state, count in counts.items() if state is not None}
    total, handled = sum(counts.values()), sum(states.values())
    began = run.resumed_at or run.created_at
    size = Func(F("codes"), function="cardinality", output_field=IntegerField())
    now = run.batches.aggregate(
        at_work=Count("pk", filter=at_work()),
        held=Count("pk", filter=Q(state=State.CLAIMED)),
        last=Max("finished_at"),
        lately=Sum(size, filter=Q(state__in=ENDED, finished_at__gte=began), default=0),
    )
    is_over = run.finished_at is not None or (run.cancelled_at is not None and not now["held"])
    since = max(began, now["last"] or began)
    is_idle = not is_over and not now["at_work"] and timezone.now() - since > HEARTBEAT
    each = (since - began).total_seconds() / now["lately"] if now["lately"] else _seconds_each(run)
    left = None
    if each is not None and not run.finished_at and not run.cancelled_at:
        left = each * (total - handled) - (timezone.now() - since).total_seconds()
    return Progress(total, handled, states, now["at_work"], is_over, is_idle, left)


def _seconds_each(run: CloseRun) -> float | None:
    """The time a community took in the latest run like this one, of this region if there is one."""
    like = CloseRun.objects.filter(goal=run.goal, cancelled_at=None, resumed_at=None)
    ended = like.exclude(finished_at=None).exclude(pk=run.pk).with_counts()
    last = ended.order_by(Case(When(region=run.region_id, then=0), default=1), "-pk").first()
    if last is None or not last.finished_at:
        return None
    return (last.finished_at - last.created_at).total_seconds() / last.total


def outcomes(run: CloseRun) -> list[closing.Outcome]:
    """Return what became of each community so far, by code."""
    found = [one for batch in run.batches.all() for one in batch.outcomes.values()]
    return sorted(map(closing.Outcome.from_data, found), key=lambda one: one.code)
