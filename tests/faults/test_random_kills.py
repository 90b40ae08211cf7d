"""Kills at random moments, many times over."""

import os
import random
import time

import pytest

from tests.faults.site import MONTH, Site, kill

pytestmark = [pytest.mark.prove, pytest.mark.xdist_group("faults")]

SCHEDULES = int(os.environ.get("SCHEDULES", "200"))
WORKERS = 2


def test_whatever_the_moments_of_many_kills_every_month_is_posted_once(built_site: Site):
    kills = sum(_schedule(built_site, random.Random(seed)) for seed in range(SCHEDULES))
    print(f"\n{SCHEDULES} schedules, {kills} workers killed, every community posted exactly once")


class Workers:
    """Two workers at any time: whoever is killed is followed by another."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.live = [site.forked_worker() for _worker in range(WORKERS)]

    def kill_one(self, chance: random.Random) -> None:
        kill(self.live.pop(chance.randrange(WORKERS)))
        self.live.append(self.site.forked_worker())

    def end(self) -> None:
        for worker in self.live:
            kill(worker)


def _schedule(site: Site, chance: random.Random) -> int:
    """Close a month while workers are killed at random moments; return how many were."""
    site.reset()
    workers = Workers(site)
    run = site.ask("start", MONTH)
    kills = chance.randint(1, 4)
    for _kill in range(kills):
        time.sleep(chance.uniform(0.01, 0.5))
        workers.kill_one(chance)

    site.finish(run)
    site.expect_posted_once(run)
    workers.end()
    return kills
