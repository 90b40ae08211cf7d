"""Region months: the posted months of all communities below a region, added up (a job after the batches)."""

from collections.abc import Iterator

from django.db import connection, transaction

from billing.models.rollups import Figures

_NAMES = ", ".join(Figures.FIELDS)


def _columns(row: str) -> str:
    """What a region month adds up, as columns of a row."""
    return ", ".join(f"{row}.{name}" for name in ("communities", "in_shortfall", *Figures.FIELDS))


# One row per region above a posted month: the levels by their prefix, and development zones by what they manage.
REGION_SUMS = f"""
    SELECT region_id, month, count(*) AS communities, count(*) FILTER (WHERE closing < 0) AS in_shortfall,
        {", ".join(f"sum({name}) AS {name}" for name in Figures.FIELDS)}
    FROM (
        SELECT rpad(left(m.community_id, length), 12, '0') AS region_id, m.*
        FROM billing_communitymonth m JOIN billing_monthclose c ON c.id = m.close_id AND c.state = 'posted'
        CROSS JOIN (VALUES (2), (4), (6), (9)) AS levels (length)
        WHERE m.community_id LIKE %(within)s
        UNION ALL
        SELECT DISTINCT r.managed_by_id, m.*
        FROM billing_communitymonth m JOIN billing_monthclose c ON c.id = m.close_id AND c.state = 'posted'
        JOIN facilities_region r ON r.managed_by_id IS NOT NULL AND m.community_id LIKE r.prefix || '%%'
        WHERE m.community_id LIKE %(within)s
    ) every
    WHERE month = %(month)s
    GROUP BY region_id, month
"""

DIFFERENCES = f"""
    SELECT coalesce(s.region_id, r.region_id) || ' ' || %(month)s,
        coalesce(NULLIF(concat_ws(' / ', {_columns("s")}), ''), '∅')
        || ' ≠ ' || coalesce(NULLIF(concat_ws(' / ', {_columns("r")}), ''), '∅')
    FROM ({REGION_SUMS}) s
    FULL JOIN (SELECT * FROM billing_regionmonth WHERE month = %(month)s) r ON r.region_id = s.region_id
    WHERE ({_columns("s")}) IS DISTINCT FROM ({_columns("r")})
"""

MONTHS = """
    SELECT month FROM billing_monthclose WHERE state = 'posted' UNION SELECT month FROM billing_regionmonth ORDER BY 1
"""

PROVINCE = 2  # digits of a code; no region that adds up communities lies in two of them
ADDING_UP = 0x61646475  # the class of these locks among all advisory ones
TURN = "SELECT pg_advisory_xact_lock(%s, hashtext(%s))"


def build_region_months(month: str, province: str = "") -> None:
    """Build the region months of a month anew, those of one province or all; what has no sum any more goes."""
    updates = ", ".join(
        f"{name} = excluded.{name}" for name in ("communities", "in_shortfall", *Figures.FIELDS)
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TURN, [ADDING_UP, month])  # one after the other: the last one has seen every posting
        cursor.execute(
            f"WITH sums AS ({REGION_SUMS}), gone AS ("
            "  DELETE FROM billing_regionmonth WHERE month = %(month)s AND region_id LIKE %(within)s"
            "  AND region_id NOT IN (SELECT region_id FROM sums))"
            f" INSERT INTO billing_regionmonth (region_id, month, communities, in_shortfall, {_NAMES})"
            " SELECT s.* FROM sums s JOIN facilities_region r ON r.code = s.region_id"
            f" ON CONFLICT (region_id, month) DO UPDATE SET {updates}",
            {"month": month, "within": f"{province}%"},
        )


def differences() -> Iterator[tuple[str, str]]:
    """Where region months are not the sum of their communities' posted months, and how; a month at a time."""
    with connection.cursor() as cursor:
        cursor.execute(MONTHS)
        for (month,) in cursor.fetchall():
            cursor.execute(DIFFERENCES, {"month": month, "within": "%"})
            yield from cursor.fetchall()
