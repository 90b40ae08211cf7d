"""A batch costs no more queries and statements however large it is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from billing import closing
from tests.billing.worlds import SEPTEMBER, world

pytestmark = pytest.mark.django_db

QUERIES = 45


def queries_of(codes: list[str], goal: str = closing.Goal.POST) -> int:
    with CaptureQueriesContext(connection) as queries:
        outcomes = closing.close_batch(SEPTEMBER, codes, goal=goal)

    assert {one.state for one in outcomes} == {"posted" if goal == closing.Goal.POST else "draft"}
    return len(queries)


def test_closing_50_communities_costs_the_queries_of_one():
    one = queries_of([world().code])
    fifty = queries_of([world().code for _number in range(50)])

    assert one == fifty
    assert fifty <= QUERIES


@given(count=st.integers(0, 20_000))
def test_however_large_a_batch_is_its_rows_go_in_a_few_steps(count: int):
    claims = range(count)

    steps = list(closing._steps(claims))

    assert [claim for step in steps for claim in step] == list(claims)
    assert len(steps) <= closing.MOST_STEPS
