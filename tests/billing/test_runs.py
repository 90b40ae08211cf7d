"""Runs: how far they are, how they stop and go on; what failed or was blocked is told and tried again by itself."""

import pytest
from django.urls import reverse
from django.utils import timezone

from billing import closing, runs, working
from billing.models import CloseBatch, CloseRun, CloseState, MonthClose, RegionMonth
from billing.timely import TooEarly
from billing.verification import verify_ledger
from facilities.models import Region
from portal.access import Role
from portal.months import Month
from tests.billing.worlds import SEPTEMBER, World, world
from tests.factories import staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(break_books) -> tuple[World, World]:
    """Two communities of one street; the trigger first, as a table with changes pending takes none."""
    first = world()
    return first, world(region__parent=first.community.region.parent)


def ended(here: World, goal: str = closing.Goal.POST) -> CloseRun:
    """A run over the street, worked off in this process."""
    run = runs.start(SEPTEMBER, Region.objects.get(pk=here.community.region.parent_id), goal)
    return worked_off(run)


def worked_off(run: CloseRun) -> CloseRun:
    for batch in run.batches.all():
        CloseBatch.objects.filter(pk=batch.pk).update(attempts=working.MOST_ATTEMPTS - 1)  # the last try
        working.run_batch(run.pk, batch.number)
    run.refresh_from_db()
    return run


def test_a_community_that_cannot_be_computed_fails_its_batch_by_its_error_and_no_other(two, break_books):
    break_books(two[1].code)

    run = ended(two[0])

    batch = run.batches.get()
    assert (batch.state, batch.error) == (CloseBatch.State.FAILED, "InternalError")
    assert run.finished_at is not None
    assert runs.progress(run).states == {"posted": 1, "failed": 1}
    assert runs.failures(run) == {two[1].code: "InternalError"}


def test_what_failed_or_was_blocked_is_tried_again_by_a_run_of_its_own(two, break_books):
    break_books(two[0].code)
    closing.draft("2026-07", [two[1].code])  # whose turn it is before September
    first = ended(two[0])
    break_books("")

    second = worked_off(runs.retry(first, by=None))

    assert runs.progress(first).states == {"failed": 1, "blocked": 1}
    assert runs.progress(second).states == {"posted": 1, "blocked": 1}
    third = runs.retry(second, by=None)
    assert [batch.codes for batch in third.batches.all()] == [[two[1].code]]


def test_a_run_is_not_tried_again_while_it_or_its_retry_goes_on_nor_when_all_is_well(two, break_books):
    with pytest.raises(runs.RunRefused, match="还在进行"):
        runs.retry(runs.start(SEPTEMBER, two[0].community.region.parent, by=None), by=None)
    CloseRun.objects.all().delete()
    break_books(two[0].code)
    run = ended(two[0])
    again = runs.retry(run, by=None)

    with pytest.raises(runs.RunRefused, match="已有一次"):
        runs.retry(run, by=None)

    break_books("")
    with pytest.raises(runs.RunRefused, match="不用再试"):
        runs.retry(worked_off(again), by=None)


def test_the_page_of_a_run_tells_the_error_and_offers_the_retry(client, two, break_books):
    street = two[0].community.region.parent
    break_books(two[0].code)
    run = ended(two[0], closing.Goal.DRAFT)
    break_books("")
    client.force_login(staff(Role.ACCOUNTANT, street))

    page = client.get(reverse("admin:books_run", args=[run.pk])).content.decode()
    answer = client.post(reverse("admin:books_run_do", args=[run.pk]), {"do": "retry"})

    again = CloseRun.objects.first()
    assert again is not None
    assert "程序出错（InternalError）" in page
    assert "secret" not in page
    assert "再试这 1 个社区" in page
    assert answer["Location"] == reverse("admin:books_run", args=[again.pk])
    worked_off(again)
    assert runs.progress(again).states == {CloseState.DRAFT: 1}


def test_a_retry_belongs_to_whoever_may_order_the_run(client, two, break_books):
    break_books(two[0].code)
    run = ended(two[0])
    client.force_login(staff(Role.ACCOUNTANT, two[0].community.region.parent))

    answer = client.post(reverse("admin:books_run_do", args=[run.pk]), {"do": "retry"})

    assert answer.status_code == 403
    assert CloseRun.objects.count() == 1


def lost(run: CloseRun, attempts: int) -> CloseBatch:
    """The only batch of a run as a worker leaves it that was killed at its n-th attempt."""
    long_ago = timezone.now() - 2 * working.LOST
    run.batches.update(state="claimed", attempts=attempts, heartbeat_at=long_ago, handed_out_at=long_ago)
    return run.batches.get()


