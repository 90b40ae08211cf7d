"""Load how far the books of a batch of communities are posted."""

from collections.abc import Iterable

from django.db import connection

from billing.books import Chain
from billing.funds import FUNDS
from billing.models import CloseState
from billing.money import MONEY
from portal.months import Month

_CLOSINGS = ["closing" if fund == "utility" else f"{fund}_closing" for fund in FUNDS]

# The month before is looked up by itself, so that years gone by cost no more than their ends.
CHAINS = f"""
    SELECT c.code, ends.first, ends.posted, last.digest, last.last_entry,
        {", ".join(f"(last.{name} * %(money)s)::bigint" for name in _CLOSINGS)}
    FROM unnest(%(codes)s::text[]) AS c (code)
    CROSS JOIN LATERAL (
        SELECT coalesce(min(month), '') AS first, coalesce(max(month) FILTER (WHERE state = %(posted)s), '') AS posted
        FROM billing_monthclose WHERE community_id = c.code
    ) ends
    LEFT JOIN LATERAL (
        SELECT m.*, k.digest, k.last_entry
        FROM billing_communitymonth m JOIN billing_monthclose k ON k.id = m.close_id AND k.state = %(posted)s
        WHERE m.community_id = c.code AND m.month = %(before)s
    ) last ON true
"""


def load_chains(month: Month, codes: Iterable[str]) -> dict[str, Chain]:
    """How far each community is, and the closing of its last posted month."""
    asked = {
        "codes": list(codes),
        "before": str(month.previous()),
        "posted": CloseState.POSTED.value,
        "money": 10**MONEY,
    }
    with connection.cursor() as cursor:
        cursor.execute(CHAINS, asked)
        return {code: _chain(*row) for code, *row in cursor.fetchall()}


def _chain(first: str, posted: str, digest: str | None, last_entry: int | None, *closing: int) -> Chain:
    if digest is None or last_entry is None:
        return Chain(first, posted)
    return Chain(first, posted, digest, dict(zip(FUNDS, closing, strict=True)), last_entry)
