"""Runs over many communities: batches in PostgreSQL, handed to workers, taken back from those that died.

A batch is claimed, kept alive by a heartbeat, and done or failed. Whoever handles it twice does no harm:
`closing.close_batch` posts each month once.
"""

import datetime as dt
import os
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing import closing, rollups
from billing.models import CloseBatch, CloseRun, CloseState
from facilities.models import Community, Region
from portal import audit, jobs
from portal.errors import Refused
from portal.months import Month

BATCH_SIZE = settings.CLOSE_BATCH_SIZE
HEARTBEAT = dt.timedelta(seconds=settings.CLOSE_HEARTBEAT_SECONDS)
LOST = dt.timedelta(seconds=settings.CLOSE_LOST_SECONDS)
MOST_ATTEMPTS = 5
PROVINCE = 2  # digits of a code; no region that adds up communities lies in two of them

State = CloseBatch.State
TASK = "billing.tasks.close_batch"  # by name: tasks import this module
FAILED = "failed"  # the outcome of a community whose books could not be computed at all
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
    Month.parse(month)
    codes = list(Community.objects.below(region).order_by("region_id").values_list("region_id", flat=True))
    if not codes:
        raise RunRefused(_("%s 下面还没有社区，请先建社区或导入数据。") % region)
    return _order(region, month, goal, codes, by)


def _order(region: Region, month: str, goal: str, codes: Sequence[str], by: Any, **more: Any) -> CloseRun:
    run = CloseRun.objects.create(region=region, month=month, goal=goal, requested_by=by)
    CloseBatch.objects.bulk_create(
        CloseBatch(run=run, number=number, codes=part) for number, part in enumerate(batches(codes), 1)
    )
    audit.record("run.started", run, by=by, region=region.code, goal=goal, communities=len(codes), **more)
    transaction.on_commit(lambda: hand_out(run))
    return run


