"""The close as it runs in production: batches handed out by Redis to real Celery worker processes."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from celery import current_app
from django.conf import settings

from billing import runs
from billing.bench.databases import MONTH
from billing.models import CloseRun, CloseState
from facilities.models import Community, Region

QUEUES = ONE, TWO = "bench-one", "bench-two"  # the first worker serves both, the second only the other
PATIENCE = 3 * 3600


class BenchFailed(Exception):
    """The bench could not be carried out."""


@contextmanager
def workers() -> Iterator[list[psutil.Process]]:
    """Two real worker processes, warm; only one of them takes what is queued for one."""
    current_app.control.purge()
    started = [_start("one", QUEUES), _start("two", (TWO,))]
    try:
        _wait_until_ready(len(started))
        yield started
    finally:
        for worker in started:
            worker.terminate()
        psutil.wait_procs(started, timeout=20)


def _start(name: str, queues: tuple[str, ...]) -> psutil.Process:
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "portal", "worker", "--concurrency", "1"]
    options = ["--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
    named = ["--hostname", f"bench-{name}@localhost", "--queues", ",".join(queues)]
    log = settings.VAR_DIR / "bench" / f"worker-{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as said:
        return psutil.Popen(
            [*command, *options, *named], cwd=settings.BASE_DIR, stdout=said, stderr=subprocess.STDOUT
        )


def _wait_until_ready(count: int) -> None:
    for _attempt in range(60):
        answers = current_app.control.ping(timeout=1)
        if sum(any(name.startswith("bench-") for name in one) for one in answers) == count:
            return
    raise BenchFailed("the workers did not start")


def close(queue: str) -> float:
    """Close the month of every community; return the seconds from the first order to the last end."""
    current_app.conf.task_default_queue = queue
    began = time.monotonic()
    ordered = [runs.start(MONTH, province) for province in _provinces()]
    for run in ordered:
        while not CloseRun.objects.filter(pk=run.pk).exclude(finished_at=None).exists():
            if time.monotonic() - began > PATIENCE:
                raise BenchFailed("the run did not end")
            time.sleep(0.1)
        now = runs.progress(run)
        if now.states != {CloseState.POSTED: now.total}:
            raise BenchFailed(f"not all communities were posted: {now.states}")
        run.refresh_from_db()
    ends = [run.finished_at for run in ordered if run.finished_at]
    return (max(ends) - ordered[0].created_at).total_seconds()


def _provinces() -> list[Region]:
    codes = Community.objects.values_list("region_id", flat=True)
    return list(Region.objects.filter(code__in={code[:2].ljust(12, "0") for code in codes}).order_by("code"))


def peak_mb(worker: psutil.Process) -> float:
    """The most memory that any process of a worker has held at once."""
    return max(map(_peak_mb, [worker, *worker.children(recursive=True)]))


def _peak_mb(process: psutil.Process) -> float:
    status = Path(f"/proc/{process.pid}/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return float(process.memory_info().rss) / 2**20
