"""How long a run still takes: from its start on, told as it is, at a constant number of queries."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from billing import closing, runs, working
from billing.models import CloseBatch, CloseRun
from portal.access import Role
from tests.billing.test_runs import two, worked_off
from tests.billing.worlds import SEPTEMBER
from tests.factories import staff

__all__ = ["two"]
pytestmark = pytest.mark.django_db


def test_before_its_first_batch_has_ended_a_run_is_reckoned_by_the_last_one_of_its_kind(client, two):
    street = two[0].community.region.parent
    client.force_login(staff(Role.ACCOUNTANT, street))
    now = timezone.now()

    run = runs.start(SEPTEMBER, street, closing.Goal.DRAFT)
    unknown = shown(client, run)
    for goal, took in ((closing.Goal.POST, 2), (closing.Goal.DRAFT, 40), (closing.Goal.DRAFT, 80)):
        earlier = worked_off(runs.start(SEPTEMBER, street, goal))
        CloseRun.objects.filter(pk=earlier.pk).update(
            created_at=now, finished_at=now + dt.timedelta(seconds=took)
        )
    known = runs.progress(run).seconds_left

    assert "正在估算还要多久" in unknown
    assert known == pytest.approx(80, abs=15)
    assert "约还要" in shown(client, run)


def test_a_run_that_takes_longer_than_reckoned_says_so_and_counts_to_no_second(client, two):
    street = two[0].community.region.parent
    run = runs.start(SEPTEMBER, street, closing.Goal.DRAFT)
    began = timezone.now() - dt.timedelta(seconds=25)
    CloseRun.objects.update(created_at=began)
    batch = working._claim(run.pk, 1)
    assert batch is not None
    CloseBatch.objects.create(
        run=run, number=2, codes=["1"] * 3, state="done", finished_at=began + dt.timedelta(seconds=3),
        outcomes={str(number): {"state": "draft"} for number in range(3)},
    )  # fmt: skip
    client.force_login(staff(Role.ACCOUNTANT, street))

    page = shown(client, run)

    assert "比预计久，还在做最后 2 个社区" in page
    assert "约还要" not in page


def shown(client, run: CloseRun) -> str:
    return client.get(
        reverse("admin:books_run", args=[run.pk]), headers={"HX-Request": "true"}
    ).content.decode()


def test_watching_a_run_costs_three_queries_and_one_more_until_a_batch_has_ended(
    two, django_assert_num_queries
):
    run = runs.start(SEPTEMBER, two[0].community.region.parent)

    with django_assert_num_queries(4):
        runs.progress(run)
    worked_off(run)
    with django_assert_num_queries(3):
        runs.progress(run)


def test_the_time_left_is_reckoned_from_when_the_run_went_on(two):
    run = runs.start(SEPTEMBER, two[0].community.region.parent)
    batch = run.batches.get()
    codes = {"state": "done", "codes": ["1"] * 3, "outcomes": {str(n): {"state": "posted"} for n in range(3)}}
    now = timezone.now()
    CloseRun.objects.update(created_at=now - dt.timedelta(days=3), resumed_at=now - dt.timedelta(seconds=30))
    for number, ended in ((2, now - dt.timedelta(days=2)), (3, now - dt.timedelta(seconds=1))):
        CloseBatch.objects.create(run=run, number=number, finished_at=ended, **codes)

    left = runs.progress(run).seconds_left

    assert len(batch.codes) == 2
    assert left == pytest.approx(29 / 3 * 2 - 1, abs=1)
