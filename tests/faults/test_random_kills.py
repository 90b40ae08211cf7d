"""Kills at random moments, many times over."""

import os
import random
import time

import psutil
import pytest

from tests.faults.site import COMMUNITIES, MONTH, Site, kill

pytestmark = [pytest.mark.prove, pytest.mark.xdist_group("faults")]

SCHEDULES = int(os.environ.get("SCHEDULES", "200"))


def test_whatever_the_moments_of_many_kills_every_month_is_posted_once(built_site: Site):
    kills = 0
    for seed in range(SCHEDULES):
        kills += _schedule(built_site, random.Random(seed))
    print(f"\n{SCHEDULES} schedules, {kills} processes killed, every community posted exactly once")


def _schedule(site: Site, chance: random.Random) -> int:
    """Close a month while processes are killed at random moments; return how many were."""
    site.reset()
    worker = site.worker()
    run = site.ask("start", MONTH)
    kills = chance.randint(1, 4)
    for _kill in range(kills):
        time.sleep(chance.uniform(0.01, 0.4))
        pool = _pool(worker)
        if not pool or chance.random() < 0.1:
            kill(worker)
            worker = site.worker()
        else:
            chance.choice(pool).kill()

    assert site.finish(run)["states"] == {"posted": COMMUNITIES}
    assert site.is_as_undisturbed()
    return kills


def _pool(worker: psutil.Popen) -> list[psutil.Process]:
    """The processes of a worker that do the work, which it starts again when they die."""
    try:
        return worker.children()
    except psutil.NoSuchProcess:
        return []
