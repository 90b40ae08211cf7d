"""A batch costs the same number of queries whatever its size."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import closing
from tests.billing.worlds import SEPTEMBER, world

pytestmark = pytest.mark.django_db

QUERIES = 60


def queries_of(codes: list[str]) -> int:
    with CaptureQueriesContext(connection) as queries:
        outcomes = closing.close_batch(SEPTEMBER, codes)

    assert {one.state for one in outcomes} == {"posted"}
    return len(queries)


def test_closing_50_communities_costs_the_queries_of_one():
    one = queries_of([world().code])
    fifty = queries_of([world().code for _number in range(50)])

    assert one == fifty
    assert fifty <= QUERIES
