"""Faults in the middle of a run, on real processes: afterwards every community is posted exactly once."""

import contextlib
import signal
import time

import psutil
import pytest

from tests.faults.site import BATCH, COMMUNITIES, MONTH, PATIENCE, Site, kill, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]


CODES = "SELECT codes FROM billing_closebatch WHERE run_id = %s ORDER BY number"


def test_a_worker_killed_in_mid_batch_leaves_nothing_half_done_and_the_run_goes_on(site: Site):
    worker = site.only_worker()
    with site.stuck(2) as code:
        run = site.ask("start", MONTH)
        wait_until(site.is_stuck)
        kill(worker)
        page, posted = site.ask("page", run), site.posted()
        wait_until(lambda: not site.is_stuck())  # the server sees for itself that nobody waits any more

    assert page.startswith(f"进行中 {BATCH} / {COMMUNITIES} 个社区")
    assert (f"已入账 {BATCH} " in page, posted) == (True, BATCH)
    assert site.rows("SELECT 1 FROM billing_account WHERE community_id = %s", code) == []

    site.worker()

    site.finish(run)
    site.expect_posted_once(run)


def test_a_task_delivered_five_times_at_once_posts_once(site: Site):
    run = site.ask("start", MONTH)
    for number in site.batches(run):
        site.ask("deliver", run, number, 4)
    site.worker(concurrency=5, CLOSE_LOST_SECONDS=str(PATIENCE))  # a slow machine makes nobody look lost

    site.finish(run)
    site.expect_posted_once(run)
    assert site.attempts(run) == [1] * len(site.batches(run))


def test_a_worker_killed_after_posting_before_it_could_say_so_leaves_nothing_to_post_again(site: Site):
    worker = site.only_worker()
    with contextlib.ExitStack() as waits:
        with site.stuck(2):
            run = site.ask("start", MONTH)
            wait_until(site.is_stuck)
            waits.enter_context(site.silent(run, 2))
        wait_until(lambda: site.posted() == 2 * BATCH)
        kill(worker)
        site.end_sessions()
    states = site.batches(run)

    assert (states[1], states[2]) == ("done", "claimed")

    site.worker()

    site.finish(run)
    site.expect_posted_once(run)


def test_two_people_and_a_draft_at_once_on_the_same_month_post_it_once(site: Site):
    codes = [code for (code,) in site.rows("SELECT code FROM facilities_community")]
    people = [site.process("manage", "close_month", MONTH, "--inline", stdout=-3) for _person in range(2)]
    while any(person.poll() is None for person in people):
        site.ask("draft", MONTH, codes)

    assert [person.wait() for person in people] == [0, 0]
    assert site.books() == site.undisturbed
    assert site.ask("faults") == []


def test_a_queue_emptied_in_mid_run_is_filled_again_by_the_clock(site: Site):
    site.worker()
    with site.stuck(2):
        run = site.ask("start", MONTH)
        wait_until(site.is_stuck)
        site.queue().flushall()
    site.beat()

    wait_until(lambda: site.ask("progress", run)["is_over"])

    site.expect_posted_once(run)


def test_a_database_killed_and_restarted_in_mid_run_loses_nothing(site: Site):
    site.only_worker()
    with site.stuck(2):
        run = site.ask("start", MONTH)
        wait_until(site.is_stuck)
        postmaster = psutil.Process(site.servers.postgres_pid)
        postmaster.send_signal(signal.SIGKILL)
        psutil.wait_procs([postmaster], timeout=10)
    time.sleep(0.5)
    site.servers.start()

    assert site.posted() == BATCH
    site.finish(run)
    site.expect_posted_once(run)


def test_the_clock_may_pass_midnight_and_new_year_and_be_set_back_while_a_worker_dies(site: Site):
    site.set_clock("2026-12-31 15:59:58+00")  # two seconds to the new year in Shanghai
    worker = site.only_worker()
    with site.stuck(2):
        run = site.ask("start", MONTH)
        wait_until(site.is_stuck)
        site.set_clock("2027-01-01 16:00:00+00")
        time.sleep(1)  # it lives, and says so by the new clock
        site.ask("hand_out")
        kill(worker)
        site.end_sessions()
        site.set_clock("2026-12-31 14:00:00+00")
        site.ask("hand_out")

    site.worker()

    site.finish(run)
    site.expect_posted_once(run)


def test_a_batch_that_ends_every_worker_is_given_up_and_tried_again_by_hand_one_by_one(site: Site):
    site.dismiss()
    site.beat()
    with site.stuck(2):
        run = site.ask("start", MONTH)
        while site.batches(run)[2] != "failed":
            worker = site.forked_worker()
            wait_until(lambda: site.is_stuck() or site.batches(run)[2] == "failed")
            kill(worker)
            site.end_sessions()
        site.forked_worker()
        wait_until(lambda: site.ask("progress", run)["is_over"])
        page = site.ask("page", run)
    states = site.rows("SELECT state, attempts FROM billing_closebatch WHERE run_id = %s AND number = 2", run)

    assert states == [("failed", 5)]
    assert page.startswith(f"已结束，有没做成的 {COMMUNITIES} / {COMMUNITIES} 个社区")
    assert f"出错 {BATCH} " in page
    assert f"已入账 {COMMUNITIES - BATCH} " in page
    assert page.count("连续 5 次中途停掉") == BATCH
    assert site.posted() == COMMUNITIES - BATCH

    again = site.ask("press", run, "retry")
    site.finish(again)

    assert [len(codes) for (codes,) in site.rows(CODES, again)] == [1] * BATCH
    assert site.ask("page", again).startswith(f"已完成 {BATCH} / {BATCH} 个社区 已入账 {BATCH} ")
    assert site.books() == site.undisturbed
    assert site.ask("faults") == []


def test_what_was_blocked_is_tried_again_from_the_page_once_it_is_mended(site: Site):
    site.rows("UPDATE billing_tariff SET valid_from = valid_from + 3650")
    site.worker()
    run = site.ask("start", MONTH)
    site.finish(run)
    page, posted = site.ask("page", run), site.posted()

    assert f"受阻 {COMMUNITIES} " in page
    assert (posted, page.count("请录入该地区这种能源的居民价格") >= COMMUNITIES) == (0, True)

    site.rows("UPDATE billing_tariff SET valid_from = valid_from - 3650")
    again = site.ask("press", run, "retry")
    site.finish(again)

    site.expect_posted_once(again)


def test_a_run_stopped_in_mid_run_ends_what_is_at_work_and_goes_on_when_asked(site: Site):
    site.only_worker()
    with site.stuck(2):
        run = site.ask("start", MONTH)
        wait_until(site.is_stuck)
        site.ask("press", run, "cancel")
        stopping = site.ask("page", run)
    wait_until(lambda: site.ask("progress", run)["is_over"])
    site.ask("hand_out")
    time.sleep(1)
    page, regions = site.ask("page", run), site.rows("SELECT max(communities) FROM billing_regionmonth")

    assert stopping.startswith(f"正在停下 {BATCH} / {COMMUNITIES} 个社区 已入账 {BATCH} 1 批正在处理")
    assert page.startswith(f"已取消 {2 * BATCH} / {COMMUNITIES} 个社区 已入账 {2 * BATCH} ")
    assert (site.posted(), regions) == (2 * BATCH, [(2 * BATCH,)])
    assert site.ask("faults") == []

    site.ask("press", run, "resume")
    site.finish(run)

    site.expect_posted_once(run)
