"""The floor: the rows of a real close written again by COPY, and nothing else.

One connection, the same tables with their constraints and triggers, the same batches and commits. The
updates that a close makes of its inputs (bills taken, revenue used) are not in the floor.
"""

import io
import time
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from billing import runs

_OF_CLOSE = "JOIN billing_monthclose c ON c.id = r.close_id WHERE c.community_id = ANY(%s)"
ROWS = {
    "billing_billsharing": _OF_CLOSE,
    "billing_share": "JOIN billing_billsharing s ON s.id = r.sharing_id"
    " JOIN billing_monthclose c ON c.id = s.close_id WHERE c.community_id = ANY(%s)",
    "billing_charge": _OF_CLOSE,
    "billing_rebate": _OF_CLOSE,
    "billing_communitymonth": "WHERE r.community_id = ANY(%s)",
    "billing_account": "WHERE r.community_id = ANY(%s)",
    "billing_entry": _OF_CLOSE,
    "billing_line": "JOIN billing_entry e ON e.id = r.entry_id"
    " JOIN billing_monthclose c ON c.id = e.close_id WHERE c.community_id = ANY(%s)",
    "billing_accountmonth": "JOIN billing_account a ON a.id = r.account_id WHERE a.community_id = ANY(%s)",
    "portal_auditentry": "WHERE r.action LIKE 'month.%%' AND r.region_id = ANY(%s)",
    "billing_monthclose": "WHERE r.community_id = ANY(%s)",  # last: a posted month takes no more rows
}

Batch = dict[str, str]


def take() -> list[Batch]:
    """Take the rows of the close that has just been made, batch by batch."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(community_id ORDER BY community_id) FROM billing_monthclose")
        (codes,) = cursor.fetchone()
        return [_batch(cursor, part) for part in runs.batches(codes)]


def _batch(cursor: Any, codes: Sequence[str]) -> Batch:
    batch = {}
    for table, where in ROWS.items():
        body = io.StringIO()
        query = cursor.mogrify(f"SELECT r.* FROM {table} r {where}", [list(codes)]).decode()
        cursor.copy_expert(f"COPY ({query}) TO STDOUT", body)
        batch[table] = body.getvalue()
    return batch


def write(batches: list[Batch]) -> float:
    """Write them into a database without that close; return the seconds it took."""
    connection.ensure_connection()
    began = time.monotonic()
    for batch in batches:
        with transaction.atomic(), connection.cursor() as cursor:
            for table, body in batch.items():
                cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO(body))
    return time.monotonic() - began
