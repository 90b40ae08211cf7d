"""Load meters with their readings: all of these, or only those a close can come upon."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connection

from billing.books import Books
from billing.metering import KINDS, LATENESS, Meter, Reading, in_order
from billing.models import MeterRole, ReadingKind
from billing.money import QUANTITY, WEIGHT

# Of each meter the readings from the last one before the period on, so that months gone by cost nothing. Where
# an estimate comes before that, the whole history, for an estimate counts until the meter has passed it.
METERS = """
    SELECT m.community_id, m.facility_id, f.ref, m.role, m.utility, m.ref, coalesce(a.ref, ''),
        (m.multiplier * %(weight)s)::bigint, m.digits, r.days, r.kinds, r.figures
    FROM billing_meter m
    JOIN facilities_facility f ON f.id = m.facility_id
    LEFT JOIN services_agreement a ON a.id = m.agreement_id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN EXISTS (
            SELECT 1 FROM billing_reading e
            WHERE e.meter_id = m.id AND e.kind = %(estimated)s AND e.read_on < %(start)s
        ) THEN NULL ELSE (
            SELECT max(b.read_on) FROM billing_reading b WHERE b.meter_id = m.id AND b.read_on < %(start)s
        ) END AS since
    ) opening
    CROSS JOIN LATERAL (
        SELECT array_agg(read_on) AS days, array_agg(kind) AS kinds,
            array_agg((value * %(quantity)s)::bigint) AS figures
        FROM billing_reading
        WHERE meter_id = m.id AND read_on >= coalesce(opening.since, '-infinity')
    ) r
    WHERE m.community_id = ANY(%(codes)s) AND m.role = ANY(%(roles)s)
    ORDER BY m.ref
"""


def load_meters(books: dict[str, Books], start: date | None = None, *, masters: bool = False) -> None:
    """Put sub-meters, and master meters if wanted, into the books of their facilities.

    With the readings that periods from `start` on need, or all.
    """
    for code, facility_id, facility_ref, role, utility, meter in _meters(books, start, masters):
        facility = books[code].facility(facility_id, facility_ref)
        meters = facility.masters if role == MeterRole.MASTER else facility.meters
        meters.setdefault(utility, []).append(meter)


def _meters(codes: Iterable[str], start: date | None, masters: bool) -> Iterable[tuple[Any, ...]]:
    roles = [MeterRole.SUBMETER, MeterRole.MASTER] if masters else [MeterRole.SUBMETER]
    values = {
        "weight": 10**WEIGHT,
        "quantity": 10**QUANTITY,
        "estimated": ReadingKind.ESTIMATED.value,
        "roles": [role.value for role in roles],
        "start": start + LATENESS if start else date.min,
        "codes": list(codes),
    }
    with connection.cursor() as cursor:
        cursor.execute(METERS, values)
        for *place, ref, owner, multiplier, digits, days, kinds, figures in cursor.fetchall():
            yield *place, Meter(ref, _readings(days, kinds, figures), owner, multiplier, digits)


def _readings(
    days: list[date] | None, kinds: list[str] | None, figures: list[int] | None
) -> tuple[Reading, ...]:
    rows = zip(days or (), kinds or (), figures or (), strict=True)
    return in_order(Reading(day, KINDS[kind], figure) for day, kind, figure in rows)
