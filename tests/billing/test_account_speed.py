"""Accounts at full size: figures for the eye, limits for the test."""

import pytest
from django.db import transaction

from billing.bench import reads
from tests.billing.worlds import world
from tests.factories import CommunityFactory

pytestmark = [pytest.mark.prove, pytest.mark.django_db(transaction=True)]


def test_an_account_with_a_million_lines_is_read_at_once():
    transaction.set_autocommit(True)
    found = reads.read_times(reads.long_account(world().community))

    print("\n" + ", ".join(f"{name} {value}" for name, value in found.items()))
    assert found["balance_ms"] < 5
    assert max(found.values()) < 50


def test_opening_one_more_account_among_20_000_is_quick():
    CommunityFactory.create_batch(100)
    reads.many_accounts()

    taken = reads.opening_time()

    print(f"\nopen_account_ms {taken}")
    assert taken < 20
