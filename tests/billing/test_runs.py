"""A run's end: what failed or was blocked is told, and can be tried again by itself."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.urls import reverse

from billing import closing, runs
from billing.models import CloseBatch, CloseRun, CloseState
from facilities.models import Region
from portal.access import Role
from tests.billing.worlds import SEPTEMBER, World, world
from tests.factories import staff

pytestmark = pytest.mark.django_db

REFUSING = """
    CREATE FUNCTION refuse_broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.community_id = current_setting('test.broken', true) THEN RAISE 'a secret of the books'; END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER refuse_broken BEFORE INSERT ON billing_monthclose
    FOR EACH ROW EXECUTE FUNCTION refuse_broken()
"""


@pytest.fixture
def two(break_books) -> tuple[World, World]:
    """Two communities of one street; the trigger first, as a table with changes pending takes none."""
    first = world()
    return first, world(region__parent=first.community.region.parent)


@pytest.fixture
def break_books() -> Callable[[str], None]:
    """Have the database refuse the months of one community, or of none."""
    with connection.cursor() as cursor:
        cursor.execute(REFUSING)

    def set_to(code: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('test.broken', %s, true)", [code])

    return set_to


def ended(here: World, goal: str = closing.Goal.POST) -> CloseRun:
    """A run over the street, worked off in this process."""
    run = runs.start(SEPTEMBER, Region.objects.get(pk=here.community.region.parent_id), goal)
    return worked_off(run)


def worked_off(run: CloseRun) -> CloseRun:
    for batch in run.batches.all():
        CloseBatch.objects.filter(pk=batch.pk).update(attempts=runs.MOST_ATTEMPTS - 1)  # the last try
        runs.run_batch(run.pk, batch.number)
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
