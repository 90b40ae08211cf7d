"""A real Celery worker for as long as something is to be done."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from portal.celery import app
from portal.errors import Refused

PATIENCE = 60  # seconds
GRACE = 20


class NoWorker(Refused):
    """A worker that does not start; nothing was closed."""


def is_there() -> bool:
    """Whether any worker answers."""
    return bool(app.control.ping(timeout=0.5, limit=1))


@contextmanager
def worker_at_work() -> Iterator[None]:
    """Use the worker that is there, else start one and end it with the block."""
    if is_there():
        yield
        return
    options = ["--concurrency", "2", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
    log = settings.VAR_DIR / "demo-worker.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "portal", "--quiet", "worker", *options],
            cwd=settings.BASE_DIR,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    try:
        _await(process, log)
        yield
    finally:
        process.terminate()
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_there():
        if process.poll() is not None or time.monotonic() > deadline:
            text = _("任务进程没有启动起来，什么都没有结账。请看 %s，改好后再运行一次。")
            raise NoWorker(text % log)
