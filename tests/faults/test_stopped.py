"""A run that somebody stopped, and whose last worker is killed before it could say what it posted."""

import contextlib

import pytest

from tests.faults.site import BATCH, COMMUNITIES, MONTH, Site, kill, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]


def test_what_the_last_worker_of_a_stopped_run_had_posted_is_told_and_added_up(site: Site):
    worker = site.only_worker()
    with contextlib.ExitStack() as waits:
        with site.stuck(2):
            run = site.ask("start", MONTH)
            wait_until(site.is_stuck)
            site.ask("press", run, "cancel")
            waits.enter_context(site.silent(run, 2))
        wait_until(lambda: site.posted() == 2 * BATCH)
        kill(worker)
        site.end_sessions()
    during = site.ask("page", run)
    site.worker()
    site.beat()

    wait_until(lambda: site.ask("progress", run)["is_over"])

    page, regions = site.ask("page", run), site.rows("SELECT max(communities) FROM billing_regionmonth")
    assert during.startswith(f"正在停下 {BATCH} / {COMMUNITIES} 个社区")
    assert page.startswith(f"已取消 {2 * BATCH} / {COMMUNITIES} 个社区 已入账 {2 * BATCH} ")
    assert (site.posted(), regions) == (2 * BATCH, [(2 * BATCH,)])
    assert site.ask("faults") == []

    site.ask("press", run, "resume")
    site.finish(run)

    site.expect_posted_once(run)
