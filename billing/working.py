"""How workers handle batches: claim one, stay alive, say what became of it; what its worker lost is handed out again.

Whoever handles a batch twice does no harm: `closing.close_batch` posts each month once.
"""

import datetime as dt
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from billing import closing, rollups
from billing.models import CloseBatch, CloseRun, CloseState, MonthClose
from portal import jobs

HEARTBEAT = dt.timedelta(seconds=settings.CLOSE_HEARTBEAT_SECONDS)
LOST = dt.timedelta(seconds=settings.CLOSE_LOST_SECONDS)
MOST_ATTEMPTS = settings.CLOSE_MOST_ATTEMPTS

State = CloseBatch.State
OPEN = (State.WAITING, State.CLAIMED)
TASK = "billing.tasks.close_batch"  # by name: tasks import this module
FAILED = "failed"  # the outcome of a community whose books could not be computed at all
WORKER_LOST = "WorkerLost"  # the error of a batch that ended every worker that took it


def hand_out(run: CloseRun | None = None) -> int:
    """Send a task for every batch that waits or has lost its worker; return how many."""
    unended = CloseRun.objects.filter(finished_at=None)
    if run is not None:
        unended = unended.filter(pk=run.pk)
    unfinished = unended.filter(cancelled_at=None)
    _put_down(unended.exclude(cancelled_at=None))
    _give_up(unfinished)
    not_sent = Q(handed_out_at=None) | _long_from_now("handed_out_at")
    free = CloseBatch.objects.filter(_free(), not_sent, run__in=unfinished).order_by("run_id", "number")
    sent = 0
    for batch in free:
        if not jobs.send(TASK, batch.run_id, batch.number):
            break
        CloseBatch.objects.filter(pk=batch.pk).update(handed_out_at=timezone.now())
        sent += 1
    for one in unended.exclude(batches__state__in=OPEN):
        finish(one)
    return sent


def at_work() -> Q:
    """Batches that a worker has claimed and whose heartbeat goes on."""
    return Q(state=State.CLAIMED) & ~_long_from_now("heartbeat_at")


def _lost() -> Q:
    return Q(state=State.CLAIMED) & _long_from_now("heartbeat_at")


def _free() -> Q:
    """Batches nobody works on: waiting, or claimed by a worker whose heartbeat has stopped."""
    return Q(state=State.WAITING) | (_lost() & Q(attempts__lt=MOST_ATTEMPTS))


def _long_from_now(name: str) -> Q:
    """Longer ago than a live worker is ever silent; or as far ahead, since the clock has been set back."""
    now = timezone.now()
    return ~Q(**{f"{name}__range": (now - LOST, now + LOST)})


def _give_up(unfinished: Any) -> None:
    """Fail the batches that have ended one worker after the other, so that the rest of their run can end."""
    spent = CloseBatch.objects.filter(_lost(), run__in=unfinished, attempts__gte=MOST_ATTEMPTS)
    for batch in spent.select_related("run"):
        outcomes = _failed(batch.run, dict.fromkeys(batch.codes, WORKER_LOST))
        spent.filter(pk=batch.pk).update(**_end(outcomes))


def _put_down(stopped: Any) -> None:
    """Let batches of stopped runs rest whose workers were lost; what these had posted is told and added up."""
    lost = CloseBatch.objects.filter(_lost(), run__in=stopped)
    for batch in lost.select_related("run"):
        found = _end(_failed(batch.run, dict.fromkeys(batch.codes, WORKER_LOST)))
        rests = {"state": State.WAITING} if found["state"] == State.FAILED else found
        with transaction.atomic():
            lost.filter(pk=batch.pk).update(**rests)
            finish(batch.run)


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
    CloseBatch.objects.filter(pk=batch.pk).update(**_end(outcomes))
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
    found: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for code in batch.codes:
        try:
            (outcome,) = closing.close_batch(run.month, [code], goal=run.goal, by=run.requested_by)
            found[code] = outcome.as_data()
        except Exception as error:  # noqa: BLE001 - told as the outcome of this community
            errors[code] = type(error).__name__
    return found | _failed(run, errors)


def _failed(run: CloseRun, errors: dict[str, str]) -> dict[str, Any]:
    """The outcomes of communities that broke; one posted before its worker could say so is posted."""
    posted = set(
        MonthClose.objects.posted()
        .filter(month=run.month, community__in=list(errors))
        .values_list("community_id", flat=True)
    )
    failed: dict[str, Any] = {"state": FAILED, "blocks": [], "notice_until": None}
    return {
        code: closing.Outcome(code, CloseState.POSTED).as_data()
        if code in posted
        else {**failed, "code": code, "error": error}
        for code, error in errors.items()
    }


def _end(outcomes: dict[str, Any]) -> dict[str, Any]:
    """What a batch becomes with these outcomes."""
    errors = sorted({one["error"] for one in outcomes.values() if one["state"] == FAILED})
    return {
        "state": State.FAILED if errors else State.DONE,
        "finished_at": timezone.now(),
        "outcomes": outcomes,
        "error": ", ".join(errors)[:200],
    }


def _give_back(batch: CloseBatch, error: Exception) -> None:
    """Leave the batch for another try; where the database is away, the heartbeat runs out by itself."""
    try:
        connection.close()
        _held(batch).update(state=State.WAITING, error=type(error).__name__)
    except DatabaseError:
        connection.close()


def _held(batch: CloseBatch) -> Any:
    """The batch while it is this worker's: nobody else has claimed it since."""
    return CloseBatch.objects.filter(pk=batch.pk, state=State.CLAIMED, attempts=batch.attempts)


@contextmanager
def _heartbeat(batch: CloseBatch) -> Iterator[None]:
    """Say every few seconds, on a connection of its own, that the worker is alive."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(HEARTBEAT.total_seconds()):
            try:
                _held(batch).update(heartbeat_at=timezone.now())
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
    """Add up the regions once nobody holds a batch of the run and nothing waits for it; tell whether that is so.

    A stopped run waits for nothing; if everything got done all the same, it has ended like any other.
    """
    run = CloseRun.objects.select_related("region").get(pk=run.pk)
    if run.batches.filter(state__in=[State.CLAIMED] if run.cancelled_at else OPEN).exists():
        return False
    rollups.build_region_months(run.month, run.region.prefix[: rollups.PROVINCE])
    done = CloseRun.objects.filter(pk=run.pk, finished_at=None).exclude(batches__state__in=OPEN)
    done.update(finished_at=timezone.now())
    return True