def batches(codes: Sequence[str]) -> list[Sequence[str]]:
    """Part communities into batches of nearly the same size, so that workers end at nearly the same time."""
    count = -(-len(codes) // BATCH_SIZE)
    bounds = [len(codes) * number // count for number in range(count + 1)]
    return [codes[first:end] for first, end in pairwise(bounds)]


def hand_out(run: CloseRun | None = None) -> int:
    """Send a task for every batch that waits or has lost its worker; return how many."""
    unfinished = CloseRun.objects.filter(finished_at=None, cancelled_at=None)
    if run is not None:
        unfinished = unfinished.filter(pk=run.pk)
    not_sent = Q(handed_out_at=None) | _long_from_now("handed_out_at")
    free = CloseBatch.objects.filter(_free(), not_sent, run__in=unfinished).order_by("run_id", "number")
    sent = 0
    for batch in free:
        if not jobs.send(TASK, batch.run_id, batch.number):
            break
        CloseBatch.objects.filter(pk=batch.pk).update(handed_out_at=timezone.now())
        sent += 1
    for one in unfinished.exclude(batches__state__in=[State.WAITING, State.CLAIMED]):
        finish(one)
    return sent


def _free() -> Q:
    """Batches nobody works on: waiting, or claimed by a worker whose heartbeat has stopped."""
    lost = Q(state=State.CLAIMED) & _long_from_now("heartbeat_at")
    return Q(state=State.WAITING) | lost


def _long_from_now(name: str) -> Q:
    """Longer ago than a live worker is ever silent; or as far ahead, since the clock has been set back."""
    now = timezone.now()
    return ~Q(**{f"{name}__range": (now - LOST, now + LOST)})


def run_batch(run_id: int, number: int) -> None:
    """Close the communities of a batch, unless somebody else is at it or the run was cancelled."""
    batch = _claim(run_id, number)
    if batch is None:
        return
    try:
        with _heartbeat(batch):
            outcomes = _close(batch)
    except DatabaseError as error:
        _give_back(batch, error)
        raise
    errors = sorted({one["error"] for one in outcomes.values() if one["state"] == FAILED})
    CloseBatch.objects.filter(pk=batch.pk).update(
        state=State.FAILED if errors else State.DONE,
        finished_at=timezone.now(),
        outcomes=outcomes,
        error=", ".join(errors)[:200],
    )
    finish(batch.run)


def _claim(run_id: int, number: int) -> CloseBatch | None:
    """Take a free batch of a run that goes on; None if there is nothing to take."""
    taken = CloseBatch.objects.filter(
        _free(), run_id=run_id, number=number, run__cancelled_at=None, run__finished_at=None
    ).update(
        state=State.CLAIMED,
        claimed_by=f"{socket.gethostname()}:{os.getpid()}",
        heartbeat_at=timezone.now(),
        attempts=F("attempts") + 1,
    )
    if not taken:
        return None
    return CloseBatch.objects.select_related("run__requested_by").get(run_id=run_id, number=number)


def _close(batch: CloseBatch) -> dict[str, Any]:
    """Close the batch as a whole; if one community breaks it, each by itself, so that only that one fails."""
    run = batch.run
    try:
        outcomes = closing.close_batch(run.month, batch.codes, goal=run.goal, by=run.requested_by)
        return {one.code: one.as_data() for one in outcomes}
    except DatabaseError:
        if batch.attempts < MOST_ATTEMPTS:
            raise
    except Exception:  # noqa: BLE001, S110 - whatever it is, the others must go on
        pass
    return {code: _close_one(run, code) for code in batch.codes}


def _close_one(run: CloseRun, code: str) -> dict[str, Any]:
    try:
        (outcome,) = closing.close_batch(run.month, [code], goal=run.goal, by=run.requested_by)
        return outcome.as_data()
    except Exception as error:  # noqa: BLE001 - told as the outcome of this community
        return {
            "code": code,
            "state": FAILED,
            "blocks": [],
            "notice_until": None,
            "error": type(error).__name__,
        }


def _give_back(batch: CloseBatch, error: Exception) -> None:
    """Leave the batch for another try; where the database is away, the heartbeat runs out by itself."""
    try:
        connection.close()
        CloseBatch.objects.filter(pk=batch.pk, state=State.CLAIMED).update(
            state=State.WAITING, error=type(error).__name__
        )
    except DatabaseError:
        connection.close()


@contextmanager
def _heartbeat(batch: CloseBatch) -> Iterator[None]:
    """Say every few seconds, on a connection of its own, that the worker is alive."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(HEARTBEAT.total_seconds()):
            try:
                CloseBatch.objects.filter(pk=batch.pk, state=State.CLAIMED).update(
                    heartbeat_at=timezone.now()
                )
            except DatabaseError:
                connection.close()
        connection.close()

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def finish(run: CloseRun) -> bool:
    """Add up the regions and end the run once no batch is open; tell whether it has ended."""
    if run.batches.filter(state__in=[State.WAITING, State.CLAIMED]).exists():
        return False
    rollups.build_region_months(run.month, run.region.prefix[:PROVINCE])
    CloseRun.objects.filter(pk=run.pk, finished_at=None).update(finished_at=timezone.now())
    return True


@transaction.atomic
def cancel(run: CloseRun, *, by: Any) -> None:
    """Stop a run: batches at work end, waiting ones stay undone; what is posted stays posted."""
    run = CloseRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if run.finished_at or run.cancelled_at:
        raise RunRefused(_("这次月结已经结束或取消。"))
    run.cancelled_at = timezone.now()
    run.save(update_fields=["cancelled_at"])
    audit.record("run.cancelled", run, by=by, region=run.region_id)


@transaction.atomic
def resume(run: CloseRun, *, by: Any) -> None:
    """Go on with a cancelled run, or try again what was not posted; months already posted stay as they are."""
    run = CloseRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if not run.cancelled_at and not run.finished_at:
        raise RunRefused(_("这次月结还在进行。"))
    again = [batch.pk for batch in run.batches.all() if batch.state != State.DONE or _has_unposted(batch)]
    if not again:
        raise RunRefused(_("所有社区都已入账，没有需要再做的。"))
    run.batches.filter(pk__in=again).update(
        state=State.WAITING, attempts=0, error="", finished_at=None, handed_out_at=None
    )
    run.cancelled_at = run.finished_at = None
    run.save(update_fields=["cancelled_at", "finished_at"])
    audit.record("run.resumed", run, by=by, region=run.region_id)
    transaction.on_commit(lambda: hand_out(run))


@transaction.atomic
def retry(run: CloseRun, *, by: Any) -> CloseRun:
    """Order the month anew for just the communities of an ended run that failed or were blocked."""
    run = CloseRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if not run.cancelled_at and not run.finished_at:
        raise RunRefused(_("这次月结还在进行。"))
    later = CloseRun.objects.filter(
        pk__gt=run.pk, region=run.region_id, month=run.month, finished_at=None, cancelled_at=None
    )
    if later.exists():
        raise RunRefused(_("这个地区这个月已有一次月结在进行，请等它结束。"))
    codes = [one.code for one in outcomes(run) if one.state in AGAIN]
    if not codes:
        raise RunRefused(_("没有出错或被拦下的社区，不用再试。"))
    return _order(run.region, run.month, run.goal, codes, by, again=run.pk)


def failures(run: CloseRun) -> dict[str, str]:
    """The error of each community that failed, by code."""
    failed = run.batches.filter(state=State.FAILED)
    return {
        code: one["error"]
        for batch in failed
        for code, one in batch.outcomes.items()
        if one["state"] == FAILED
    }


def _has_unposted(batch: CloseBatch) -> bool:
    return any(one["state"] != CloseState.POSTED for one in batch.outcomes.values())


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: communities by what became of them, and how long the rest may take."""

    total: int
    handled: int
    states: dict[str, int]
    is_over: bool
    seconds_left: float | None

    @property
    def to_retry(self) -> int:
        return sum(self.states.get(state, 0) for state in AGAIN)

    @property
    def percent(self) -> int:
        return 100 * self.handled // self.total if self.total else 100


def progress(run: CloseRun) -> Progress:
    """Return how far a run is, from what is stored; two queries."""
    run = CloseRun.objects.get(pk=run.pk)
    with connection.cursor() as cursor:
        cursor.execute(STATES, {"run": run.pk, "ended": [str(state) for state in ENDED]})
        counts: dict[str | None, int] = dict(cursor.fetchall())
    states = {state: count for state, count in counts.items() if state is not None}
    total, handled = sum(counts.values()), sum(states.values())
    elapsed = (timezone.now() - run.created_at).total_seconds()
    is_over = run.finished_at is not None or run.cancelled_at is not None
    left = None if is_over or not handled else elapsed / handled * (total - handled)
    return Progress(total, handled, states, is_over, left)


def outcomes(run: CloseRun) -> list[closing.Outcome]:
    """Return what became of each community so far, by code."""
    found = [one for batch in run.batches.all() for one in batch.outcomes.values()]
    return sorted(map(closing.Outcome.from_data, found), key=lambda one: one.code)