def test_a_batch_that_ends_every_worker_is_given_up_and_the_run_ends(two):
    run = runs.start(SEPTEMBER, two[0].community.region.parent)

    lost(run, working.MOST_ATTEMPTS - 1)
    sent = working.hand_out(run)
    batch = lost(run, working.MOST_ATTEMPTS)
    sent_again = working.hand_out(run)

    batch.refresh_from_db()
    run.refresh_from_db()
    assert (sent, sent_again) == (1, 0)
    assert (batch.state, batch.error, bool(run.finished_at)) == ("failed", "WorkerLost", True)
    assert runs.progress(run).states == {"failed": 2}


def test_a_late_delivery_of_a_batch_given_up_does_nothing(two):
    run = runs.start(SEPTEMBER, two[0].community.region.parent)
    lost(run, working.MOST_ATTEMPTS)

    working.run_batch(run.pk, 1)

    assert run.batches.get().attempts == working.MOST_ATTEMPTS
    assert not MonthClose.objects.exists()


def test_what_was_posted_before_its_worker_could_say_so_is_told_as_posted(two):
    run = runs.start(SEPTEMBER, two[0].community.region.parent)
    closing.close_batch(SEPTEMBER, [two[0].code])
    lost(run, working.MOST_ATTEMPTS)

    working.hand_out(run)

    assert runs.progress(run).states == {"posted": 1, "failed": 1}
    assert runs.failures(run) == {two[1].code: "WorkerLost"}


def test_communities_whose_workers_were_lost_are_tried_again_one_by_one(client, two):
    street = two[0].community.region.parent
    run = runs.start(SEPTEMBER, street, closing.Goal.DRAFT)
    lost(run, working.MOST_ATTEMPTS)
    working.hand_out(run)
    client.force_login(staff(Role.ACCOUNTANT, street))

    page = client.get(reverse("admin:books_run", args=[run.pk])).content.decode()
    client.post(reverse("admin:books_run_do", args=[run.pk]), {"do": "retry"})

    assert f"连续 {working.MOST_ATTEMPTS} 次中途停掉" in page
    assert "再试这 2 个社区" in page
    again = CloseRun.objects.first()
    assert again is not None
    assert sorted(batch.codes for batch in again.batches.all()) == sorted([one.code] for one in two)
    assert runs.progress(worked_off(again)).states == {"draft": 2}


def test_a_worker_that_has_lost_its_batch_keeps_it_alive_for_nobody(two):
    run = runs.start(SEPTEMBER, two[0].community.region.parent)
    mine = working._claim(run.pk, 1)
    assert mine is not None
    theirs = lost(run, mine.attempts + 1)

    assert working._held(mine).update(heartbeat_at=timezone.now()) == 0
    assert working._held(theirs).update(heartbeat_at=timezone.now()) == 1


def test_a_stopped_run_is_stopping_until_its_last_worker_ends_and_its_regions_are_added_up(two):
    street = two[0].community.region.parent
    run = runs.start(SEPTEMBER, street)
    batch = working._claim(run.pk, 1)
    assert batch is not None

    runs.cancel(run, by=None)
    during = runs.progress(run)
    closing.close_batch(SEPTEMBER, batch.codes)
    CloseBatch.objects.filter(pk=batch.pk).update(**working._end(working._close(batch)))
    working.finish(run)

    assert (during.is_over, during.at_work) == (False, 1)
    assert (runs.progress(run).is_over, runs.progress(run).at_work) == (True, 0)
    assert RegionMonth.objects.get(region=street, month=SEPTEMBER).communities == 2


def test_a_stopped_run_of_which_everything_got_done_counts_as_done(client, two):
    street = two[0].community.region.parent
    run = runs.start(SEPTEMBER, street, closing.Goal.DRAFT)
    batch = working._claim(run.pk, 1)
    assert batch is not None
    runs.cancel(run, by=None)
    CloseBatch.objects.filter(pk=batch.pk).update(**working._end(working._close(batch)))
    working.finish(run)
    client.force_login(staff(Role.ACCOUNTANT, street))

    page = client.get(reverse("admin:books_run", args=[run.pk])).content.decode()

    assert ("已完成" in page, "已取消" in page, "继续未完成的" in page) == (True, False, False)
    with pytest.raises(runs.RunRefused, match="已经做完"):
        runs.resume(run, by=None)


