"""The floor of the bench: the rows of a close, all of them, written again under the same rules."""

import psycopg2
import pytest
from django.db import connection, transaction

from billing import closing
from billing.bench import floor
from tests.billing.worlds import SEPTEMBER, faults, world

pytestmark = pytest.mark.django_db(transaction=True)


def sizes() -> dict[str, int]:
    """The rows of every table there is."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        counts = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in tables)
        cursor.execute(counts)
        return dict(cursor.fetchall())


def test_the_floor_writes_every_row_that_a_close_adds():
    here = world()
    before = sizes()
    closing.close_batch(SEPTEMBER, [here.code])
    after = sizes()

    (batch,) = floor.take()

    added = {table: after[table] - before[table] for table in after if after[table] != before[table]}
    assert {table: body.count("\n") for table, body in batch.items() if body} == added


def test_the_floor_is_written_under_the_constraints_and_triggers_of_the_ledger():
    here = world()
    with transaction.atomic():
        closing.close_batch(SEPTEMBER, [here.code])
        batches = floor.take()
        transaction.set_rollback(True)
    unbalanced = [{**one, "billing_line": one["billing_line"].split("\n", 1)[1]} for one in batches]

    with pytest.raises(psycopg2.Error):
        floor.write(unbalanced)
    floor.write(batches)

    assert faults() == []
