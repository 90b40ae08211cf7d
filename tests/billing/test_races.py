"""Several people and deliveries at once, on real rows: each month is posted once."""

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from billing import closing, rollups, runs, working
from billing.models import (
    CloseBatch,
    CloseState,
    CommunityMonth,
    Entry,
    MonthClose,
    Rebate,
    RegionMonth,
    Revenue,
    UtilityBill,
)
from billing.verification import roll_up_faults
from portal import inputs
from tests.billing.worlds import SEPTEMBER, faults, world
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run every call in a thread of its own, started together; return their results or errors."""
    start, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(index: int, call: Callable[[], Any]) -> None:
        start.wait()
        try:
            results[index] = call()
        except Exception as error:  # noqa: BLE001 - handed to the test
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_a_month_closed_by_five_at_once_is_posted_once():
    codes = [world().code for _number in range(3)]

    results = at_once(*[lambda: closing.close_batch(SEPTEMBER, codes)] * 5)

    assert [{one.state for one in outcomes} for outcomes in results] == [{"posted"}] * 5
    assert Entry.objects.count() == 3 * entries_of_one()
    assert faults() == []


def entries_of_one() -> int:
    return MonthClose.objects.posted().first().last_entry


def test_a_draft_and_a_posting_at_once_end_posted():
    here = world()

    at_once(
        lambda: closing.draft(SEPTEMBER, [here.code]),
        lambda: closing.close_batch(SEPTEMBER, [here.code]),
        lambda: closing.draft(SEPTEMBER, [here.code]),
    )

    assert MonthClose.objects.get().state == CloseState.POSTED
    assert faults() == []


def test_two_approvers_confirm_and_it_is_posted_once():
    here, first, second = world(), UserFactory(), UserFactory()
    closing.draft(SEPTEMBER, [here.code])
    draft = MonthClose.objects.get()

    results = at_once(lambda: closing.confirm(draft, by=first), lambda: closing.confirm(draft, by=second))

    assert any(isinstance(one, closing.Outcome) and one.state == CloseState.POSTED for one in results)
    assert Entry.objects.count() == MonthClose.objects.get().last_entry
    assert faults() == []


def test_batches_that_overlap_in_opposite_order_both_end():
    codes = [world().code for _number in range(4)]

    results = at_once(
        lambda: closing.close_batch(SEPTEMBER, codes), lambda: closing.close_batch(SEPTEMBER, codes[::-1])
    )

    assert all(isinstance(one, list) for one in results), results
    assert MonthClose.objects.posted().count() == 4


def test_a_first_close_waits_for_inputs_being_changed_and_uses_them():
    here = world()

    def change() -> None:
        with transaction.atomic():
            inputs.hold([here.code])
            time.sleep(0.5)
            UtilityBill.objects.filter(pk=here.bill.pk).update(amount=Decimal("500.00"))

    def close() -> list[closing.Outcome]:
        time.sleep(0.2)
        return closing.close_batch(SEPTEMBER, [here.code])

    at_once(change, close)

    assert CommunityMonth.objects.get().bill_out == Decimal("500.00")


GATE = 77
WAIT_AT_THE_GATE = f"""
    CREATE FUNCTION wait_at_the_gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF current_setting('application_name') = 'slow' THEN PERFORM pg_advisory_xact_lock_shared({GATE}); END IF;
        RETURN NEW;
    END $$
"""


@pytest.fixture
def slow_to_write() -> Iterator[Callable[[str], AbstractContextManager[None]]]:
    """Within the block sessions named slow write no row of the table; what they write from, they have read."""

    @contextmanager
    def gate(table: str) -> Iterator[None]:
        with connection.cursor() as cursor:
            cursor.execute(WAIT_AT_THE_GATE)
            cursor.execute(
                f"CREATE TRIGGER waits BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION wait_at_the_gate()"
            )
            cursor.execute("SELECT pg_advisory_lock(%s)", [GATE])
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [GATE])

    yield gate
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION wait_at_the_gate CASCADE")


def slowly(call: Callable[[], Any]) -> Callable[[], Any]:
    """The call, in a session named slow."""

    def run() -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SET application_name = 'slow'")
        return call()

    return run


def waiting() -> int:
    """How many sessions wait for an advisory lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return int(cursor.fetchone()[0])


def wait_until(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_two_workers_that_add_up_one_region_at_once_leave_what_both_have_posted(slow_to_write):
    first, second = world(), world()
    closing.close_batch(SEPTEMBER, [first.code])

    def quick() -> None:
        closing.close_batch(SEPTEMBER, [second.code])
        rollups.build_region_months(SEPTEMBER)

    with ThreadPoolExecutor(2) as threads, slow_to_write("billing_regionmonth"):
        slow = threads.submit(at_once, slowly(lambda: rollups.build_region_months(SEPTEMBER)))
        wait_until(lambda: waiting() == 1)
        other = threads.submit(at_once, quick)
        wait_until(lambda: other.done() or waiting() == 2)  # through, or waiting for its turn

    assert (slow.result(), other.result()) == ([None], [None])
    assert set(RegionMonth.objects.values_list("communities", flat=True)) >= {2}
    assert roll_up_faults() == []


def test_who_comes_second_waits_before_reading_anything(slow_to_write):
    here = world()

    with ThreadPoolExecutor(2) as threads, slow_to_write("billing_billsharing"):
        threads.submit(at_once, slowly(lambda: closing.close_batch(SEPTEMBER, [here.code])))
        wait_until(lambda: waiting() == 1)
        second = threads.submit(at_once, lambda: closing.close_batch(SEPTEMBER, [here.code]))
        wait_until(lambda: waiting() == 2)

    assert [outcome.state for outcome in second.result()[0]] == [CloseState.POSTED]
    assert faults() == []


def test_a_figure_that_changes_behind_a_close_is_the_one_it_uses(slow_to_write):
    here = world()

    with ThreadPoolExecutor(1) as threads, slow_to_write("billing_billsharing"):
        threads.submit(at_once, slowly(lambda: closing.close_batch(SEPTEMBER, [here.code])))
        wait_until(lambda: waiting() == 1)
        Revenue.objects.update(amount=Decimal("1000.00"))

    assert Rebate.objects.get().base == Revenue.objects.get().posted_amount == Decimal("1000.00")
    assert faults() == []


def test_a_worker_says_while_it_works_that_it_is_alive(monkeypatch):
    monkeypatch.setattr(working, "HEARTBEAT", dt.timedelta(seconds=0.05))
    run = runs.start(SEPTEMBER, world().community.region)
    batch = working._claim(run.pk, 1)

    with working._heartbeat(batch):
        wait_until(lambda: CloseBatch.objects.get(pk=batch.pk).heartbeat_at > batch.heartbeat_at)
    ended = CloseBatch.objects.get(pk=batch.pk).heartbeat_at
    time.sleep(0.2)

    assert CloseBatch.objects.get(pk=batch.pk).heartbeat_at == ended