def test_what_a_lost_worker_of_a_stopped_run_had_posted_is_told_and_added_up(two):
    street = two[0].community.region.parent
    run = runs.start(SEPTEMBER, street)
    lost(run, 1)
    closing.close_batch(SEPTEMBER, [one.code for one in two])
    runs.cancel(run, by=None)

    during = runs.progress(run)
    sent = working.hand_out()

    assert (during.is_over, sent) == (False, 0)
    assert runs.progress(run).states == {"posted": 2}
    assert RegionMonth.objects.get(region=street, month=SEPTEMBER).communities == 2
    assert verify_ledger() == []
    run.refresh_from_db()
    assert run.finished_at is not None


def test_what_a_lost_worker_of_a_stopped_run_had_not_posted_rests_until_the_run_goes_on(two):
    street = two[0].community.region.parent
    run = runs.start(SEPTEMBER, street)
    lost(run, 1)
    closing.close_batch(SEPTEMBER, [two[0].code])
    runs.cancel(run, by=None)

    working.hand_out()

    after = runs.progress(run)
    assert (after.is_over, after.handled, run.batches.get().state) == (True, 0, CloseBatch.State.WAITING)
    assert RegionMonth.objects.get(region=street, month=SEPTEMBER).communities == 1
    runs.resume(run, by=None)
    assert runs.progress(worked_off(run)).states == {"posted": 2}


def test_nobody_orders_drafts_of_a_month_that_has_not_begun(two):
    street = two[0].community.region.parent
    this = Month.of(timezone.localdate())

    with pytest.raises(TooEarly, match="还没有开始"):
        runs.start(str(this.next()), street, closing.Goal.DRAFT)

    assert not CloseRun.objects.exists()
    assert runs.start(str(this), street, closing.Goal.DRAFT).pk


def test_the_page_offers_and_takes_no_drafts_of_a_month_that_has_not_begun(client, two):
    street = two[0].community.region.parent
    client.force_login(staff(Role.ACCOUNTANT, street))
    this = Month.of(timezone.localdate())

    offered = ["的草稿" in books(client, month) for month in (this, this.next())]
    answer = client.post(reverse("admin:books_run_start"), {"month": "2031-05", "region": street.pk})

    assert offered == [True, False]
    assert (answer.status_code, "还没有开始" in answer.content.decode()) == (409, True)
    assert not CloseRun.objects.exists()


def books(client, month: Month) -> str:
    return client.get(reverse("admin:books"), {"month": str(month)}).content.decode()


def test_a_stopped_run_goes_on_with_what_has_no_outcome_yet(two):
    run = runs.start(SEPTEMBER, two[0].community.region.parent, closing.Goal.DRAFT)
    done = CloseBatch.objects.create(
        run=run, number=2, codes=["1"], state="done", outcomes={"1": {"state": "draft"}}
    )
    runs.cancel(run, by=None)

    runs.resume(run, by=None)

    assert CloseBatch.objects.get(pk=done.pk) == done
    assert runs.progress(run).handled == 1
    worked_off(run)
    with pytest.raises(runs.RunRefused, match="已经做完"):
        runs.resume(run, by=None)


def test_the_page_asks_again_while_a_run_goes_on_and_is_loaded_anew_at_its_end(client, two):
    street = two[0].community.region.parent
    run = runs.start(SEPTEMBER, street, closing.Goal.DRAFT)
    client.force_login(staff(Role.ACCOUNTANT, street))
    url, asked = reverse("admin:books_run", args=[run.pk]), {"HX-Request": "true"}

    CloseRun.objects.update(created_at=timezone.now() - 2 * working.HEARTBEAT)
    before = client.get(url, headers=asked)
    worked_off(run)
    after = client.get(url, headers=asked)

    assert "every 2s" in before.content.decode()
    assert "没有后台程序在处理" in before.content.decode()
    assert "HX-Refresh" not in before
    assert (after["HX-Refresh"], "every 2s" in after.content.decode()) == ("true", False)


def test_the_list_says_of_each_run_how_far_it_is(client, two, break_books):
    street = two[0].community.region.parent
    going = runs.start(SEPTEMBER, street, closing.Goal.DRAFT)
    stopped = runs.start(SEPTEMBER, street, closing.Goal.DRAFT)
    runs.cancel(stopped, by=None)
    break_books(two[0].code)
    failed = ended(two[0])
    client.force_login(staff(Role.ACCOUNTANT, street))

    page = client.get(reverse("admin:billing_closerun_changelist"))

    told = {
        run.pk: str(page.context["cl"].model_admin.how_far(run)) for run in page.context["cl"].result_list
    }
    assert told == {going.pk: "进行中 0 / 2", stopped.pk: "已停下 0 / 2", failed.pk: "已结束，有出错的"}
    assert all(words in page.content.decode() for words in told.values())
