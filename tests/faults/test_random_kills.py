"""Kills at random moments, many times over."""

import contextlib
import os
import random
import signal
import time

import psutil
import pytest

from tests.faults.site import MONTH, PATIENCE, Site, kill

pytestmark = [pytest.mark.prove, pytest.mark.xdist_group("faults")]

SCHEDULES = int(os.environ.get("SCHEDULES", "200"))
WORKERS = 2
MOMENT = 0.05  # seconds; a batch takes about twice as long
TAKEN = (
    "SELECT state, claimed_by FROM billing_closebatch WHERE run_id = %s ORDER BY heartbeat_at DESC NULLS LAST"
)


def test_whatever_the_moments_of_many_kills_every_month_is_posted_once(built_site: Site):
    struck = [_schedule(built_site, random.Random(seed)) for seed in range(SCHEDULES)]
    kills, in_hand = map(sum, zip(*struck, strict=True))
    print(
        f"\n{SCHEDULES} schedules, {kills} workers killed, {in_hand} of them with a batch in hand,"
        " every community posted exactly once"
    )
    assert in_hand


class Workers:
    """Two workers at any time: whoever is killed is followed by another."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.live = [site.forked_worker() for _worker in range(WORKERS)]

    def kill(self, pid: int) -> None:
        for number, worker in enumerate(self.live):
            if worker.pid == pid:
                os.kill(pid, signal.SIGKILL)  # at once: to look for its children takes longer than a batch
                kill(worker)
                self.live[number] = self.site.forked_worker()

    def end(self) -> None:
        for worker in self.live:
            kill(worker)


def _schedule(site: Site, chance: random.Random) -> tuple[int, int]:
    """Close a month while workers are killed at random moments; return how many were, and how many at work."""
    site.reset()
    site.dismiss()
    workers = Workers(site)
    run = site.ask("start", MONTH)
    kills = 0
    for _kill in range(chance.randint(1, 4)):
        pid = _at_work(site, run)
        if pid is None:
            break
        time.sleep(chance.uniform(0, MOMENT))
        workers.kill(pid)
        kills += 1

    site.finish(run)
    site.expect_posted_once(run)
    workers.end()
    return kills, sum(site.attempts(run)) - len(site.batches(run))


def _at_work(site: Site, run: int) -> int | None:
    """The process that took a batch last, as soon as there is one; none when all batches are done."""
    deadline, asked = time.monotonic() + PATIENCE, 0.0
    with contextlib.closing(site.connect()) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        while time.monotonic() < deadline:
            if time.monotonic() > asked + 1:
                site.ask("hand_out")
                asked = time.monotonic()
            cursor.execute(TAKEN, [run])
            rows = cursor.fetchall()
            if all(state == "done" for state, _by in rows):
                return None
            claimed = [int(by.rpartition(":")[2]) for state, by in rows if state == "claimed"]
            live = [pid for pid in claimed if psutil.pid_exists(pid)]
            if live:
                return live[0]
            time.sleep(0.002)
    raise AssertionError("nobody takes a batch")
