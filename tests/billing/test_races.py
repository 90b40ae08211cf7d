"""Several people and deliveries at once, on real rows: each month is posted once."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from billing import closing, rollups
from billing.models import CloseState, CommunityMonth, Entry, MonthClose, RegionMonth, UtilityBill
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
SLOW_REGIONS = f"""
    CREATE FUNCTION wait_at_the_gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF current_setting('application_name') = 'slow' THEN PERFORM pg_advisory_xact_lock_shared({GATE}); END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER waits BEFORE INSERT ON billing_regionmonth FOR EACH ROW EXECUTE FUNCTION wait_at_the_gate()
"""


@contextmanager
def slow_to_write_regions() -> Iterator[None]:
    """Sessions named slow have added up the regions, but write none of them before the block ends."""
    with connection.cursor() as cursor:
        cursor.execute(SLOW_REGIONS)
        cursor.execute("SELECT pg_advisory_lock(%s)", [GATE])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [GATE])


@pytest.fixture
def _regions_as_ever() -> Iterator[None]:
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION wait_at_the_gate CASCADE")


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


@pytest.mark.usefixtures("_regions_as_ever")
def test_two_workers_that_add_up_one_region_at_once_leave_what_both_have_posted():
    first, second = world(), world()
    closing.close_batch(SEPTEMBER, [first.code])
    results: dict[str, Any] = {}

    def slow() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET application_name = 'slow'")
        rollups.build_region_months(SEPTEMBER)

    def quick() -> None:
        wait_until(lambda: waiting() == 1)
        closing.close_batch(SEPTEMBER, [second.code])
        rollups.build_region_months(SEPTEMBER)

    def run(call: Callable[[], None]) -> None:
        results[call.__name__] = at_once(call)[0]

    threads = [threading.Thread(target=run, args=[call]) for call in (slow, quick)]
    with slow_to_write_regions():
        for thread in threads:
            thread.start()
        wait_until(lambda: "quick" in results or waiting() == 2)  # through, or waiting for its turn
    for thread in threads:
        thread.join()

    assert results == {"slow": None, "quick": None}
    assert set(RegionMonth.objects.values_list("communities", flat=True)) >= {2}
    assert roll_up_faults() == []
