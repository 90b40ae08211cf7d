"""Load the readings of a batch's sub-meters: all of them, or only those a close can come upon."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db import connection

from billing.metering import KINDS, LATENESS, Reading, in_order
from billing.models import MeterRole, ReadingKind
from billing.money import QUANTITY

# From each meter's last reading before the period on, so that months gone by cost nothing. Where an
# estimate comes before that, the whole history, for an estimate counts until the meter has passed it.
READINGS = """
    SELECT r.meter_id, r.read_on, r.kind, (r.value * %(units)s)::bigint
    FROM billing_meter m
    CROSS JOIN LATERAL (
        SELECT CASE WHEN EXISTS (
            SELECT 1 FROM billing_reading e
            WHERE e.meter_id = m.id AND e.kind = %(estimated)s AND e.read_on < %(start)s
        ) THEN NULL ELSE (
            SELECT max(b.read_on) FROM billing_reading b WHERE b.meter_id = m.id AND b.read_on < %(start)s
        ) END AS since
    ) opening
    JOIN billing_reading r ON r.meter_id = m.id AND r.read_on >= coalesce(opening.since, '-infinity')
    WHERE m.community_id = ANY(%(codes)s) AND m.role = %(submeter)s
"""


def load_readings(codes: Iterable[str], start: date | None) -> dict[int, tuple[Reading, ...]]:
    """Return readings by meter, in order; those that periods from `start` on need, or all."""
    found: dict[int, list[Reading]] = defaultdict(list)
    values = {
        "units": 10**QUANTITY,
        "estimated": ReadingKind.ESTIMATED.value,
        "submeter": MeterRole.SUBMETER.value,
        "start": start + LATENESS if start else date.min,
        "codes": list(codes),
    }
    with connection.cursor() as cursor:
        cursor.execute(READINGS, values)
        for pk, read_on, kind, value in cursor.fetchall():
            found[pk].append(Reading(read_on, KINDS[kind], value))
    return {pk: in_order(readings) for pk, readings in found.items()}
