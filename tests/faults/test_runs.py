"""Faults in the middle of a run, on real processes: afterwards every community is posted exactly once."""

import datetime as dt
import signal
import time

import psutil
import pytest

from tests.faults.site import BATCH, COMMUNITIES, MONTH, Site, kill, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]

ALL_POSTED = {
    "total": COMMUNITIES,
    "handled": COMMUNITIES,
    "states": {"posted": COMMUNITIES},
    "is_over": True,
}


def test_a_worker_killed_in_mid_batch_leaves_nothing_half_done_and_the_run_goes_on(site: Site):
    worker = site.worker()
    with site.stuck(2) as code:
        run = site.ask("start", MONTH)
        wait_until(site.is_stuck)
        kill(worker)
        now = site.ask("progress", run)
    wait_until(lambda: not site.is_stuck())

    assert now == {"total": COMMUNITIES, "handled": BATCH, "states": {"posted": BATCH}, "is_over": False}
    assert site.rows("SELECT 1 FROM billing_account WHERE community_id = %s", code) == []

    site.worker()

    assert site.finish(run) == ALL_POSTED
    assert site.is_as_undisturbed()


def test_a_task_delivered_five_times_at_once_posts_once(site: Site):
    run = site.ask("start", MONTH)
    for number in site.batches(run):
        site.ask("deliver", run, number, 4)
    site.worker(concurrency=5)

    assert site.finish(run) == ALL_POSTED
    assert site.is_as_undisturbed()


def test_two_people_and_a_draft_at_once_on_the_same_month_post_it_once(site: Site):
    codes = [code for (code,) in site.rows("SELECT code FROM facilities_community")]
    people = [site.process("manage", "close_month", MONTH, "--inline", stdout=-3) for _person in range(2)]
    while any(person.poll() is None for person in people):
        site.ask("draft", MONTH, codes)

    assert [person.wait() for person in people] == [0, 0]
    assert [row[:4] for row in site.books()] == [row[:4] for row in site.undisturbed]
    assert site.books() == site.undisturbed


def test_a_queue_emptied_in_mid_run_is_filled_again_by_the_clock(site: Site):
    site.worker()
    with site.stuck(2):
        run = site.ask("start", MONTH)
        wait_until(site.is_stuck)
        site.queue().flushall()
    site.beat()

    wait_until(lambda: site.ask("progress", run)["is_over"])

    assert site.ask("progress", run) == ALL_POSTED
    assert site.is_as_undisturbed()


def test_a_database_killed_and_restarted_in_mid_run_loses_nothing(site: Site):
    site.worker()
    with site.stuck(2):
        run = site.ask("start", MONTH)
        wait_until(site.is_stuck)
        postmaster = psutil.Process(site.servers.postgres_pid)
        postmaster.send_signal(signal.SIGKILL)
        psutil.wait_procs([postmaster], timeout=10)
    time.sleep(0.5)
    site.servers.start()

    assert site.rows("SELECT count(*) FROM billing_monthclose WHERE state = 'posted'") == [(BATCH,)]
    assert site.finish(run) == ALL_POSTED
    assert site.is_as_undisturbed()


def test_the_clock_may_pass_midnight_and_new_year_or_be_set_back_in_mid_run(site: Site):
    site.clock.write_text(
        str(seconds_to("2026-12-31 15:59:58+00"))
    )  # two seconds to the new year in Shanghai
    site.worker()
    with site.stuck(2):
        run = site.ask("start", MONTH)
        wait_until(site.is_stuck)
        site.clock.write_text(str(seconds_to("2027-01-01 16:00:00+00")))
        site.ask("hand_out")
        time.sleep(0.5)
        site.clock.write_text(str(seconds_to("2026-12-31 14:00:00+00")))
        site.ask("hand_out")

    assert site.finish(run) == ALL_POSTED
    assert site.is_as_undisturbed()


def seconds_to(moment: str) -> float:
    return (dt.datetime.fromisoformat(moment) - dt.datetime.now(dt.UTC)).total_seconds()
