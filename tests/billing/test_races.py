"""Several people and deliveries at once, on real rows: each month is posted once."""

import threading
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from billing import closing
from billing.models import CloseState, CommunityMonth, Entry, MonthClose, UtilityBill
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
